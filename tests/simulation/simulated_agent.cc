#include "tests/simulation/simulated_agent.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "tests/simulation/look.h"

namespace connreg::simulation {
namespace {

// How many events the kernel keeps for the agent.
constexpr size_t kMaxEvents = 64;
// How often what remains of half-closed connections is asked about.
constexpr absl::Duration kHalfClosedInterval = absl::Milliseconds(250);
// How many connections that have ended an agent may keep, with few rows.
constexpr size_t kMaxEnded = 1000;
// How many steps a session may take at once.
constexpr int kMaxSteps = 10'000;

}  // namespace

SimulatedAgent::SimulatedAgent(World& world, const Options& options,
                               const KernelModel& kernel, const Clock& clock,
                               OpenStream open_stream)
    : world_(world),
      options_(options),
      kernel_(kernel),
      open_stream_(std::move(open_stream)),
      ledger_(std::make_unique<Ledger>()),
      session_(std::make_unique<Session>(
          options.session, *ledger_, clock,
          [this] { return world_.dice.Fraction(); })) {
  world_.trace.Note(options_.session.instance, " starts");
  session_->SetInterval(options_.interval);
  LookAgainAfter(absl::ZeroDuration());
  world_.timeline.After(kHalfClosedInterval, [this] { AskOfHalfClosed(); });
}

void SimulatedAgent::Kill(bool told) {
  if (!runs()) return;
  world_.trace.Note(options_.session.instance, " ends");
  if (stream_ != nullptr) stream_->LeaveAgent(told);
  stream_ = nullptr;
  session_.reset();
  ledger_.reset();
  look_.reset();
  events_.clear();
  inbox_.clear();
}

void SimulatedAgent::Pause() {
  world_.trace.Note(options_.session.instance, " is stopped");
  is_paused_ = true;
}

void SimulatedAgent::Resume() {
  if (!std::exchange(is_paused_, false) || !runs()) return;
  world_.trace.Note(options_.session.instance, " goes on");
  if (std::exchange(look_is_due_, false)) {
    if (look_)
      FinishLook();
    else
      BeginLook();
  }
  Act();
}

void SimulatedAgent::Leave(bool remove) {
  if (!runs() || is_leaving_) return;
  world_.trace.Note(options_.session.instance, " leaves");
  is_leaving_ = true;
  if (stream_ == nullptr) return Kill(/*told=*/true);
  session_->Leave({.remove = remove});
  Act();
}

void SimulatedAgent::BreakStream(bool tell_agent, bool tell_service) {
  if (stream_ != nullptr) stream_->Break(tell_agent, tell_service);
}

void SimulatedAgent::NoteDestroyed(const DestroyEvent& event) {
  if (!runs() || !Watches(event.netns)) return;
  if (events_.size() >= kMaxEvents) return LoseEvents();
  events_.push_back(event);
  world_.timeline.After(
      world_.dice.Between(absl::ZeroDuration(), absl::Milliseconds(30)),
      [this] { Act(); });
}

void SimulatedAgent::LoseEvents() {
  if (!runs()) return;
  world_.trace.Note(options_.session.instance, " loses events");
  events_.clear();
  LookAgainAfter(absl::ZeroDuration());
}

void SimulatedAgent::Act() {
  if (!runs() || is_paused_) return;
  ReadEvents();
  while (!inbox_.empty()) {
    ToAgent said = std::move(inbox_.front());
    inbox_.pop_front();
    Hear(std::move(said));
    if (!runs()) return;
  }
  for (int steps = 0; DoNext(); ++steps) {
    if (steps < kMaxSteps) continue;
    return world_.trace.Fail(options_.session.instance, " never waits");
  }
}

void SimulatedAgent::Hear(ToAgent said) {
  if (std::holds_alternative<Accepted>(said)) {
    is_accepted_ = true;
    session_->NoteOpened();
  } else if (const auto* message = std::get_if<RegistryMessage>(&said)) {
    session_->Take(*message);
  } else if (const auto* status = std::get_if<absl::Status>(&said)) {
    world_.trace.Note(options_.session.instance,
                      " lost its stream: ", status->message());
    stream_ = nullptr;
    if (is_leaving_) return Kill(/*told=*/true);
    session_->NoteLost(*status);
  }
}

bool SimulatedAgent::DoNext() {
  const bool can_send =
      stream_ != nullptr && is_accepted_ && stream_->takes_more();
  Session::Step step = session_->Next(can_send);
  if (const auto* wait = std::get_if<Session::Wait>(&step)) {
    if (wait->wait != absl::InfiniteDuration()) WakeAfter(wait->wait);
    return false;
  }
  if (auto* message = std::get_if<AgentMessage>(&step)) {
    if (!can_send) {
      world_.trace.Fail(options_.session.instance, " sends where it cannot");
      return false;
    }
    if (const auto* batch = std::get_if<RowBatch>(message)) Check(*batch);
    stream_->Say(std::move(*message));
    return true;
  }
  if (std::holds_alternative<Session::CloseStream>(step)) {
    DropStream();
    return runs();
  }
  if (stream_ != nullptr)
    world_.trace.Fail(options_.session.instance, " opens a second stream");
  is_accepted_ = false;
  stream_ = &open_stream_([this](Stream& stream, ToAgent said) {
    if (&stream != stream_) return;
    inbox_.push_back(std::move(said));
    Act();
  });
  stream_->Say(Connect{});
  return true;
}

void SimulatedAgent::Check(const RowBatch& batch) {
  ended_said_ += batch.ended.size();
  for (const ConnectionFacts& facts : batch.connections) {
    if (ended_.contains(facts.socket.cookie))
      world_.trace.Fail(options_.session.instance, " says that ",
                        facts.tuple.ToString(), " of cookie ",
                        facts.socket.cookie, ", which has ended, is there");
  }
}

void SimulatedAgent::DropStream() {
  if (is_leaving_) return Kill(/*told=*/true);
  if (stream_ == nullptr)
    return world_.trace.Fail(options_.session.instance,
                             " closes a stream that is not there");
  stream_->LeaveAgent(/*told=*/true);
  // What it has not read by now it will not read.
  inbox_.clear();
  world_.timeline.After(
      world_.dice.Between(absl::ZeroDuration(), absl::Milliseconds(20)),
      [this, stream = stream_] {
        if (!runs() || stream != stream_) return;
        inbox_.push_back(absl::CancelledError("the agent gave it up"));
        Act();
      });
}

void SimulatedAgent::WakeAfter(absl::Duration wait) {
  world_.timeline.After(wait, [this, wake = ++wake_] {
    if (wake == wake_) Act();
  });
}

void SimulatedAgent::LookAgainAfter(absl::Duration wait) {
  world_.timeline.After(wait, [this, look = ++next_look_] {
    if (look != next_look_ || !runs()) return;
    if (is_paused_)
      look_is_due_ = true;
    else if (!look_)
      BeginLook();
  });
}

void SimulatedAgent::BeginLook() {
  look_.emplace();
  look_->may_lack_namespaces = is_faulty_ && world_.dice.OneIn(8);
  unread_.clear();
  // Each namespace is read at a moment of its own, the agent's first.
  for (const KernelNetns& netns : kernel_.namespaces()) {
    const bool is_own = &netns == &kernel_.namespaces().front();
    if (!is_own && options_.own_netns) break;
    if (is_own || world_.dice.OneIn(2))
      LookInto(netns, is_faulty_, world_.dice, &*look_);
    else
      unread_.push_back(netns.name);
  }
  const absl::Duration time =
      world_.dice.OneIn(10) ? absl::Milliseconds(900) : absl::Milliseconds(30);
  world_.timeline.After(world_.dice.Between(absl::ZeroDuration(), time),
                        [this] {
                          if (!look_) return;
                          if (is_paused_)
                            look_is_due_ = true;
                          else
                            FinishLook();
                        });
}

void SimulatedAgent::FinishLook() {
  for (const std::string& name : unread_) {
    if (const KernelNetns* netns = kernel_.FindNetns(name))
      LookInto(*netns, is_faulty_, world_.dice, &*look_);
  }
  for (const NetnsSnapshot& netns : look_->namespaces) {
    for (const ConnectionFacts& facts : netns.connections)
      if (facts.state == ConnectionState::kFinWait2)
        half_closed_.emplace(facts.socket.cookie, netns.netns);
  }
  ledger_->Take(*std::exchange(look_, std::nullopt));
  CheckSize();
  LookAgainAfter(options_.interval);
  Act();
}

void SimulatedAgent::ReadEvents() {
  for (const DestroyEvent& event : std::exchange(events_, {})) Ask(event);
}

void SimulatedAgent::Ask(const DestroyEvent& event) {
  const ConnectionFacts* const there = kernel_.Find(event.netns, event.cookie);
  if (there != nullptr && there->state == ConnectionState::kFinWait2) {
    ledger_->SetState(event.netns, event.cookie, ConnectionState::kFinWait2);
    half_closed_.emplace(event.cookie, event.netns);
  } else if (there == nullptr) {
    NoteEnd(event.netns, event.cookie, event.connection);
  }
}

void SimulatedAgent::NoteEnd(const std::string& netns, uint64_t cookie,
                             const std::optional<ConnectionFacts>& connection) {
  const bool was_known = ledger_->End(netns, cookie);
  if (was_known || connection) ended_.insert(cookie);
  if (was_known || !connection) return;
  ledger_->AddEnded(*connection);
  ++ended_given_;
}

void SimulatedAgent::AskOfHalfClosed() {
  if (!runs()) return;
  world_.timeline.After(kHalfClosedInterval, [this] { AskOfHalfClosed(); });
  if (is_paused_) return;
  for (auto half = half_closed_.begin(); half != half_closed_.end();) {
    const auto [cookie, netns] = *half;
    const ConnectionFacts* const there = kernel_.Find(netns, cookie);
    if (there == nullptr) NoteEnd(netns, cookie, std::nullopt);
    half = there == nullptr ? half_closed_.erase(half) : std::next(half);
  }
  Act();
}

bool SimulatedAgent::Watches(const std::string& netns) const {
  return !options_.own_netns || netns == kernel_.namespaces().front().name;
}

void SimulatedAgent::CheckSize() const {
  // Rows that a look did not show may stay, if it did not see all.
  const size_t rows = ledger_->listener_count() + ledger_->connection_count();
  if (!is_faulty_ && !options_.own_netns && rows > 4 * kernel_.size() + 200)
    world_.trace.Fail(options_.session.instance, " keeps ", rows, " rows of ",
                      kernel_.size(), " sockets");
  const size_t gone = ended_said_ + ledger_->dropped_ended();
  if (ended_given_ > gone + std::max(kMaxEnded, rows))
    world_.trace.Fail(options_.session.instance, " keeps ", ended_given_ - gone,
                      " connections that have ended");
}

}  // namespace connreg::simulation
