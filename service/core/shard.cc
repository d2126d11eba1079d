#include "service/core/shard.h"

#include <algorithm>
#include <utility>

namespace connreg {
namespace {

bool IsAt(const Observation& row, const Reporter& reporter,
          const Socket& socket, const FourTuple& tuple) {
  return row.facts.tuple == tuple &&
         row.facts.socket.transport == socket.transport &&
         row.facts.socket.netns == socket.netns && row.reporter() == reporter;
}

bool Has(const Observation& row, const Endpoint& endpoint) {
  return row.facts.tuple.local() == endpoint ||
         row.facts.tuple.remote() == endpoint;
}

bool Matches(const GroupFilter& filter, const Observation& row) {
  const Scope& scope = filter.scope;
  return (scope.network.empty() || row.reporter().network == scope.network) &&
         (scope.host.empty() || row.reporter().host == scope.host) &&
         (!scope.transport || row.facts.socket.transport == *scope.transport) &&
         (!filter.endpoint || Has(row, *filter.endpoint));
}

// The place in `ordered` of the first hash above `after`.
template <typename Ordered>
auto FirstAfter(const Ordered& ordered, std::optional<uint64_t> after) {
  return after ? ordered.upper_bound(*after) : ordered.begin();
}

}  // namespace

void Shard::Apply(absl::Span<const Put> puts, const Lease& lease,
                  absl::Time now) {
  WriterLock lock(mutex_);
  for (const Put& put : puts) PutLocked(put, lease, now);
}

size_t Shard::Apply(absl::Span<const Remove> removes,
                    const Reporter& reporter) {
  WriterLock lock(mutex_);
  size_t removed = 0;
  for (const Remove& remove : removes)
    removed += RemoveLocked(remove, reporter) ? 1 : 0;
  return removed;
}

size_t Shard::RemoveLease(LeaseId lease) {
  WriterLock lock(mutex_);
  const Postings<LeaseId>::Hashes* posted = by_lease_.Find(lease);
  if (posted == nullptr) return 0;
  const Postings<LeaseId>::Hashes hashes = *posted;
  size_t removed = 0;
  for (const uint64_t hash : hashes) {
    Rows& rows = groups_[hash];
    const auto gone = std::stable_partition(
        rows.begin(), rows.end(),
        [&](const Row& row) { return row.lease != lease; });
    const Rows leaving(std::make_move_iterator(gone),
                       std::make_move_iterator(rows.end()));
    rows.erase(gone, rows.end());
    for (const Row& row : leaving) {
      UnindexLocked(hash, row, rows);
      history_.RecordForgetting();
    }
    removed += leaving.size();
    DropIfEmptyLocked(hash);
  }
  size_ -= removed;
  return removed;
}

std::vector<Observation> Shard::Find(uint64_t hash) const {
  std::vector<Observation> found;
  ReaderLock lock(mutex_);
  const auto it = groups_.find(hash);
  if (it == groups_.end()) return found;
  for (const Row& row : it->second) found.push_back(row.observation);
  return found;
}

void Shard::Scan(const GroupFilter& filter, std::optional<uint64_t> after,
                 size_t limit, std::vector<RowGroup>* groups) const {
  const auto add = [&](uint64_t hash, const Rows& rows) {
    const bool matches = std::any_of(
        rows.begin(), rows.end(),
        [&](const Row& row) { return Matches(filter, row.observation); });
    if (!matches) return;
    RowGroup& group = groups->emplace_back(RowGroup{.hash = hash});
    for (const Row& row : rows) group.rows.push_back(row.observation);
  };

  ReaderLock lock(mutex_);
  if (!filter.endpoint && filter.scope.host.empty()) {
    for (auto it = FirstAfter(groups_, after);
         it != groups_.end() && groups->size() < limit; ++it)
      add(it->first, it->second);
    return;
  }
  const absl::btree_set<uint64_t>* hashes =
      filter.endpoint ? by_endpoint_.Find(*filter.endpoint)
                      : by_host_.Find(filter.scope.host);
  if (hashes == nullptr) return;
  for (auto it = FirstAfter(*hashes, after);
       it != hashes->end() && groups->size() < limit; ++it)
    add(*it, groups_.at(*it));
}

size_t Shard::size() const {
  ReaderLock lock(mutex_);
  return size_;
}

void Shard::PutLocked(const Put& put, const Lease& lease, absl::Time now) {
  const ConnectionFacts& facts = *put.facts;
  Rows& rows = groups_[put.hash];
  const auto it = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
    return IsAt(row.observation, *lease.reporter, facts.socket, facts.tuple);
  });
  if (it != rows.end()) {
    UpdateLocked(put.hash, *it, facts, lease, now);
    return;
  }
  rows.push_back(
      {Observation{facts, Provenance{lease.reporter, now, now}}, lease.id});
  IndexLocked(put.hash, rows.back());
  ++size_;
  history_.Record();
}

void Shard::UpdateLocked(uint64_t hash, Row& row, const ConnectionFacts& facts,
                         const Lease& lease, absl::Time now) {
  // A report that was overtaken by the next lease of its reporter.
  if (row.lease > lease.id) return;
  Provenance& provenance = row.observation.provenance;
  if (row.lease != lease.id) {
    const LeaseId before = std::exchange(row.lease, lease.id);
    provenance.reporter = lease.reporter;
    const Rows& rows = groups_.at(hash);
    const bool kept =
        std::any_of(rows.begin(), rows.end(),
                    [&](const Row& other) { return other.lease == before; });
    if (!kept) by_lease_.Remove(before, hash);
    by_lease_.Add(lease.id, hash);
  }
  ConnectionFacts& known = row.observation.facts;
  if (!SameIncarnation(known.socket, facts.socket)) {
    // One life of the four-tuple ends, and the next begins.
    history_.RecordForgetting();
    known = facts;
    provenance.first_seen = now;
  } else {
    ConnectionFacts successor = Succeed(known, facts);
    if (successor == known) return;
    known = std::move(successor);
  }
  provenance.changed = now;
  history_.Record();
}

bool Shard::RemoveLocked(const Remove& remove, const Reporter& reporter) {
  const auto group = groups_.find(remove.hash);
  if (group == groups_.end()) return false;
  Rows& rows = group->second;
  const ConnectionName& name = *remove.name;
  const auto it = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
    return IsAt(row.observation, reporter, name.socket, name.tuple) &&
           SameIncarnation(row.observation.facts.socket, name.socket);
  });
  if (it == rows.end()) return false;
  const Row row = std::move(*it);
  rows.erase(it);
  UnindexLocked(remove.hash, row, rows);
  DropIfEmptyLocked(remove.hash);
  --size_;
  history_.RecordForgetting();
  return true;
}

void Shard::IndexLocked(uint64_t hash, const Row& row) {
  by_endpoint_.Add(row.observation.facts.tuple.local(), hash);
  by_endpoint_.Add(row.observation.facts.tuple.remote(), hash);
  by_host_.Add(row.observation.reporter().host, hash);
  by_lease_.Add(row.lease, hash);
}

void Shard::UnindexLocked(uint64_t hash, const Row& row, const Rows& rows) {
  const auto none = [&](auto holds) {
    return std::none_of(rows.begin(), rows.end(), holds);
  };
  for (const Endpoint& endpoint : {row.observation.facts.tuple.local(),
                                   row.observation.facts.tuple.remote()}) {
    if (none(
            [&](const Row& other) { return Has(other.observation, endpoint); }))
      by_endpoint_.Remove(endpoint, hash);
  }
  const std::string& host = row.observation.reporter().host;
  if (none([&](const Row& other) {
        return other.observation.reporter().host == host;
      }))
    by_host_.Remove(host, hash);
  if (none([&](const Row& other) { return other.lease == row.lease; }))
    by_lease_.Remove(row.lease, hash);
}

void Shard::DropIfEmptyLocked(uint64_t hash) {
  const auto it = groups_.find(hash);
  if (it != groups_.end() && it->second.empty()) groups_.erase(it);
}

}  // namespace connreg
