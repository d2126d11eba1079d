#include "tests/simulation/simulated_service.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "tests/simulation/checks.h"

namespace connreg::simulation {
namespace {

uint64_t NumberOf(Epoch epoch) { return static_cast<uint64_t>(epoch); }

std::string Describe(const RowBatch& batch) {
  return absl::StrCat(
      batch.kind == RowBatch::Kind::kSnapshot ? "snapshot" : "delta",
      batch.first ? " first" : "", batch.last ? " last" : "", " seq ",
      batch.seq, " gone ", batch.gone_listeners.size(), "+",
      batch.gone_connections.size(), " there ", batch.listeners.size(), "+",
      batch.connections.size(), " ended ", batch.ended.size());
}

}  // namespace

SimulatedService::SimulatedService(World& world, const Options& options)
    : world_(world), options_(options), clock_(world.timeline) {
  Begin();
}

void SimulatedService::Begin() {
  Registry::Options options = options_.registry;
  options.run_id = absl::StrCat("run-", ++run_);
  options.hash_key = {world_.dice.Next(), world_.dice.Next()};
  registry_ = std::make_unique<Registry>(options, clock_);
  rules_ = std::make_unique<SessionRules>(world_.trace);
  expected_ = ExpectedRows();
  divergences_due_ = 0;
  world_.timeline.After(options_.upkeep_interval,
                        [this, run = run_] { Upkeep(run); });
}

void SimulatedService::Restart(absl::Duration pause) {
  if (registry_ == nullptr) return;
  world_.trace.Note("service ends");
  registry_.reset();
  still_since_.reset();
  backlog_.clear();
  for (auto& [number, session] : sessions_) session.stream->LeaveService();
  sessions_.clear();
  world_.timeline.After(pause, [this] { GoOn(); });
}

void SimulatedService::Stall(absl::Duration duration) {
  if (!is_up()) return;
  world_.trace.Note("service stands still");
  still_since_ = world_.timeline.now();
  world_.timeline.After(duration, [this] { GoOn(); });
}

void SimulatedService::GoOn() {
  if (is_up()) return;
  world_.trace.Note("service goes on");
  if (registry_ == nullptr) return Begin();
  const absl::Duration stall =
      world_.timeline.now() - *std::exchange(still_since_, std::nullopt);
  // Whether upkeep or the streams are served first is chance.
  const bool upkeep_first = world_.dice.OneIn(2);
  if (upkeep_first) registry_->NoteStall(stall);
  for (auto& [stream, said] : std::exchange(backlog_, {})) Serve(*stream, said);
  if (upkeep_first) return;
  registry_->NoteStall(stall);
  longest_late_stall_ = std::max(longest_late_stall_, stall);
}

void SimulatedService::Hear(Stream& stream, ToService said) {
  if (registry_ == nullptr) return stream.LeaveService();
  if (still_since_)
    backlog_.emplace_back(&stream, std::move(said));
  else
    Serve(stream, said);
}

void SimulatedService::Serve(Stream& stream, const ToService& said) {
  if (std::holds_alternative<Connect>(said)) {
    sessions_[stream.number()] = {.stream = &stream};
  } else if (!sessions_.contains(stream.number())) {
    stream.LeaveService();
  } else if (std::holds_alternative<Hangup>(said)) {
    Lose(stream);
  } else {
    ServeMessage(stream, std::get<AgentMessage>(said));
  }
}

void SimulatedService::ServeMessage(Stream& stream,
                                    const AgentMessage& message) {
  Session& session = sessions_[stream.number()];
  if (const auto* opening = std::get_if<SessionOpening>(&message)) {
    if (session.epoch) world_.trace.Fail("an agent opens a session twice");
    return ServeOpening(stream, session, *opening);
  }
  if (!session.epoch) return world_.trace.Fail("an agent opens no session");
  if (const auto* batch = std::get_if<RowBatch>(&message)) {
    ServeBatch(stream, session, *batch);
  } else if (const auto* keep_alive = std::get_if<KeepAlive>(&message)) {
    ServeKeepAlive(stream, session, *keep_alive);
  } else {
    ServeGoodbye(stream, session, std::get<Goodbye>(message));
  }
}

void SimulatedService::ServeOpening(Stream& stream, Session& session,
                                    const SessionOpening& opening) {
  const uint64_t before = revision();
  std::optional<Epoch> superseded;
  absl::StatusOr<SessionWelcome> welcome =
      registry_->OpenSession(opening, &superseded);
  if (!welcome.ok()) {
    world_.trace.Note(opening.instance,
                      " refused: ", welcome.status().ToString());
    rules_->NoteRefusal(opening, welcome.status());
    return Refuse(stream, welcome.status());
  }
  rules_->NoteWelcome(opening, welcome->epoch, world_.timeline.now());
  if (superseded)
    EndStreamOf(*superseded, absl::AbortedError("another session has begun"));
  session.epoch = welcome->epoch;
  session.reporter = opening.reporter;
  const bool changes = expected_.Open(opening);
  if (!changes && revision() != before)
    world_.trace.Fail("opening a session made an event");
  const ReporterRows* const rows = expected_.Find(opening.reporter);
  const RowDigest digest = rows == nullptr ? RowDigest() : rows->digest();
  if (welcome->snapshot_wanted != (digest != opening.digest))
    world_.trace.Fail("the registry has ", digest.rows, " rows, ",
                      opening.instance, " has ", opening.digest.rows,
                      ", and a snapshot is ",
                      welcome->snapshot_wanted ? "" : "not ", "wanted");
  world_.trace.Note(opening.instance, " welcomed as ", NumberOf(welcome->epoch),
                    welcome->snapshot_wanted ? ", snapshot wanted" : "");
  welcome->max_rows = options_.max_rows;
  stream.Answer(*welcome);
}

void SimulatedService::ServeBatch(Stream& stream, const Session& session,
                                  RowBatch batch) {
  if (RowCount(batch) > options_.max_rows)
    world_.trace.Fail("a batch has ", RowCount(batch), " rows");
  rows_heard_ += RowCount(batch);
  LoseARowOf(&batch);
  const uint64_t before = revision();
  const absl::StatusOr<Ack> ack = registry_->Apply(*session.epoch, batch);
  if (!ack.ok()) return Refuse(stream, ack.status());
  rules_->NoteTaken(session.reporter, *session.epoch, world_.timeline.now());
  if (ack->seq != batch.seq) world_.trace.Fail("ack of seq ", ack->seq);
  const bool changes = expected_.Apply(session.reporter, batch, *ack);
  world_.trace.Note(
      "epoch ", NumberOf(*session.epoch), " ", Describe(batch), " refused ",
      ack->refused_listeners.size() + ack->refused_connections.size(),
      " revision ", revision());
  if (!changes && batch.ended.empty() && revision() != before)
    world_.trace.Fail("a batch that changes nothing made an event");
  if (world_.dice.OneIn(6))
    CheckVisible(*registry_, session.reporter, batch, *ack, world_);
  stream.Answer(*ack);
}

void SimulatedService::ServeKeepAlive(Stream& stream, const Session& session,
                                      const KeepAlive& keep_alive) {
  const absl::StatusOr<Ack> ack = registry_->Apply(*session.epoch, keep_alive);
  if (!ack.ok()) return Refuse(stream, ack.status());
  rules_->NoteTaken(session.reporter, *session.epoch, world_.timeline.now());
  if (keep_alive.digest) {
    const ReporterRows* const rows = expected_.Find(session.reporter);
    const bool is_wrong =
        (rows == nullptr ? RowDigest() : rows->digest()) != *keep_alive.digest;
    if (is_wrong) ++divergences_due_;
    if (is_wrong && !has_lost_a_row_)
      world_.trace.Fail(session.reporter.host, " claims ",
                        keep_alive.digest->rows, " rows and is wrong");
    if (is_wrong != ack->snapshot_wanted)
      world_.trace.Fail("a claim is ", is_wrong ? "wrong" : "right",
                        ", and the registry says otherwise");
  }
  world_.trace.Note("epoch ", NumberOf(*session.epoch), " keep-alive",
                    keep_alive.digest ? " with a claim" : "",
                    ack->has_room ? ", has room" : "");
  stream.Answer(*ack);
}

void SimulatedService::ServeGoodbye(Stream& stream, const Session& session,
                                    const Goodbye& goodbye) {
  world_.trace.Note("epoch ", NumberOf(*session.epoch), " says goodbye",
                    goodbye.remove ? " and removes" : "");
  if (goodbye.remove && rules_->IsAttached(session.reporter, *session.epoch))
    Forget(session.reporter);
  registry_->EndSession(*session.epoch, goodbye);
  rules_->NoteEnd(session.reporter, *session.epoch);
  sessions_.erase(stream.number());
  stream.Answer(absl::OkStatus());
}

void SimulatedService::Lose(Stream& stream) {
  const Session session = sessions_[stream.number()];
  sessions_.erase(stream.number());
  if (!session.epoch) return;
  world_.trace.Note("epoch ", NumberOf(*session.epoch), " is lost");
  registry_->LoseSession(*session.epoch);
  rules_->NoteEnd(session.reporter, *session.epoch);
}

void SimulatedService::Refuse(Stream& stream, const absl::Status& status) {
  if (absl::IsInvalidArgument(status))
    world_.trace.Fail("an agent said what is never right: ", status.ToString());
  stream.Answer(status);
  Lose(stream);
}

void SimulatedService::EndStreamOf(Epoch epoch, const absl::Status& status) {
  rules_->NoteLapse(epoch);
  const auto ended = std::find_if(
      sessions_.begin(), sessions_.end(),
      [epoch](const auto& one) { return one.second.epoch == epoch; });
  if (ended == sessions_.end()) return;
  ended->second.stream->Answer(status);
  sessions_.erase(ended);
}

void SimulatedService::LoseARowOf(RowBatch* batch) {
  if (!loses_a_row_ || batch->connections.empty()) return;
  world_.trace.Note("a row is lost");
  batch->connections.pop_back();
  loses_a_row_ = false;
  has_lost_a_row_ = true;
}

void SimulatedService::Forget(const Reporter& reporter) {
  expected_.Remove(reporter);
  rules_->NoteForgotten(reporter);
}

void SimulatedService::Upkeep(uint64_t run) {
  if (run != run_ || registry_ == nullptr) return;
  world_.timeline.After(options_.upkeep_interval, [this, run] { Upkeep(run); });
  if (still_since_) return;
  const Registry::Changes changes = registry_->Advance();
  for (const Reporter& reporter : changes.stale)
    world_.trace.Note(reporter.host, " is stale");
  for (const auto* gone : {&changes.expired, &changes.ended}) {
    for (const Reporter& reporter : *gone) {
      world_.trace.Note(reporter.host, " ", reporter.name, " has ended");
      Forget(reporter);
    }
  }
  for (const Epoch epoch : changes.lapsed_sessions) {
    world_.trace.Note("epoch ", NumberOf(epoch), " has lapsed");
    EndStreamOf(epoch, absl::AbortedError("the lease has lapsed"));
  }
}

}  // namespace connreg::simulation
