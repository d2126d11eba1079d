// What leases make of hosts; lease_table.cc has the leases.
#include <algorithm>

#include "service/core/lease_table.h"

namespace connreg {
namespace {

// How many reporters of a host are named.
constexpr size_t kMaxReportersNamed = 16;

// How many of the things that its reporters cannot see.
constexpr size_t kMaxGapsNamed = 16;

}  // namespace

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

HostCounts LeaseTable::Count(const Scope& scope) const {
  HostCounts counts;
  if (!scope.host.empty()) {
    ForEachHost(scope, std::nullopt,
                [&](const HostKey&, const HostRecord& host) {
                  if (host.state) ++connreg::CountOf(*host.state, counts);
                  if (host.gapped > 0) ++counts.gapped;
                  return true;
                });
  } else {
    counts = tally_.Of(scope.network);
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

bool LeaseTable::IsSyncing(const HostKey& key) const {
  const auto it = hosts_.find(key);
  return it != hosts_.end() && it->second.state == HostState::kSyncing;
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

void LeaseTable::Settle(const HostKey& key) {
  HostRecord& host = hosts_[key];
  if (host.live_agents > 0) {
    SetState(key, host, HostState::kLive);
  } else if (host.syncing_agents > 0) {
    SetState(key, host, HostState::kSyncing);
  } else if (host.stale_agents > 0) {
    SetState(key, host, HostState::kStale);
  } else if (host.state != HostState::kExpired) {
    if (!host.leases.empty()) {
      SetState(key, host, HostState::kNoAgent);
    } else {
      CountHost(key, host, -1);
      hold_.NoteOver(key);
      hosts_.erase(key);
    }
  }
}

void LeaseTable::SetState(const HostKey& key, HostRecord& host,
                          HostState state) {
  if (host.state == state) return;
  CountHost(key, host, -1);
  if (host.state == HostState::kExpired)
    expired_.erase({host.forgotten_at, key});
  if (host.state == HostState::kStale) hold_.NoteOver(key);
  host.state = state;
  host.state_time = clock_.Now();
  CountHost(key, host, 1);
  if (state == HostState::kLive) host.was_live = true;
}

void LeaseTable::CountHost(const HostKey& key, const HostRecord& host,
                           int change) {
  if (!host.state) return;
  tally_.Add(key.network, *host.state, change);
  if (host.state == HostState::kSyncing && !host.was_live)
    first_syncing_ += change;
}

void LeaseTable::CountGapped(const HostKey& key, int change) {
  HostRecord& host = hosts_[key];
  const bool was_gapped = host.gapped > 0;
  host.gapped += change;
  if (const int more = static_cast<int>(host.gapped > 0) - was_gapped)
    tally_.AddGapped(key.network, more);
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

}  // namespace connreg
