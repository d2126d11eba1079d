#include "service/core/session_table.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/core/session_errors.h"

namespace connreg {
namespace {

absl::Status NameTaken(const SessionOpening& opening) {
  return WithDetail(absl::FailedPreconditionError(absl::StrCat(
                        "host ", opening.reporter.host,
                        ": another machine reports under this name")),
                    {.reason = kHostNameTaken});
}

absl::Status RunSuperseded(const Reporter& reporter) {
  return WithDetail(absl::FailedPreconditionError(absl::StrCat(
                        "reporter ", reporter.name, " of host ", reporter.host,
                        ": another run of it reports")),
                    {.reason = kRunSuperseded});
}

absl::Status SessionOpen(const Reporter& reporter) {
  return WithDetail(
      absl::FailedPreconditionError(absl::StrCat(
          "reporter ", reporter.name, " of host ", reporter.host,
          ": it has a session, which alone says what there is; take another "
          "name")),
      {.reason = "SESSION_OPEN"});
}

}  // namespace

absl::StatusOr<SessionWelcome> SessionTable::Open(
    const SessionOpening& opening, std::optional<Epoch>* superseded) {
  const HostKey host = HostKeyOf(opening.reporter);
  Stripe& stripe = StripeOf(opening.reporter);
  MutexLock lock(stripe.mutex);
  Agents& agents = stripe.hosts[host];
  absl::StatusOr<SessionWelcome> welcome =
      OpenLocked(opening, agents, superseded);
  if (agents.by_name.empty()) stripe.hosts.erase(host);
  return welcome;
}

absl::StatusOr<SessionWelcome> SessionTable::OpenLocked(
    const SessionOpening& opening, Agents& agents,
    std::optional<Epoch>* superseded) {
  RETURN_IF_ERROR(Admit(opening, agents));
  Refusals refusals;
  ASSIGN_OR_RETURN(const HostDirectory::Opened opened,
                   hosts_.Open(opening, &refusals));
  agents.machines.Accept(opening.boot_id);
  Agent& agent = agents.by_name[opening.reporter.name];
  if (agent.epoch) {
    *superseded = agent.epoch;
    Detach(agent, SessionIndex::End::kSuperseded);
  }
  agent.runs.Accept(opening.instance);
  agent.lease = opened.lease;
  agent.state = SessionState(/*snapshot_wanted=*/!opened.in_step);
  if (opened.in_step)
    agent.refused.Carry();
  else
    agent.refused.Reset();
  NoteMissing(agent, refusals);
  AgentSession session{.version = opening.version,
                       .boot_id = opening.boot_id,
                       .opened = clock_.Now(),
                       .interval = opening.interval};
  if (opening.time) session.clock_offset = *opening.time - clock_.Now();
  agent.epoch = index_.Begin(opening.reporter, std::move(session));
  return SessionWelcome{.epoch = *agent.epoch,
                        .run_id = options_.run_id,
                        .ttl = opening.ttl,
                        .reconnect_window = options_.reconnect_window,
                        .snapshot_wanted = !opened.in_step,
                        .max_rows = kMaxBatchRows,
                        .max_bytes = options_.max_message_bytes,
                        .limits = capacity_.Reached(refusals)};
}

absl::Status SessionTable::Admit(const SessionOpening& opening,
                                 Agents& agents) {
  const HostKey host = HostKeyOf(opening.reporter);
  const std::vector<LeasePtr> leases = hosts_.AgentsOf(host);
  const MachineClaims::Verdict verdict = agents.machines.Judge(
      opening.boot_id, agents.AnyAttached(), !leases.empty());
  if (verdict == MachineClaims::Verdict::kTaken) {
    index_.NoteNameConflict(host, clock_.Now());
    return NameTaken(opening);
  }
  if (const auto agent = agents.by_name.find(opening.reporter.name);
      agent != agents.by_name.end() && agent->second.epoch &&
      agent->second.runs.IsFollowed(opening.instance))
    return RunSuperseded(opening.reporter);
  if (verdict != MachineClaims::Verdict::kNext) return absl::OkStatus();
  for (const LeasePtr& lease : leases)
    Remove(lease->reporter, CloseReason::kHostRestarted);
  // Some may have lost their leases before.
  for (const auto& [name, agent] : agents.by_name)
    index_.Forget(agent.lease->reporter);
  agents.by_name.clear();
  return absl::OkStatus();
}

absl::StatusOr<Ack> SessionTable::Apply(Epoch epoch, const RowBatch& batch) {
  ASSIGN_OR_RETURN(const Reporter reporter, index_.Find(epoch));
  Stripe& stripe = StripeOf(reporter);
  MutexLock lock(stripe.mutex);
  Agent* const agent = FindLocked(stripe, reporter, epoch);
  if (agent == nullptr) return index_.Find(epoch).status();
  return ApplyTo(*agent, batch);
}

absl::StatusOr<Ack> SessionTable::Apply(Epoch epoch,
                                        const KeepAlive& keep_alive) {
  ASSIGN_OR_RETURN(const Reporter reporter, index_.Find(epoch));
  Stripe& stripe = StripeOf(reporter);
  MutexLock lock(stripe.mutex);
  Agent* const agent = FindLocked(stripe, reporter, epoch);
  if (agent == nullptr) return index_.Find(epoch).status();
  return ApplyTo(*agent, keep_alive);
}

absl::StatusOr<Ack> SessionTable::ApplyTo(Agent& agent, const RowBatch& batch) {
  RETURN_IF_ERROR(agent.state.Check(batch));
  const LeasePtr lease = agent.lease;
  const bool is_snapshot = batch.kind == RowBatch::Kind::kSnapshot;
  if (is_snapshot && batch.first) {
    agent.state.BeginSnapshot();
    agent.refused.Reset();
    lease->AdvanceMark();
  }
  Ack ack;
  Refusals refusals;
  // What goes makes room for listeners, too.
  if (!hosts_.Touch(*lease, agent.state.in_step())) return Lapsed(agent);
  connections_.Remove(batch.gone_connections, lease->reporter);
  if (!hosts_.Apply(batch, lease, agent.state.in_step(), &refusals,
                    &ack.refused_listeners))
    return Lapsed(agent);
  ack.refused_connections =
      connections_.Put(batch.connections, lease, &refusals);
  // Before the end of a snapshot makes room.
  agent.refused.Note(batch, ack, capacity_.RoomFor(*lease), clock_.Monotonic());
  connections_.AddEnded(batch.ended, lease);
  if (is_snapshot && batch.last) {
    hosts_.Sweep(*lease);
    connections_.Sweep(*lease);
    agent.state.EndSnapshot();
    hosts_.Touch(*lease, /*in_step=*/true);
  }
  // Whoever ends a lease does so before taking its rows away. So either those
  // put above were there to be taken, or the end shows here.
  if (!hosts_.Has(lease->id)) {
    hosts_.RemoveLease(*lease);
    connections_.RemoveLease(*lease, std::nullopt);
    return Lapsed(agent);
  }
  agent.state.Advance();
  NoteMissing(agent, refusals);
  ack.limits = capacity_.Reached(refusals);
  Complete(agent, &ack);
  return ack;
}

absl::StatusOr<Ack> SessionTable::ApplyTo(Agent& agent,
                                          const KeepAlive& keep_alive) {
  RETURN_IF_ERROR(agent.state.Check(keep_alive));
  Lease& lease = *agent.lease;
  if (!hosts_.Touch(lease, agent.state.in_step())) return Lapsed(agent);
  std::optional<absl::Duration> offset;
  if (keep_alive.time) offset = *keep_alive.time - clock_.Now();
  index_.NoteHeard(*agent.epoch, keep_alive.interval, offset);
  const bool diverges = keep_alive.digest && agent.state.in_step() &&
                        *keep_alive.digest != lease.digest();
  if (diverges) {
    index_.CountDivergence(*agent.epoch);
    agent.state.WantSnapshot();
    lease.AdvanceMark();
    hosts_.Touch(lease, /*in_step=*/false);
  }
  NoteMissing(agent, Refusals());
  Ack ack{.snapshot_wanted = keep_alive.digest && !agent.state.in_step(),
          .diverges = diverges};
  Complete(agent, &ack);
  return ack;
}

void SessionTable::NoteMissing(const Agent& agent, const Refusals& refusals) {
  if (refusals.total() > 0 || agent.refused.AnyMissing(clock_.Monotonic()))
    hosts_.NoteRefusal(*agent.lease);
}

void SessionTable::Complete(Agent& agent, Ack* ack) {
  ack->seq = agent.state.seq();
  ack->has_room = agent.state.in_step() &&
                  agent.refused.TakeRoom(capacity_.RoomFor(*agent.lease),
                                         clock_.Monotonic());
}

void SessionTable::End(Epoch epoch, const Goodbye& goodbye) {
  const absl::StatusOr<Reporter> reporter = index_.Find(epoch);
  if (!reporter.ok()) return;
  Stripe& stripe = StripeOf(*reporter);
  MutexLock lock(stripe.mutex);
  Agent* const agent = FindLocked(stripe, *reporter, epoch);
  if (agent == nullptr) return;
  Detach(*agent, SessionIndex::End::kOther);
  if (goodbye.remove) {
    Remove(*reporter, CloseReason::kDeregistered);
    ForgetLocked(stripe, *reporter);
  } else {
    hosts_.Silence(agent->lease->id);
  }
}

absl::Status SessionTable::WithoutSession(const Reporter& agent,
                                          absl::FunctionRef<void()> change) {
  Stripe& stripe = StripeOf(agent);
  MutexLock lock(stripe.mutex);
  if (const auto host = stripe.hosts.find(HostKeyOf(agent));
      host != stripe.hosts.end()) {
    const auto known = host->second.by_name.find(agent.name);
    if (known != host->second.by_name.end() && known->second.epoch)
      return SessionOpen(agent);
  }
  change();
  return absl::OkStatus();
}

size_t SessionTable::TakeAway(const Reporter& reporter) {
  Stripe& stripe = StripeOf(reporter);
  MutexLock lock(stripe.mutex);
  if (const auto host = stripe.hosts.find(HostKeyOf(reporter));
      reporter.kind == ReporterKind::kAgent && host != stripe.hosts.end()) {
    const auto agent = host->second.by_name.find(reporter.name);
    if (agent != host->second.by_name.end() && agent->second.epoch) {
      MutexLock taken_away_lock(taken_away_mutex_);
      taken_away_.push_back(*agent->second.epoch);
      Detach(agent->second, SessionIndex::End::kOther);
    }
    ForgetLocked(stripe, reporter);
  }
  return Remove(reporter, CloseReason::kDeregistered);
}

std::vector<Epoch> SessionTable::NoteLapses(const LeaseTable::Lapses& lapses) {
  std::vector<Epoch> epochs;
  {
    MutexLock lock(taken_away_mutex_);
    epochs = std::exchange(taken_away_, {});
  }
  for (const LeasePtr& lease : lapses.stale)
    NoteLapse(*lease, /*ended=*/false, &epochs);
  for (const LeaseTable::Lapses::End& end : lapses.ends)
    NoteLapse(*end.lease, /*ended=*/true, &epochs);
  return epochs;
}

void SessionTable::NoteLapse(const Lease& lease, bool ended,
                             std::vector<Epoch>* epochs) {
  const Reporter& reporter = lease.reporter;
  if (reporter.kind != ReporterKind::kAgent) return;
  Stripe& stripe = StripeOf(reporter);
  MutexLock lock(stripe.mutex);
  const auto host = stripe.hosts.find(HostKeyOf(reporter));
  if (host == stripe.hosts.end()) return;
  const auto agent = host->second.by_name.find(reporter.name);
  // A message may have renewed it, or another lease followed.
  if (agent == host->second.by_name.end() ||
      agent->second.lease.get() != &lease || !hosts_.IsSilent(lease.id))
    return;
  if (agent->second.epoch) {
    epochs->push_back(*agent->second.epoch);
    Detach(agent->second, SessionIndex::End::kOther);
  }
  if (ended) ForgetLocked(stripe, reporter);
}

bool SessionTable::Agents::AnyAttached() const {
  return std::any_of(by_name.begin(), by_name.end(), [](const auto& agent) {
    return agent.second.epoch.has_value();
  });
}

SessionTable::Stripe& SessionTable::StripeOf(const Reporter& reporter) {
  return stripes_[absl::HashOf(reporter.host, reporter.network) %
                  stripes_.size()];
}

SessionTable::Agent* SessionTable::FindLocked(Stripe& stripe,
                                              const Reporter& reporter,
                                              Epoch epoch) {
  const auto host = stripe.hosts.find(HostKeyOf(reporter));
  if (host == stripe.hosts.end()) return nullptr;
  const auto agent = host->second.by_name.find(reporter.name);
  if (agent == host->second.by_name.end() || agent->second.epoch != epoch)
    return nullptr;
  return &agent->second;
}

absl::Status SessionTable::Lapsed(Agent& agent) {
  const Epoch epoch = *agent.epoch;
  Detach(agent, SessionIndex::End::kOther);
  return index_.Find(epoch).status();
}

void SessionTable::Detach(Agent& agent, SessionIndex::End end) {
  index_.NoteEnd(*agent.epoch, end);
  agent.epoch.reset();
}

size_t SessionTable::Remove(const Reporter& reporter, CloseReason reason) {
  const auto [lease, listeners] = hosts_.End(reporter);
  if (lease == nullptr) return 0;
  return listeners + connections_.RemoveLease(*lease, reason);
}

void SessionTable::ForgetLocked(Stripe& stripe, const Reporter& reporter) {
  index_.Forget(reporter);
  const auto host = stripe.hosts.find(HostKeyOf(reporter));
  if (host == stripe.hosts.end()) return;
  host->second.by_name.erase(reporter.name);
  if (host->second.by_name.empty()) stripe.hosts.erase(host);
}

}  // namespace connreg
