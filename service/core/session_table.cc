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
  Agent& agent =
      agents.by_name
          .try_emplace(opening.reporter.name,
                       SessionRows({clock_, capacity_, connections_, hosts_}))
          .first->second;
  if (agent.epoch) {
    *superseded = agent.epoch;
    Detach(agent, SessionIndex::End::kSuperseded);
  }
  agent.runs.Accept(opening.instance);
  agent.rows.Begin(opened, refusals);
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
    index_.Forget(agent.rows.lease()->reporter);
  agents.by_name.clear();
  return absl::OkStatus();
}

absl::StatusOr<Ack> SessionTable::Apply(Epoch epoch, const RowBatch& batch) {
  return ApplyTo(epoch, [&](Agent& agent) { return agent.rows.Apply(batch); });
}

absl::StatusOr<Ack> SessionTable::Apply(Epoch epoch,
                                        const KeepAlive& keep_alive) {
  return ApplyTo(epoch,
                 [&](Agent& agent) -> absl::StatusOr<std::optional<Ack>> {
                   ASSIGN_OR_RETURN(const std::optional<Ack> ack,
                                    agent.rows.Apply(keep_alive));
                   if (!ack) return ack;
                   std::optional<absl::Duration> offset;
                   if (keep_alive.time)
                     offset = *keep_alive.time - clock_.Now();
                   index_.NoteHeard(epoch, keep_alive.interval, offset);
                   if (ack->diverges) index_.CountDivergence(epoch);
                   return ack;
                 });
}

absl::StatusOr<Ack> SessionTable::ApplyTo(
    Epoch epoch,
    absl::FunctionRef<absl::StatusOr<std::optional<Ack>>(Agent&)> apply) {
  ASSIGN_OR_RETURN(const Reporter reporter, index_.Find(epoch));
  Stripe& stripe = StripeOf(reporter);
  MutexLock lock(stripe.mutex);
  Agent* const agent = FindLocked(stripe, reporter, epoch);
  if (agent == nullptr) return index_.Find(epoch).status();
  ASSIGN_OR_RETURN(std::optional<Ack> ack, apply(*agent));
  if (ack) return *std::move(ack);
  // It has ended since its lease did.
  Detach(*agent, SessionIndex::End::kOther);
  return index_.Find(epoch).status();
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
    hosts_.Silence(agent->rows.lease()->id);
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
      agent->second.rows.lease().get() != &lease || !hosts_.IsSilent(lease.id))
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
