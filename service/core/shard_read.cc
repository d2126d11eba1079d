// What a shard is asked; shard.cc has what changes it.
#include <algorithm>
#include <iterator>

#include "service/core/shard.h"

namespace connreg {
namespace {

bool Has(const ConnectionFacts& facts, const Endpoint& endpoint) {
  return facts.tuple.local() == endpoint || facts.tuple.remote() == endpoint;
}

}  // namespace

RowGroup Shard::Find(uint64_t hash) const {
  RowGroup group{.hash = hash};
  ReaderLock lock(mutex_);
  if (const auto it = groups_.find(hash); it != groups_.end())
    for (const Row& row : it->second) group.rows.push_back(ObservationOf(row));
  group.closed = closed_.Find(hash);
  return group;
}

void Shard::Scan(const GroupFilter& filter, std::optional<uint64_t> after,
                 size_t limit, std::vector<RowGroup>* groups) const {
  ReaderLock lock(mutex_);
  for (std::optional<uint64_t> hash = NextLocked(filter, after);
       hash && groups->size() < limit; hash = NextLocked(filter, hash)) {
    if (std::optional<RowGroup> group = GroupLocked(filter, *hash))
      groups->push_back(*std::move(group));
  }
}

void Shard::AddEndpoints(const EndpointQuery& query, const Endpoint& first,
                         size_t limit, std::set<Endpoint>* endpoints) const {
  const std::string& host = query.scope.host;
  ReaderLock lock(mutex_);
  if (query.prefix && host.empty()) {
    size_t added = 0;
    by_endpoint_.VisitKeys(first, [&](const Endpoint& endpoint) {
      const IpAddress& address = endpoint.address();
      if (added == limit || query.prefix->IsBefore(address)) return false;
      if (!address.is_host_local() &&
          query.prefix->ContainsInAnyZone(address)) {
        endpoints->insert(endpoint);
        ++added;
      }
      return true;
    });
    return;
  }
  std::set<Endpoint> lowest;
  for (const auto& [hash, count] : by_host_.Find(host)) {
    for (const Row& row : groups_.at(hash)) {
      const Endpoint& local = row.facts.tuple.local();
      if (row.reporter().host != host || local < first ||
          (lowest.size() == limit && *lowest.rbegin() <= local) ||
          (query.prefix && !query.prefix->ContainsInAnyZone(local.address())))
        continue;
      lowest.insert(local);
      if (lowest.size() > limit) lowest.erase(std::prev(lowest.end()));
    }
  }
  endpoints->merge(lowest);
}

size_t Shard::size() const {
  ReaderLock lock(mutex_);
  return size_;
}

size_t Shard::closed_size() const {
  ReaderLock lock(mutex_);
  return closed_.size();
}

Observation Shard::ObservationOf(const Row& row) {
  return {.facts = row.facts,
          .provenance = {.reporter = ReporterOf(row.lease),
                         .first_seen = row.first_seen,
                         .changed = row.changed,
                         .revision = row.revision,
                         .stale_since = row.lease->stale_since(row.mark)}};
}

bool Shard::Matches(const GroupFilter& filter, const Reporter& reporter,
                    const ConnectionFacts& facts) {
  const Scope& scope = filter.scope;
  return (scope.network.empty() || reporter.network == scope.network) &&
         (scope.host.empty() || reporter.host == scope.host) &&
         (!scope.transport || facts.socket.transport == *scope.transport) &&
         (!filter.endpoint || Has(facts, *filter.endpoint)) &&
         (!filter.tuple ||
          facts.tuple.Canonical() == filter.tuple->Canonical());
}

std::optional<uint64_t> Shard::NextLocked(const GroupFilter& filter,
                                          std::optional<uint64_t> after) const {
  const std::string& host = filter.scope.host;
  std::optional<uint64_t> live;
  if (filter.endpoint) {
    live = by_endpoint_.Next(*filter.endpoint, after);
  } else if (!host.empty()) {
    live = by_host_.Next(host, after);
  } else if (const auto it = FirstAbove(groups_, after); it != groups_.end()) {
    live = it->first;
  }
  if (!filter.closed) return live;
  const std::optional<uint64_t> closed =
      closed_.Next(filter.endpoint, host, after);
  return live && closed ? std::min(*live, *closed) : live ? live : closed;
}

std::optional<RowGroup> Shard::GroupLocked(const GroupFilter& filter,
                                           uint64_t hash) const {
  RowGroup group{.hash = hash};
  bool matches = false;
  if (const auto it = groups_.find(hash); it != groups_.end()) {
    matches =
        std::any_of(it->second.begin(), it->second.end(), [&](const Row& row) {
          return Matches(filter, row.reporter(), row.facts);
        });
    if (matches || filter.closed)
      for (const Row& row : it->second)
        group.rows.push_back(ObservationOf(row));
  }
  if (filter.closed) {
    group.closed = closed_.Find(hash);
    matches |= std::any_of(group.closed.begin(), group.closed.end(),
                           [&](const Observation& row) {
                             return Matches(filter, row.reporter(), row.facts);
                           });
  }
  if (!matches) return std::nullopt;
  return group;
}

}  // namespace connreg
