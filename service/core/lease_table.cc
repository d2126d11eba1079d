#include "service/core/lease_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/base/error.h"

namespace connreg {
namespace {

// How many reporters of a host are named.
constexpr size_t kMaxReportersNamed = 16;

// How many of the things that its reporters cannot see.
constexpr size_t kMaxGapsNamed = 16;

// For how long after a refusal a reporter counts as limited, if its lease is
// not shorter: what is still refused is offered again within that time.
constexpr absl::Duration kLimitedFor = absl::Minutes(2);

// How many reporters that were turned away are counted.
constexpr size_t kMaxTurnedAway = 1000;

bool IsAgent(const Lease& lease) {
  return lease.reporter.kind == ReporterKind::kAgent;
}

bool IsStale(const Lease& lease) { return lease.stale_since().has_value(); }

// Whether answers about a host that has `gaps` are partial.
bool MakePartial(const std::vector<CoverageGap>& gaps) {
  return std::any_of(gaps.begin(), gaps.end(), [](const CoverageGap& gap) {
    return MakesPartial(gap.kind);
  });
}

// How many of `counts` are in `state`.
uint32_t& CountOf(HostState state, HostCounts& counts) {
  switch (state) {
    case HostState::kLive:
      return counts.live;
    case HostState::kStale:
      return counts.stale;
    case HostState::kExpired:
      return counts.expired;
    case HostState::kSyncing:
      return counts.syncing;
    case HostState::kNoAgent:
      break;
  }
  return counts.no_agent;
}

}  // namespace

absl::StatusOr<LeasePtr> LeaseTable::Renew(const Reporter& reporter,
                                           absl::Duration ttl) {
  const absl::Duration now = clock_.Monotonic();
  const auto known = by_reporter_.find(reporter);
  if (known == by_reporter_.end() && !HasRoomFor(reporter)) {
    if (limited_.size() < options_.max_reporters + kMaxTurnedAway)
      limited_.Add(reporter, now + std::min(ttl, kLimitedFor));
    return WithDetail(
        absl::ResourceExhaustedError(absl::StrCat(
            "reporter ", reporter.name, " of host ", reporter.host,
            ": there are ", grants_.size(), " reporters, and no more may be")),
        {.reason = "TOO_MANY_REPORTERS"});
  }
  Grant& grant = known == by_reporter_.end() ? GrantNew(reporter)
                                             : grants_.at(known->second);
  HostRecord& host = hosts_[HostKeyOf(reporter)];
  const bool was_live = host.state == HostState::kLive;
  if (IsStale(*grant.lease)) {
    grant.lease->SetInForce();
    --host.stale_agents;
    ++host.live_agents;
  }
  grant.ttl = ttl;
  SetDeadline(grant, now + ttl);
  host.last_report = clock_.Now();
  if (IsAgent(*grant.lease) && host.stale_agents > 0) EndStale(host, now + ttl);
  Settle(HostKeyOf(reporter));
  if (!was_live && host.state == HostState::kLive &&
      went_live_.size() < options_.max_reporters)
    went_live_.push_back(grant.lease);
  return grant.lease;
}

LeasePtr LeaseTable::Find(const Reporter& reporter) const {
  const auto it = by_reporter_.find(reporter);
  return it == by_reporter_.end() ? nullptr : grants_.at(it->second).lease;
}

LeasePtr LeaseTable::End(const Reporter& reporter) {
  const auto it = by_reporter_.find(reporter);
  if (it == by_reporter_.end()) return nullptr;
  LeasePtr lease = Drop(it->second);
  Settle(HostKeyOf(reporter));
  return lease;
}

LeaseTable::Lapses LeaseTable::Lapse() {
  const absl::Duration now = clock_.Monotonic();
  Lapses lapses;
  lapses.live = std::exchange(went_live_, {});
  while (!deadlines_.empty() && deadlines_.begin()->first <= now)
    LapseOne(deadlines_.begin()->second, now, &lapses);
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
    limited_.Add(lease.reporter,
                 clock_.Monotonic() + std::min(it->second.ttl, kLimitedFor));
}

HostCounts LeaseTable::Count(const Scope& scope) const {
  HostCounts counts;
  if (!scope.host.empty()) {
    ForEachHost(scope, std::nullopt,
                [&](const HostKey&, const HostRecord& host) {
                  if (host.state) ++CountOf(*host.state, counts);
                  if (host.gapped > 0) ++counts.gapped;
                  return true;
                });
  } else {
    for (const auto& [network, of_network] : counts_) {
      if (!scope.network.empty() && network != scope.network) continue;
      counts.live += of_network.live;
      counts.stale += of_network.stale;
      counts.expired += of_network.expired;
      counts.no_agent += of_network.no_agent;
      counts.gapped += of_network.gapped;
    }
  }
  counts.limited_reporters = limited_.Count(scope);
  return counts;
}

bool LeaseTable::HasHost(const Scope& scope) const {
  bool has = false;
  ForEachHost(scope, std::nullopt, [&](const HostKey&, const HostRecord& host) {
    has = host.state != HostState::kExpired || !host.leases.empty();
    return !has;
  });
  return has;
}

std::optional<absl::Time> LeaseTable::StaleSince(const HostKey& key) const {
  const auto it = hosts_.find(key);
  if (it == hosts_.end() || it->second.state != HostState::kStale)
    return std::nullopt;
  return it->second.state_time;
}

std::vector<Host> LeaseTable::List(const HostQuery& query, size_t limit) const {
  std::vector<Host> hosts;
  ForEachHost(query.scope, query.after,
              [&](const HostKey& key, const HostRecord& record) {
                if (!query.state || record.state == *query.state)
                  hosts.push_back(Describe(key, record));
                return hosts.size() < limit;
              });
  return hosts;
}

Host LeaseTable::Describe(const HostKey& key, const HostRecord& record) const {
  Host host{.key = key,
            .state = *record.state,
            .state_time = record.state_time,
            .last_report = record.last_report,
            .reporter_count = record.leases.size()};
  for (const LeaseId id : record.leases) {
    const Grant& grant = grants_.at(id);
    const Lease& lease = *grant.lease;
    if (host.reporters.size() < kMaxReportersNamed)
      host.reporters.push_back(lease.reporter);
    const size_t listeners = lease.listeners.load();
    host.listeners += listeners;
    host.connections += lease.rows.load() - listeners;
    host.refused_rows += lease.refused.load();
    for (const CoverageGap& gap : grant.gaps)
      if (host.gaps.size() < kMaxGapsNamed) host.gaps.push_back(gap);
  }
  return host;
}

bool LeaseTable::HasRoomFor(const Reporter& reporter) const {
  const auto host = hosts_.find(HostKeyOf(reporter));
  const bool takes_place =
      reporter.kind == ReporterKind::kAgent && host != hosts_.end();
  const size_t replaced = takes_place ? host->second.stale_agents : 0;
  return grants_.size() - replaced < options_.max_reporters;
}

LeaseTable::Grant& LeaseTable::GrantNew(const Reporter& reporter) {
  limited_.Remove(reporter);
  const LeaseId id{++last_id_};
  Grant& grant = grants_[id];
  grant.lease = std::make_shared<Lease>(id, reporter);
  grant.deadline = absl::InfiniteDuration();
  deadlines_.insert({grant.deadline, id});
  by_reporter_[reporter] = id;
  HostRecord& host = hosts_[HostKeyOf(reporter)];
  host.leases.insert(id);
  if (IsAgent(*grant.lease)) ++host.live_agents;
  return grant;
}

void LeaseTable::SetDeadline(Grant& grant, absl::Duration deadline) {
  deadlines_.erase({grant.deadline, grant.lease->id});
  grant.deadline = deadline;
  deadlines_.insert({grant.deadline, grant.lease->id});
}

LeasePtr LeaseTable::Drop(LeaseId id) {
  const auto it = grants_.find(id);
  const LeasePtr lease = std::move(it->second.lease);
  if (MakePartial(it->second.gaps)) CountGapped(HostKeyOf(lease->reporter), -1);
  limited_.Remove(lease->reporter);
  deadlines_.erase({it->second.deadline, id});
  grants_.erase(it);
  by_reporter_.erase(lease->reporter);
  HostRecord& host = hosts_[HostKeyOf(lease->reporter)];
  host.leases.erase(id);
  if (IsAgent(*lease))
    --(IsStale(*lease) ? host.stale_agents : host.live_agents);
  return lease;
}

void LeaseTable::LapseOne(LeaseId id, absl::Duration now, Lapses* lapses) {
  Grant& grant = grants_.at(id);
  const HostKey key = HostKeyOf(grant.lease->reporter);
  HostRecord& host = hosts_[key];
  const bool is_stale = IsStale(*grant.lease);
  // Whether the host would be silent without this lease.
  const bool speaks_alone =
      IsAgent(*grant.lease) && host.live_agents == (is_stale ? 0 : 1);
  if (!speaks_alone) {
    lapses->ends.push_back({Drop(id), /*expired=*/false});
  } else if (is_stale) {
    lapses->ends.push_back({Drop(id), /*expired=*/true});
    if (host.stale_agents == 0) {
      SetState(key, host, HostState::kExpired);
      host.forgotten_at = now + options_.memory;
      expired_.insert({host.forgotten_at, key});
    }
  } else {
    grant.lease->SetStale(clock_.Now());
    --host.live_agents;
    ++host.stale_agents;
    SetDeadline(grant, now + options_.grace);
    lapses->stale.push_back(grant.lease);
  }
  Settle(key);
}

void LeaseTable::EndStale(HostRecord& host, absl::Duration latest) {
  for (const LeaseId id : host.leases) {
    Grant& grant = grants_.at(id);
    if (IsStale(*grant.lease) && grant.deadline > latest)
      SetDeadline(grant, latest);
  }
}

void LeaseTable::Settle(const HostKey& key) {
  HostRecord& host = hosts_[key];
  if (host.live_agents > 0) {
    SetState(key, host, HostState::kLive);
  } else if (host.stale_agents > 0) {
    SetState(key, host, HostState::kStale);
  } else if (host.state != HostState::kExpired) {
    if (!host.leases.empty()) {
      SetState(key, host, HostState::kNoAgent);
    } else {
      if (host.state) CountHost(key, *host.state, -1);
      hosts_.erase(key);
    }
  }
}

void LeaseTable::SetState(const HostKey& key, HostRecord& host,
                          HostState state) {
  if (host.state == state) return;
  if (host.state) CountHost(key, *host.state, -1);
  if (host.state == HostState::kExpired)
    expired_.erase({host.forgotten_at, key});
  CountHost(key, state, 1);
  host.state = state;
  host.state_time = clock_.Now();
}

void LeaseTable::CountHost(const HostKey& key, HostState state, int change) {
  CountOf(state, counts_[key.network]) += change;
  DropCountsIfNone(key.network);
}

void LeaseTable::CountGapped(const HostKey& key, int change) {
  HostRecord& host = hosts_[key];
  const bool was_gapped = host.gapped > 0;
  host.gapped += change;
  counts_[key.network].gapped += static_cast<int>(host.gapped > 0) - was_gapped;
  DropCountsIfNone(key.network);
}

void LeaseTable::DropCountsIfNone(const std::string& network) {
  const HostCounts& counts = counts_[network];
  if (counts.live + counts.stale + counts.expired + counts.no_agent +
          counts.gapped ==
      0)
    counts_.erase(network);
}

void LeaseTable::ForgetExpired(absl::Duration now) {
  while (!expired_.empty() && (expired_.begin()->first <= now ||
                               expired_.size() > options_.max_reporters)) {
    const HostKey key = expired_.begin()->second;
    expired_.erase(expired_.begin());
    SetState(key, hosts_.at(key), HostState::kNoAgent);
    Settle(key);
  }
}

template <typename Visit>
void LeaseTable::ForEachHost(const Scope& scope,
                             const std::optional<HostKey>& after,
                             Visit visit) const {
  auto it =
      after ? hosts_.upper_bound(*after) : hosts_.lower_bound({scope.host, ""});
  for (; it != hosts_.end(); ++it) {
    if (!scope.host.empty() && it->first.name != scope.host) return;
    if (!scope.network.empty() && it->first.network != scope.network) continue;
    if (!visit(it->first, it->second)) return;
  }
}

}  // namespace connreg
