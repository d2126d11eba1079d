#include "service/core/lease_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/core/session_errors.h"

namespace connreg {
namespace {

// For how long after a refusal a reporter counts as limited, if its lease is
// not shorter: what is still refused is offered again within that time.
constexpr absl::Duration kLimitedFor = absl::Minutes(2);

// How many reporters that were turned away are counted.
constexpr size_t kMaxTurnedAway = 1000;

bool IsAgent(const Lease& lease) {
  return lease.reporter.kind == ReporterKind::kAgent;
}

// Whether answers about a host that has `gaps` are partial.
bool MakePartial(const std::vector<CoverageGap>& gaps) {
  return std::any_of(gaps.begin(), gaps.end(), [](const CoverageGap& gap) {
    return MakesPartial(gap.kind);
  });
}

}  // namespace

absl::StatusOr<LeasePtr> LeaseTable::Renew(const Reporter& reporter,
                                           absl::Duration ttl, bool in_step) {
  const auto known = by_reporter_.find(reporter);
  if (known == by_reporter_.end() && !MakeRoomFor(reporter)) {
    if (limited_.size() < options_.max_reporters + kMaxTurnedAway)
      limited_.Add(reporter, Now() + std::min(ttl, kLimitedFor));
    return WithDetail(
        absl::ResourceExhaustedError(absl::StrCat(
            "reporter ", reporter.name, " of host ", reporter.host,
            ": there are ", grants_.size(), " reporters, and no more may be")),
        {.reason = kTooManyReporters});
  }
  Grant& grant = known == by_reporter_.end() ? GrantNew(reporter)
                                             : grants_.at(known->second);
  Revive(grant, ttl, in_step);
  return grant.lease;
}

bool LeaseTable::Touch(LeaseId id, bool in_step) {
  const auto it = grants_.find(id);
  if (it == grants_.end()) return false;
  Revive(it->second, it->second.ttl, in_step);
  return true;
}

void LeaseTable::Revive(Grant& grant, absl::Duration ttl, bool in_step) {
  const HostKey key = HostKeyOf(grant.lease->reporter);
  HostRecord& host = hosts_[key];
  const bool was_live = host.state == HostState::kLive;
  SetPhase(grant, in_step ? Phase::kSpeaks : Phase::kSyncing);
  if (in_step)
    grant.lease->SetInForce();
  else
    grant.lease->SetSyncing();
  grant.ttl = ttl;
  SetDeadline(grant, Now() + ttl);
  host.last_report = clock_.Now();
  if (IsAgent(*grant.lease) && in_step && host.stale_agents > 0)
    EndStale(host, Now() + ttl);
  Settle(key);
  if (!was_live && host.state == HostState::kLive &&
      went_live_.size() < options_.max_reporters)
    went_live_.push_back(grant.lease);
}

void LeaseTable::Silence(LeaseId id) {
  const auto it = grants_.find(id);
  if (it == grants_.end() || it->second.phase == Phase::kSilent) return;
  Grant& grant = it->second;
  const HostKey key = HostKeyOf(grant.lease->reporter);
  FallSilent(grant);
  if (hosts_[key].state == HostState::kStale &&
      went_stale_.size() < options_.max_reporters)
    went_stale_.push_back(grant.lease);
}

LeasePtr LeaseTable::Find(const Reporter& reporter) const {
  const auto it = by_reporter_.find(reporter);
  return it == by_reporter_.end() ? nullptr : grants_.at(it->second).lease;
}

bool LeaseTable::IsSilent(LeaseId id) const {
  const auto it = grants_.find(id);
  return it == grants_.end() || it->second.phase == Phase::kSilent;
}

std::vector<LeasePtr> LeaseTable::AgentsOf(const HostKey& key) const {
  std::vector<LeasePtr> agents;
  const auto host = hosts_.find(key);
  if (host == hosts_.end()) return agents;
  for (const LeaseId id : host->second.leases)
    if (const LeasePtr& lease = grants_.at(id).lease; IsAgent(*lease))
      agents.push_back(lease);
  return agents;
}

LeasePtr LeaseTable::End(const Reporter& reporter) {
  const auto it = by_reporter_.find(reporter);
  if (it == by_reporter_.end()) return nullptr;
  LeasePtr lease = Drop(it->second);
  Settle(HostKeyOf(reporter));
  return lease;
}

LeaseTable::Lapses LeaseTable::Lapse() {
  const absl::Duration now = Now();
  Lapses lapses;
  for (LeasePtr& lease : std::exchange(replaced_, {}))
    lapses.ends.push_back({std::move(lease), /*expired=*/false});
  lapses.live = std::exchange(went_live_, {});
  for (LeasePtr& lease : std::exchange(went_stale_, {}))
    if (IsSilent(lease->id)) lapses.stale.push_back(std::move(lease));
  hold_.Decide(tally_.stale(), tally_.with_agent(), now, clock_);
  Pace pace;
  // In the order of the deadlines, so that whether a host has an agent is known
  // as of each.
  while (!lapses_.empty() && lapses_.begin()->first <= now) {
    const Deadline next = *lapses_.begin();
    Expire(next, &pace, &lapses);
    LapseOne(next.second, &lapses);
  }
  Expire({now, LeaseId{last_id_ + 1}}, &pace, &lapses);
  ForgetExpired(now);
  limited_.Expire(now);
  return lapses;
}

void LeaseTable::SetGaps(const Lease& lease, std::vector<CoverageGap> gaps) {
  std::vector<CoverageGap>& known = grants_.at(lease.id).gaps;
  const int change = static_cast<int>(MakePartial(gaps)) - MakePartial(known);
  CountGapped(HostKeyOf(lease.reporter), change);
  known = std::move(gaps);
}

void LeaseTable::NoteRefusal(const Lease& lease) {
  if (const auto it = grants_.find(lease.id); it != grants_.end())
    limited_.Add(lease.reporter, Now() + std::min(it->second.ttl, kLimitedFor));
}

bool LeaseTable::MakeRoomFor(const Reporter& reporter) {
  if (grants_.size() < options_.max_reporters) return true;
  const auto host = hosts_.find(HostKeyOf(reporter));
  if (reporter.kind != ReporterKind::kAgent || host == hosts_.end() ||
      replaced_.size() >= options_.max_reporters)
    return false;
  const Grant* soonest = nullptr;
  for (const LeaseId id : host->second.leases) {
    const Grant& grant = grants_.at(id);
    if (grant.phase == Phase::kSilent &&
        (soonest == nullptr || grant.deadline < soonest->deadline))
      soonest = &grant;
  }
  if (soonest == nullptr) return false;
  replaced_.push_back(Drop(soonest->lease->id));
  return true;
}

LeaseTable::Grant& LeaseTable::GrantNew(const Reporter& reporter) {
  limited_.Remove(reporter);
  const LeaseId id{++last_id_};
  Grant& grant = grants_[id];
  grant.lease = std::make_shared<Lease>(id, reporter);
  grant.deadline = absl::InfiniteDuration();
  lapses_.insert({grant.deadline, id});
  by_reporter_[reporter] = id;
  HostRecord& host = hosts_[HostKeyOf(reporter)];
  host.leases.insert(id);
  if (IsAgent(*grant.lease)) ++host.live_agents;
  return grant;
}

size_t& LeaseTable::CountOf(Phase phase, HostRecord& host) {
  switch (phase) {
    case Phase::kSpeaks:
      return host.live_agents;
    case Phase::kSyncing:
      return host.syncing_agents;
    case Phase::kSilent:
      break;
  }
  return host.stale_agents;
}

LeaseTable::Deadlines& LeaseTable::DeadlinesOf(const Grant& grant) {
  return grant.phase == Phase::kSilent ? expiries_ : lapses_;
}

void LeaseTable::SetPhase(Grant& grant, Phase phase) {
  if (grant.phase == phase || !IsAgent(*grant.lease)) return;
  HostRecord& host = hosts_[HostKeyOf(grant.lease->reporter)];
  --CountOf(grant.phase, host);
  ++CountOf(phase, host);
  DeadlinesOf(grant).erase({grant.deadline, grant.lease->id});
  grant.phase = phase;
  DeadlinesOf(grant).insert({grant.deadline, grant.lease->id});
}

void LeaseTable::SetDeadline(Grant& grant, absl::Duration deadline) {
  DeadlinesOf(grant).erase({grant.deadline, grant.lease->id});
  grant.deadline = deadline;
  DeadlinesOf(grant).insert({grant.deadline, grant.lease->id});
}

void LeaseTable::FallSilent(Grant& grant) {
  const HostKey key = HostKeyOf(grant.lease->reporter);
  HostRecord& host = hosts_[key];
  SetPhase(grant, Phase::kSilent);
  grant.lease->SetStale(clock_.Now());
  const bool others_speak = host.live_agents + host.syncing_agents > 0;
  SetDeadline(grant, Now() + (others_speak ? grant.ttl : options_.grace));
  Settle(key);
  if (host.state != HostState::kStale) return;
  // What others said before stays as long.
  for (const LeaseId id : host.leases)
    if (Grant& other = grants_.at(id);
        other.phase == Phase::kSilent && other.deadline > Now())
      SetDeadline(other, std::max(other.deadline, grant.deadline));
  hold_.NoteSilent(key, Now() + grant.ttl);
  hold_.Decide(tally_.stale(), tally_.with_agent(), Now(), clock_);
}

LeasePtr LeaseTable::Drop(LeaseId id) {
  const auto it = grants_.find(id);
  const LeasePtr lease = std::move(it->second.lease);
  if (MakePartial(it->second.gaps)) CountGapped(HostKeyOf(lease->reporter), -1);
  limited_.Remove(lease->reporter);
  DeadlinesOf(it->second).erase({it->second.deadline, id});
  HostRecord& host = hosts_[HostKeyOf(lease->reporter)];
  host.leases.erase(id);
  if (IsAgent(*lease)) --CountOf(it->second.phase, host);
  grants_.erase(it);
  by_reporter_.erase(lease->reporter);
  return lease;
}

void LeaseTable::LapseOne(LeaseId id, Lapses* lapses) {
  Grant& grant = grants_.at(id);
  const HostKey key = HostKeyOf(grant.lease->reporter);
  const HostRecord& host = hosts_[key];
  // Whether the host would be silent without this lease.
  if (IsAgent(*grant.lease) && host.live_agents + host.syncing_agents == 1) {
    FallSilent(grant);
    lapses->stale.push_back(grant.lease);
  } else {
    lapses->ends.push_back({Drop(id), /*expired=*/false});
    Settle(key);
  }
}

void LeaseTable::Expire(const Deadline& before, Pace* pace, Lapses* lapses) {
  const bool is_held = expiry_held_since().has_value();
  for (auto it = expiries_.upper_bound(pace->after);
       it != expiries_.end() && *it < before &&
       pace->leases < kExpiriesPerLapse && pace->rows < kRowsPerLapse;
       it = expiries_.upper_bound(pace->after)) {
    pace->after = *it;
    const Lease& lease = *grants_.at(it->second).lease;
    const HostRecord& host = hosts_[HostKeyOf(lease.reporter)];
    if (is_held && host.state == HostState::kStale) continue;
    ++pace->leases;
    pace->rows += lease.rows.load();
    ExpireOne(it->second, lapses);
  }
}

void LeaseTable::ExpireOne(LeaseId id, Lapses* lapses) {
  const HostKey key = HostKeyOf(grants_.at(id).lease->reporter);
  HostRecord& host = hosts_[key];
  const bool speaks_none = host.live_agents + host.syncing_agents == 0;
  lapses->ends.push_back({Drop(id), /*expired=*/speaks_none});
  if (speaks_none && host.stale_agents == 0) {
    SetState(key, host, HostState::kExpired);
    host.forgotten_at = Now() + options_.memory;
    expired_.insert({host.forgotten_at, key});
  }
  Settle(key);
}

void LeaseTable::EndStale(HostRecord& host, absl::Duration latest) {
  for (const LeaseId id : host.leases) {
    Grant& grant = grants_.at(id);
    if (grant.phase == Phase::kSilent && grant.deadline > latest)
      SetDeadline(grant, latest);
  }
}

}  // namespace connreg
