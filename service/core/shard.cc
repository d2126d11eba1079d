#include "service/core/shard.h"

#include <algorithm>
#include <array>
#include <utility>

#include "service/model/host.h"
#include "service/model/views.h"

namespace connreg {
namespace {

// Whether `row` is what `named`, which is ConnectionFacts or a ConnectionName,
// tells from others of its reporter.
template <typename Named>
bool IsAt(const RowStore& rows, const Row& row, const PackedTuple& tuple,
          const Named& named) {
  return rows.Has(row, tuple) &&
         row.shared->transport == named.socket.transport &&
         row.shared->netns == named.socket.netns &&
         row.shared->device == named.device;
}

bool IsOf(const Row& row, const Reporter& reporter) {
  return &row.reporter() == &reporter || row.reporter() == reporter;
}

Socket NameOf(const RowStore& rows, const Row& row) {
  return {.cookie = row.cookie, .inode = rows.InodeOf(row)};
}

// Whether the row is of these facts in every respect.
bool Says(const RowStore& rows, const Row& row, const Shard::Put& put) {
  return row.shared.get() == put.shared->get() &&
         row.state == put.facts->state &&
         row.cookie == put.facts->socket.cookie &&
         rows.InodeOf(row) == put.facts->socket.inode;
}

// What another agent of the host says of the same socket: one that starts knows
// what the one before it has found out. Null if there is none.
const Row* OfAnotherAgent(const RowStore& rows, const RowTable::Places& group,
                          const Lease& lease, const ConnectionFacts& facts) {
  if (facts.socket.cookie == 0) return nullptr;
  const PackedTuple tuple(facts.tuple);
  for (const uint32_t place : group) {
    const Row& row = rows[place];
    if (row.cookie == facts.socket.cookie &&
        AreAgentsOfOneHost(row.reporter(), lease.reporter) &&
        IsAt(rows, row, tuple, facts))
      return &row;
  }
  return nullptr;
}

}  // namespace

void Shard::Apply(absl::Span<const Put> puts, const LeasePtr& lease,
                  Refusals* refusals, std::vector<uint32_t>* refused) {
  const absl::Time now = shared_.clock.Now();
  WriterLock lock(mutex_);
  for (; !puts.empty(); puts = puts.subspan(std::min(kAtOnce, puts.size()))) {
    const absl::Span<const Put> next = puts.subspan(0, kAtOnce);
    for (const Put& put : next) rows_.PrefetchEntries(put);
    for (const Put& put : next) rows_.Seek(FragmentOf(put.hash));
    for (const Put& put : next) {
      const std::optional<RowLimit> limit = PutLocked(put, lease, now);
      if (!limit) continue;
      refusals->Add(*limit);
      refused->push_back(put.place);
      shared_.capacity.CountRefused(*limit, *lease);
    }
  }
}

size_t Shard::Apply(absl::Span<const Remove> removes,
                    const Reporter& reporter) {
  const absl::Time now = shared_.clock.Now();
  WriterLock lock(mutex_);
  size_t removed = 0;
  for (const Remove& remove : removes)
    removed += RemoveLocked(remove, reporter, now) ? 1 : 0;
  return removed;
}

void Shard::AddEnded(absl::Span<const Put> ended, const LeasePtr& lease) {
  const absl::Time now = shared_.clock.Now();
  WriterLock lock(mutex_);
  for (const Put& put : ended) AddEndedLocked(put, lease, now);
}

size_t Shard::RemoveRows(const Lease& lease, std::optional<uint32_t> mark,
                         std::optional<CloseReason> reason) {
  // Between two letting go of the lock.
  constexpr size_t kFragmentsAtOnce = 8 * kAtOnce;
  const uint32_t tag =
      shared_.hash.TagOf(lease.reporter.host, static_cast<uint64_t>(lease.id));
  size_t removed = 0;
  std::vector<uint32_t> fragments;
  do {
    const uint32_t from = fragments.empty() ? 0 : fragments.back() + 1;
    fragments.clear();
    const absl::Time now = shared_.clock.Now();
    WriterLock lock(mutex_);
    for (std::optional<uint32_t> next = rows_.NextFragment(tag, from);
         next && fragments.size() < kFragmentsAtOnce;
         next = rows_.NextFragment(tag, *next + 1))
      fragments.push_back(*next);
    for (size_t i = 0; i < fragments.size(); i += kAtOnce) {
      removed +=
          RemoveOfLocked(absl::MakeConstSpan(fragments).subspan(i, kAtOnce),
                         lease, mark, reason, now);
    }
  } while (fragments.size() == kFragmentsAtOnce);
  return removed;
}

size_t Shard::RemoveOfLocked(absl::Span<const uint32_t> fragments,
                             const Lease& lease, std::optional<uint32_t> mark,
                             std::optional<CloseReason> reason,
                             absl::Time now) {
  std::array<const HashIndex::Entry*, kAtOnce> entries;
  for (const uint32_t fragment : fragments) rows_.PrefetchEntry(fragment);
  for (size_t i = 0; i < fragments.size(); ++i)
    entries[i] = rows_.Seek(fragments[i]);
  for (size_t i = 0; i < fragments.size(); ++i)
    if (entries[i] != nullptr) rows_.PrefetchEnds(*entries[i]);
  size_t removed = 0;
  for (const uint32_t fragment : fragments)
    for (const uint64_t hash : rows_.HashesOf(fragment))
      removed += RemoveOfLocked(hash, lease, mark, reason, now);
  return removed;
}

size_t Shard::RemoveOfLocked(uint64_t hash, const Lease& lease,
                             std::optional<uint32_t> mark,
                             std::optional<CloseReason> reason,
                             absl::Time now) {
  Places leaving;
  Places staying;
  for (const uint32_t place : rows_.Group(hash)) {
    const Row& row = rows_[place];
    const bool stays = row.lease()->id != lease.id || row.mark == mark;
    (stays ? staying : leaving).push_back(place);
  }
  for (const uint32_t place : leaving)
    LeaveLocked(hash, place, staying, reason, now);
  return leaving.size();
}

void Shard::Forget() {
  const absl::Duration now = shared_.clock.Monotonic();
  WriterLock lock(mutex_);
  closed_.Forget(now);
}

std::optional<RowLimit> Shard::PutLocked(const Put& put, const LeasePtr& lease,
                                         absl::Time now) {
  const Places group = rows_.Group(put.hash);
  const PackedTuple tuple(put.facts->tuple);
  for (const uint32_t place : group) {
    const Row& row = rows_[place];
    if (IsOf(row, lease->reporter) &&
        IsAt(rows_.rows(), row, tuple, *put.facts)) {
      UpdateLocked(put, group, place, lease, now);
      return std::nullopt;
    }
  }
  if (group.size() >= shared_.capacity.limits().rows_per_four_tuple)
    return RowLimit::kRowsPerFourTuple;
  if (const std::optional<RowLimit> limit = shared_.capacity.Take(*lease))
    return limit;
  AddLocked(put, group, lease, now);
  return std::nullopt;
}

void Shard::AddLocked(const Put& put, const Places& group,
                      const LeasePtr& lease, absl::Time now) {
  const Row* const other =
      OfAnotherAgent(rows_.rows(), group, *lease, *put.facts);
  int64_t first_seen = absl::ToUnixNanos(now);
  uint32_t place = 0;
  if (other == nullptr) {
    place = rows_.Add(put, *put.facts, *put.shared);
  } else {
    first_seen = other->first_seen;
    const ConnectionFacts facts =
        Succeed(rows_.rows().FactsOf(*other), *put.facts);
    place = rows_.Add(put, facts, shared_.facts.Share(facts, lease));
  }
  Row& row = rows_[place];
  row.first_seen = first_seen;
  row.changed = absl::ToUnixNanos(now);
  row.mark = lease->mark();
  row.digest = put.digest;
  row.revision = shared_.history.Record();
  lease->digest_sum += put.digest;
}

void Shard::UpdateLocked(const Put& put, const Places& group, uint32_t place,
                         const LeasePtr& lease, absl::Time now) {
  Row& row = rows_[place];
  // A report that was overtaken by the next lease of its reporter.
  if (row.lease()->id > lease->id) return;
  const LeasePtr before = row.lease();
  const bool moves = before != lease;
  if (moves) shared_.capacity.Move(*before, *lease);
  row.mark = lease->mark();
  before->digest_sum -= row.digest;
  lease->digest_sum += put.digest;
  row.digest = put.digest;
  if (Says(rows_.rows(), row, put)) return;
  ConnectionFacts facts = *put.facts;
  const bool goes_on = SameIncarnation(NameOf(rows_.rows(), row), facts.socket);
  if (goes_on) {
    const ConnectionFacts known = rows_.rows().FactsOf(row);
    facts = Succeed(known, std::move(facts));
    const bool is_known = facts == known;
    if (is_known && !moves) return;
    rows_.Change(put.hash, place, facts, shared_.facts.Share(facts, lease));
    if (is_known) return;
  } else {
    // One life of the four-tuple ends, and the next begins.
    Observation ended = rows_.rows().ObservationOf(row);
    rows_.Change(put.hash, place, facts, *put.shared);
    row.first_seen = absl::ToUnixNanos(now);
    CloseLocked(put.hash, std::move(ended), group,
                {now, CloseReason::kReplaced});
  }
  row.changed = absl::ToUnixNanos(now);
  row.revision = shared_.history.Record();
}

bool Shard::RemoveLocked(const Remove& remove, const Reporter& reporter,
                         absl::Time now) {
  const ConnectionName& name = *remove.name;
  const PackedTuple tuple(name.tuple);
  const RowStore& rows = rows_.rows();
  Places others = rows_.Group(remove.hash);
  const auto it =
      std::find_if(others.begin(), others.end(), [&](uint32_t place) {
        const Row& row = rows[place];
        return IsAt(rows, row, tuple, name) && IsOf(row, reporter) &&
               SameIncarnation(NameOf(rows, row), name.socket);
      });
  if (it == others.end()) return false;
  const uint32_t place = *it;
  others.erase(it);
  LeaveLocked(remove.hash, place, others, CloseReason::kDeregistered, now);
  return true;
}

void Shard::AddEndedLocked(const Put& ended, const LeasePtr& lease,
                           absl::Time now) {
  const ConnectionFacts& facts = *ended.facts;
  const ConnectionName name{facts.socket, facts.tuple, facts.device};
  if (RemoveLocked({ended.hash, &name}, lease->reporter, now)) return;
  const std::vector<Observation> closed = closed_.Find(ended.hash);
  const bool is_known =
      std::any_of(closed.begin(), closed.end(), [&](const Observation& row) {
        return facts.socket.cookie != 0 &&
               row.facts.socket.cookie == facts.socket.cookie &&
               AreViews(row.facts, row.reporter(), facts, lease->reporter);
      });
  if (is_known) return;
  Observation row{.facts = facts,
                  .provenance = {.reporter = ReporterOf(lease),
                                 .first_seen = now,
                                 .changed = now},
                  .closure = {}};
  const Places group = rows_.Group(ended.hash);
  if (HasViewLocked(group, row)) return;
  row.provenance.revision = shared_.history.Record();
  CloseLocked(ended.hash, std::move(row), {},
              {now, CloseReason::kDeregistered});
}

void Shard::LeaveLocked(uint64_t hash, uint32_t place, const Places& others,
                        std::optional<CloseReason> reason, absl::Time now) {
  const Row& row = rows_[place];
  shared_.capacity.Release(*row.lease());
  row.lease()->digest_sum -= row.digest;
  shared_.history.Record();
  if (reason)
    CloseLocked(hash, rows_.rows().ObservationOf(row), others, {now, *reason});
  else
    shared_.history.Forget(now);
  rows_.Remove(hash, place);
}

void Shard::CloseLocked(uint64_t hash, Observation row, const Places& others,
                        const Closure& closure) {
  if (HasViewLocked(others, row)) return;
  row.provenance.stale_since.reset();
  row.closure = closure;
  closed_.Add(hash, std::move(row),
              shared_.clock.Monotonic() + options_.closed_age);
}

bool Shard::HasViewLocked(const Places& places, const Observation& row) const {
  const RowStore& rows = rows_.rows();
  return std::any_of(places.begin(), places.end(), [&](uint32_t place) {
    const Row& other = rows[place];
    return AreViews(rows.FactsOf(other), other.reporter(), row.facts,
                    row.reporter());
  });
}

}  // namespace connreg
