#include "service/core/connection_table.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace connreg {
namespace {

// Items that have a hash, put in the order of their shards; those of one shard
// keep theirs.
template <typename Item>
class ByShard {
 public:
  explicit ByShard(std::vector<Item> items) {
    for (const Item& item : items) ++ends_[ShardOf(item.hash) + 1];
    for (size_t i = 0; i < kShards; ++i) ends_[i + 1] += ends_[i];
    std::vector<uint32_t> order(items.size());
    std::array<uint32_t, kShards + 1> next = ends_;
    for (uint32_t i = 0; i < items.size(); ++i)
      order[next[ShardOf(items[i].hash)]++] = i;
    items_.reserve(items.size());
    for (const uint32_t i : order) items_.push_back(std::move(items[i]));
  }

  absl::Span<const Item> Of(size_t shard) const {
    return absl::MakeConstSpan(items_).subspan(ends_[shard],
                                               ends_[shard + 1] - ends_[shard]);
  }

 private:
  std::vector<Item> items_;
  // Where those of each shard begin, and the last end.
  std::array<uint32_t, kShards + 1> ends_{};
};

}  // namespace

ConnectionTable::ConnectionTable(const SipHashKey& hash_key,
                                 const Shard::Options& options,
                                 const Clock& clock, History& history,
                                 Capacity& capacity)
    : hash_(hash_key), shared_facts_(hash_) {
  const Shard::Shared shared{hash_, shared_facts_, blocks_,
                             clock, history,       capacity};
  Shard::Options of_each = options;
  for (size_t i = 0; i < kShards; ++i) {
    of_each.closed_rows =
        options.closed_rows / kShards + (i < options.closed_rows % kShards);
    shards_.push_back(std::make_unique<Shard>(i, of_each, shared));
  }
}

std::vector<uint32_t> ConnectionTable::Put(
    absl::Span<const ConnectionFacts> rows, const LeasePtr& lease,
    Refusals* refusals) {
  std::vector<uint32_t> refused;
  BatchSharing sharing(shared_facts_, lease);
  const ByShard<Shard::Put> puts(PutsOf(rows, lease->reporter, sharing));
  // Not all leases from the first, where they would wait for each other.
  const size_t first = static_cast<size_t>(lease->id);
  for (size_t i = 0; i < kShards; ++i) {
    const size_t shard = (first + i) % kShards;
    if (!puts.Of(shard).empty())
      shards_[shard]->Apply(puts.Of(shard), lease, refusals, &refused);
  }
  std::sort(refused.begin(), refused.end());
  return refused;
}

void ConnectionTable::AddEnded(absl::Span<const ConnectionFacts> rows,
                               const LeasePtr& lease) {
  BatchSharing sharing(shared_facts_, lease);
  const ByShard<Shard::Put> puts(PutsOf(rows, lease->reporter, sharing));
  for (size_t i = 0; i < kShards; ++i)
    if (!puts.Of(i).empty()) shards_[i]->AddEnded(puts.Of(i), lease);
}

size_t ConnectionTable::Remove(absl::Span<const ConnectionName> rows,
                               const Reporter& reporter) {
  std::vector<Shard::Remove> removes;
  removes.reserve(rows.size());
  for (const ConnectionName& name : rows)
    removes.push_back({hash_.Of(name.tuple, reporter.host), &name});
  const ByShard<Shard::Remove> by_shard(std::move(removes));
  size_t removed = 0;
  for (size_t i = 0; i < kShards; ++i) {
    if (!by_shard.Of(i).empty())
      removed += shards_[i]->Apply(by_shard.Of(i), reporter);
  }
  return removed;
}

size_t ConnectionTable::RemoveLease(const Lease& lease,
                                    std::optional<CloseReason> reason) {
  size_t removed = 0;
  for (const auto& shard : shards_)
    removed += shard->RemoveRows(lease, /*mark=*/std::nullopt, reason);
  return removed;
}

size_t ConnectionTable::Sweep(const Lease& lease) {
  size_t removed = 0;
  for (const auto& shard : shards_)
    removed +=
        shard->RemoveRows(lease, lease.mark(), CloseReason::kNotInSnapshot);
  return removed;
}

void ConnectionTable::Forget() {
  for (const auto& shard : shards_) shard->Forget();
}

RowGroup ConnectionTable::Find(const FourTuple& tuple,
                               const std::string& host) const {
  RowGroup found;
  if (!tuple.is_host_local() || !host.empty()) {
    const uint64_t hash = hash_.Of(tuple, host);
    found = shards_[ShardOf(hash)]->Find(hash);
  } else {
    const GroupFilter filter{
        .endpoint = tuple.local(), .closed = true, .tuple = tuple};
    for (RowGroup& group : Scan(filter, std::nullopt, SIZE_MAX)) {
      std::move(group.rows.begin(), group.rows.end(),
                std::back_inserter(found.rows));
      std::move(group.closed.begin(), group.closed.end(),
                std::back_inserter(found.closed));
    }
  }
  const auto is_other = [&](const Observation& row) {
    return row.facts.tuple.Canonical() != tuple.Canonical();
  };
  std::erase_if(found.rows, is_other);
  std::erase_if(found.closed, is_other);
  return found;
}

void ConnectionTable::FindEach(absl::Span<const FourTuple> tuples,
                               absl::string_view host,
                               Shard::VisitRow visit) const {
  std::vector<Shard::Question> questions;
  questions.reserve(tuples.size());
  for (uint32_t place = 0; place < tuples.size(); ++place)
    questions.push_back({hash_.Of(tuples[place], host), place});
  const ByShard<Shard::Question> by_shard(std::move(questions));
  for (size_t i = 0; i < kShards; ++i) {
    if (!by_shard.Of(i).empty())
      shards_[i]->FindEach(by_shard.Of(i), tuples, visit);
  }
}

std::vector<RowGroup> ConnectionTable::Scan(const GroupFilter& filter,
                                            std::optional<uint64_t> after,
                                            size_t limit) const {
  std::vector<RowGroup> groups;
  const size_t first = after ? ShardOf(*after) : 0;
  if (filter.endpoint) {
    // Its rows are all over the shards, most of which have a few.
    const uint32_t tag = hash_.TagOf(*filter.endpoint);
    for (const auto step :
         {Shard::Step::kTag, Shard::Step::kEntries, Shard::Step::kRows})
      for (size_t i = first; i < kShards; ++i)
        shards_[i]->PrefetchEnd(tag, step);
  }
  shards_[first]->Scan(filter, after, limit, &groups);
  for (size_t i = first + 1; i < kShards && groups.size() < limit; ++i)
    shards_[i]->Scan(filter, std::nullopt, limit, &groups);
  return groups;
}

void ConnectionTable::AddEndpoints(const EndpointQuery& query,
                                   const Endpoint& first, size_t limit,
                                   std::set<Endpoint>* endpoints) const {
  for (const auto& shard : shards_)
    shard->AddEndpoints(query, first, limit, endpoints);
}

size_t ConnectionTable::size() const {
  size_t size = 0;
  for (const auto& shard : shards_) size += shard->size();
  return size;
}

size_t ConnectionTable::closed_size() const {
  size_t size = 0;
  for (const auto& shard : shards_) size += shard->closed_size();
  return size;
}

std::vector<Shard::Put> ConnectionTable::PutsOf(
    absl::Span<const ConnectionFacts> rows, const Reporter& reporter,
    BatchSharing& sharing) const {
  std::vector<Shard::Put> puts;
  puts.reserve(rows.size());
  for (uint32_t place = 0; place < rows.size(); ++place) {
    const ConnectionFacts& facts = rows[place];
    const FourTuple& tuple = facts.tuple;
    puts.push_back({{hash_.Of(tuple, reporter.host), hash_.TagOf(tuple.local()),
                     hash_.TagOf(tuple.remote())},
                    &facts,
                    &sharing.Share(facts),
                    DigestFor(reporter, facts),
                    place});
  }
  return puts;
}

}  // namespace connreg
