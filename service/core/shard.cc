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

// Whether one of `others` is a view of the socket of `row`.
template <typename Row>
bool HasView(const std::vector<Row>& others, const Row& row) {
  return std::any_of(others.begin(), others.end(), [&](const Row& other) {
    return AreViews(other.facts, other.reporter(), row.facts, row.reporter());
  });
}

}  // namespace

void Shard::Apply(absl::Span<const Put> puts, const LeasePtr& lease,
                  Refusals* refusals, std::vector<uint32_t>* refused) {
  const absl::Time now = clock_.Now();
  WriterLock lock(mutex_);
  for (const Put& put : puts) {
    const std::optional<RowLimit> limit = PutLocked(put, lease, now);
    if (!limit) continue;
    refusals->Add(*limit);
    refused->push_back(put.place);
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

void Shard::AddEnded(absl::Span<const Put> ended, const LeasePtr& lease) {
  const absl::Time now = clock_.Now();
  WriterLock lock(mutex_);
  for (const Put& put : ended) AddEndedLocked(put, lease, now);
}

size_t Shard::RemoveRows(LeaseId lease, std::optional<uint64_t> mark,
                         std::optional<CloseReason> reason) {
  constexpr size_t kGroupsAtOnce = 500;
  size_t removed = 0;
  std::optional<uint64_t> after;
  do {
    WriterLock lock(mutex_);
    size_t groups = 0;
    for (std::optional<uint64_t> hash = by_lease_.Next(lease, after);
         hash && groups < kGroupsAtOnce; hash = by_lease_.Next(lease, after)) {
      removed += RemoveOfLocked(*hash, lease, mark, reason);
      after = hash;
      ++groups;
    }
    if (groups < kGroupsAtOnce) after.reset();
  } while (after);
  return removed;
}

size_t Shard::RemoveOfLocked(uint64_t hash, LeaseId lease,
                             std::optional<uint64_t> mark,
                             std::optional<CloseReason> reason) {
  Rows& rows = groups_[hash];
  const auto gone =
      std::stable_partition(rows.begin(), rows.end(), [&](const Row& row) {
        return row.lease->id != lease || row.mark == mark;
      });
  Rows leaving(std::make_move_iterator(gone),
               std::make_move_iterator(rows.end()));
  rows.erase(gone, rows.end());
  for (Row& row : leaving) LeaveLocked(hash, std::move(row), rows, reason);
  DropIfEmptyLocked(hash);
  return leaving.size();
}

void Shard::Forget() {
  const absl::Duration now = clock_.Monotonic();
  WriterLock lock(mutex_);
  closed_.Forget(now);
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
      UpdateLocked(put, rows, *known, lease, now);
      return std::nullopt;
    }
    if (rows.size() >= capacity_.limits().rows_per_four_tuple)
      return RowLimit::kRowsPerFourTuple;
  }
  if (const std::optional<RowLimit> limit = capacity_.Take(*lease))
    return limit;
  Rows& rows = groups_[put.hash];
  Row row{facts, lease, now, now, 0, lease->mark(), put.digest};
  if (const Row* const other = OfAnotherAgent(rows, *lease, facts)) {
    row.facts = Succeed(other->facts, std::move(row.facts));
    row.first_seen = other->first_seen;
  }
  row.revision = history_.Record();
  lease->digest_sum += put.digest;
  rows.push_back(std::move(row));
  IndexLocked(put.hash, rows.back());
  ++size_;
  return std::nullopt;
}

void Shard::UpdateLocked(const Put& put, Rows& rows, Row& row,
                         const LeasePtr& lease, absl::Time now) {
  const ConnectionFacts& facts = *put.facts;
  // A report that was overtaken by the next lease of its reporter.
  if (row.lease->id > lease->id) return;
  if (row.lease != lease) MoveLocked(put.hash, row, lease);
  row.mark = lease->mark();
  lease->digest_sum += put.digest - std::exchange(row.digest, put.digest);
  if (SameIncarnation(row.facts.socket, facts.socket)) {
    ConnectionFacts successor = Succeed(row.facts, facts);
    if (successor == row.facts) return;
    row.facts = std::move(successor);
  } else {
    // One life of the four-tuple ends, and the next begins.
    const Row ended = row;
    row.facts = facts;
    row.first_seen = now;
    CloseLocked(put.hash, ended, rows, {now, CloseReason::kReplaced});
  }
  row.changed = now;
  row.revision = history_.Record();
}

void Shard::MoveLocked(uint64_t hash, Row& row, const LeasePtr& lease) {
  const LeasePtr before = std::exchange(row.lease, lease);
  capacity_.Move(*before, *lease);
  before->digest_sum -= row.digest;
  lease->digest_sum += row.digest;
  by_lease_.Remove(before->id, hash);
  by_lease_.Add(lease->id, hash);
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

void Shard::AddEndedLocked(const Put& ended, const LeasePtr& lease,
                           absl::Time now) {
  const ConnectionFacts& facts = *ended.facts;
  const ConnectionName name{facts.socket, facts.tuple, facts.device};
  if (RemoveLocked({ended.hash, &name}, lease->reporter)) return;
  const std::vector<Observation> closed = closed_.Find(ended.hash);
  const bool is_known =
      std::any_of(closed.begin(), closed.end(), [&](const Observation& row) {
        return facts.socket.cookie != 0 &&
               row.facts.socket.cookie == facts.socket.cookie &&
               AreViews(row.facts, row.reporter(), facts, lease->reporter);
      });
  if (is_known) return;
  Row row{facts, lease, now, now};
  if (const auto group = groups_.find(ended.hash);
      group != groups_.end() && HasView(group->second, row))
    return;
  row.revision = history_.Record();
  CloseLocked(ended.hash, row, {}, {now, CloseReason::kDeregistered});
}

void Shard::LeaveLocked(uint64_t hash, Row row, const Rows& rows,
                        std::optional<CloseReason> reason) {
  UnindexLocked(hash, row);
  capacity_.Release(*row.lease);
  row.lease->digest_sum -= row.digest;
  --size_;
  history_.Record();
  if (reason)
    CloseLocked(hash, row, rows, {clock_.Now(), *reason});
  else
    history_.Forget(clock_.Now());
}

void Shard::CloseLocked(uint64_t hash, const Row& row, const Rows& others,
                        const Closure& closure) {
  if (HasView(others, row)) return;
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

}  // namespace connreg
