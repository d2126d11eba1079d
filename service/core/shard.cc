#include "service/core/shard.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "service/model/host.h"
#include "service/model/views.h"

namespace connreg {
namespace {

// `Named` has what tells a row from others of its reporter: ConnectionFacts and
// ConnectionName do.
template <typename Row, typename Named>
bool IsAt(const Row& row, const Reporter& reporter, const Named& named) {
  return row.facts.tuple == named.tuple &&
         row.facts.socket.transport == named.socket.transport &&
         row.facts.socket.netns == named.socket.netns &&
         row.facts.device == named.device && row.reporter() == reporter;
}

// What another agent of the host says of the same socket: one that starts knows
// what the one before it has found out. Null if there is none.
template <typename Row>
const Row* OfAnotherAgent(const std::vector<Row>& rows, const Lease& lease,
                          const ConnectionFacts& facts) {
  if (facts.socket.cookie == 0) return nullptr;
  const auto it = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
    return AreAgentsOfOneHost(row.reporter(), lease.reporter) &&
           row.facts.socket.cookie == facts.socket.cookie &&
           IsAt(row, row.reporter(), facts);
  });
  return it == rows.end() ? nullptr : &*it;
}

bool Has(const ConnectionFacts& facts, const Endpoint& endpoint) {
  return facts.tuple.local() == endpoint || facts.tuple.remote() == endpoint;
}

}  // namespace

void Shard::Apply(absl::Span<const Put> puts, const LeasePtr& lease,
                  Refusals* refusals) {
  const absl::Time now = clock_.Now();
  WriterLock lock(mutex_);
  for (const Put& put : puts) {
    const std::optional<RowLimit> limit = PutLocked(put, lease, now);
    if (!limit) continue;
    refusals->Add(*limit);
    capacity_.CountRefused(*limit, *lease);
  }
}

size_t Shard::Apply(absl::Span<const Remove> removes,
                    const Reporter& reporter) {
  WriterLock lock(mutex_);
  size_t removed = 0;
  for (const Remove& remove : removes)
    removed += RemoveLocked(remove, reporter) ? 1 : 0;
  return removed;
}

size_t Shard::RemoveLease(LeaseId lease, std::optional<CloseReason> reason) {
  WriterLock lock(mutex_);
  const Postings<LeaseId>::Hashes hashes = by_lease_.Find(lease);
  size_t removed = 0;
  for (const auto& [hash, count] : hashes) {
    Rows& rows = groups_[hash];
    const auto gone = std::stable_partition(
        rows.begin(), rows.end(),
        [&](const Row& row) { return row.lease->id != lease; });
    Rows leaving(std::make_move_iterator(gone),
                 std::make_move_iterator(rows.end()));
    rows.erase(gone, rows.end());
    removed += leaving.size();
    for (Row& row : leaving) LeaveLocked(hash, std::move(row), rows, reason);
    DropIfEmptyLocked(hash);
  }
  return removed;
}

void Shard::Forget() {
  const absl::Duration now = clock_.Monotonic();
  WriterLock lock(mutex_);
  closed_.Forget(now);
}

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
                         .stale_since = row.lease->stale_since()}};
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

std::optional<RowLimit> Shard::PutLocked(const Put& put, const LeasePtr& lease,
                                         absl::Time now) {
  const ConnectionFacts& facts = *put.facts;
  if (const auto it = groups_.find(put.hash); it != groups_.end()) {
    Rows& rows = it->second;
    const auto known = std::find_if(
        rows.begin(), rows.end(),
        [&](const Row& row) { return IsAt(row, lease->reporter, facts); });
    if (known != rows.end()) {
      UpdateLocked(put.hash, rows, *known, facts, lease, now);
      return std::nullopt;
    }
    if (rows.size() >= capacity_.limits().rows_per_four_tuple)
      return RowLimit::kRowsPerFourTuple;
  }
  if (const std::optional<RowLimit> limit = capacity_.Take(*lease))
    return limit;
  Rows& rows = groups_[put.hash];
  Row row{facts, lease, now, now, 0};
  if (const Row* const other = OfAnotherAgent(rows, *lease, facts)) {
    row.facts = Succeed(other->facts, std::move(row.facts));
    row.first_seen = other->first_seen;
  }
  row.revision = history_.Record();
  rows.push_back(std::move(row));
  IndexLocked(put.hash, rows.back());
  ++size_;
  return std::nullopt;
}

void Shard::UpdateLocked(uint64_t hash, Rows& rows, Row& row,
                         const ConnectionFacts& facts, const LeasePtr& lease,
                         absl::Time now) {
  // A report that was overtaken by the next lease of its reporter.
  if (row.lease->id > lease->id) return;
  // A row of the lease before, which has ended, and was not taken away yet.
  if (row.lease != lease) {
    const LeasePtr before = std::exchange(row.lease, lease);
    capacity_.Move(*before, *lease);
    by_lease_.Remove(before->id, hash);
    by_lease_.Add(lease->id, hash);
  }
  if (SameIncarnation(row.facts.socket, facts.socket)) {
    ConnectionFacts successor = Succeed(row.facts, facts);
    if (successor == row.facts) return;
    row.facts = std::move(successor);
  } else {
    // One life of the four-tuple ends, and the next begins.
    const Row ended = row;
    row.facts = facts;
    row.first_seen = now;
    CloseLocked(hash, ended, rows, {now, CloseReason::kReplaced});
  }
  row.changed = now;
  row.revision = history_.Record();
}

bool Shard::RemoveLocked(const Remove& remove, const Reporter& reporter) {
  const auto group = groups_.find(remove.hash);
  if (group == groups_.end()) return false;
  Rows& rows = group->second;
  const ConnectionName& name = *remove.name;
  const auto it = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
    return IsAt(row, reporter, name) &&
           SameIncarnation(row.facts.socket, name.socket);
  });
  if (it == rows.end()) return false;
  Row row = std::move(*it);
  rows.erase(it);
  LeaveLocked(remove.hash, std::move(row), rows, CloseReason::kDeregistered);
  DropIfEmptyLocked(remove.hash);
  return true;
}

void Shard::LeaveLocked(uint64_t hash, Row row, const Rows& rows,
                        std::optional<CloseReason> reason) {
  UnindexLocked(hash, row);
  capacity_.Release(*row.lease);
  --size_;
  history_.Record();
  if (reason)
    CloseLocked(hash, row, rows, {clock_.Now(), *reason});
  else
    history_.Forget(clock_.Now());
}

void Shard::CloseLocked(uint64_t hash, const Row& row, const Rows& others,
                        const Closure& closure) {
  const bool is_view =
      std::any_of(others.begin(), others.end(), [&](const Row& other) {
        return AreViews(other.facts, other.reporter(), row.facts,
                        row.reporter());
      });
  if (is_view) return;
  Observation closed = ObservationOf(row);
  closed.provenance.stale_since.reset();
  closed.closure = closure;
  closed_.Add(hash, std::move(closed),
              clock_.Monotonic() + options_.closed_age);
}

void Shard::IndexLocked(uint64_t hash, const Row& row) {
  by_endpoint_.Add(row.facts.tuple.local(), hash);
  by_endpoint_.Add(row.facts.tuple.remote(), hash);
  by_host_.Add(row.reporter().host, hash);
  by_lease_.Add(row.lease->id, hash);
}

void Shard::UnindexLocked(uint64_t hash, const Row& row) {
  by_endpoint_.Remove(row.facts.tuple.local(), hash);
  by_endpoint_.Remove(row.facts.tuple.remote(), hash);
  by_host_.Remove(row.reporter().host, hash);
  by_lease_.Remove(row.lease->id, hash);
}

void Shard::DropIfEmptyLocked(uint64_t hash) {
  const auto it = groups_.find(hash);
  if (it != groups_.end() && it->second.empty()) groups_.erase(it);
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
