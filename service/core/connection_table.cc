#include "service/core/connection_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace connreg {
namespace {

constexpr int kShardBits = 5;
constexpr size_t kShards = size_t{1} << kShardBits;

// Ordered by the high bits, so that the shards in their order hold the hashes
// in theirs.
size_t ShardIndex(uint64_t hash) { return hash >> (64 - kShardBits); }

void AppendBytes(const Endpoint& endpoint, std::string* bytes) {
  const auto& address = endpoint.address().bytes();
  bytes->append(reinterpret_cast<const char*>(address.data()), address.size());
  bytes->push_back(static_cast<char>(endpoint.port() >> 8));
  bytes->push_back(static_cast<char>(endpoint.port()));
  const absl::string_view zone = endpoint.address().zone();
  absl::StrAppend(bytes, zone);
  bytes->push_back('\0');
}

}  // namespace

ConnectionTable::ConnectionTable(const SipHashKey& hash_key,
                                 const Shard::Options& options,
                                 const Clock& clock, History& history,
                                 Capacity& capacity)
    : hash_key_(hash_key) {
  Shard::Options of_each = options;
  for (size_t i = 0; i < kShards; ++i) {
    of_each.closed_rows =
        options.closed_rows / kShards + (i < options.closed_rows % kShards);
    shards_.push_back(
        std::make_unique<Shard>(of_each, clock, history, capacity));
  }
}

std::vector<uint32_t> ConnectionTable::Put(
    absl::Span<const ConnectionFacts> rows, const LeasePtr& lease,
    Refusals* refusals) {
  std::vector<uint32_t> refused;
  const std::vector<std::vector<Shard::Put>> puts = ByShard(rows, *lease);
  for (size_t i = 0; i < kShards; ++i)
    if (!puts[i].empty()) shards_[i]->Apply(puts[i], lease, refusals, &refused);
  std::sort(refused.begin(), refused.end());
  return refused;
}

void ConnectionTable::AddEnded(absl::Span<const ConnectionFacts> rows,
                               const LeasePtr& lease) {
  const std::vector<std::vector<Shard::Put>> puts = ByShard(rows, *lease);
  for (size_t i = 0; i < kShards; ++i)
    if (!puts[i].empty()) shards_[i]->AddEnded(puts[i], lease);
}

size_t ConnectionTable::Remove(absl::Span<const ConnectionName> rows,
                               const Reporter& reporter) {
  std::vector<std::vector<Shard::Remove>> by_shard(kShards);
  for (const ConnectionName& name : rows) {
    const uint64_t hash = HashOf(name.tuple, reporter.host);
    by_shard[ShardIndex(hash)].push_back({hash, &name});
  }
  size_t removed = 0;
  for (size_t i = 0; i < kShards; ++i) {
    if (!by_shard[i].empty())
      removed += shards_[i]->Apply(by_shard[i], reporter);
  }
  return removed;
}

size_t ConnectionTable::RemoveLease(LeaseId lease,
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
        shard->RemoveRows(lease.id, lease.mark(), CloseReason::kNotInSnapshot);
  return removed;
}

void ConnectionTable::Forget() {
  for (const auto& shard : shards_) shard->Forget();
}

RowGroup ConnectionTable::Find(const FourTuple& tuple,
                               const std::string& host) const {
  RowGroup found;
  if (!tuple.is_host_local() || !host.empty()) {
    const uint64_t hash = HashOf(tuple, host);
    found = ShardOf(hash).Find(hash);
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

std::vector<RowGroup> ConnectionTable::Scan(const GroupFilter& filter,
                                            std::optional<uint64_t> after,
                                            size_t limit) const {
  std::vector<RowGroup> groups;
  for (size_t i = after ? ShardIndex(*after) : 0;
       i < kShards && groups.size() < limit; ++i)
    shards_[i]->Scan(filter, after, limit, &groups);
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

std::vector<std::vector<Shard::Put>> ConnectionTable::ByShard(
    absl::Span<const ConnectionFacts> rows, const Lease& lease) const {
  std::vector<std::vector<Shard::Put>> by_shard(kShards);
  for (uint32_t place = 0; place < rows.size(); ++place) {
    const ConnectionFacts& facts = rows[place];
    const uint64_t hash = HashOf(facts.tuple, lease.reporter.host);
    by_shard[ShardIndex(hash)].push_back(
        {hash, &facts, DigestFor(lease.reporter, facts), place});
  }
  return by_shard;
}

uint64_t ConnectionTable::HashOf(const FourTuple& tuple,
                                 absl::string_view host) const {
  const FourTuple canonical = tuple.Canonical();
  std::string bytes;
  AppendBytes(canonical.local(), &bytes);
  AppendBytes(canonical.remote(), &bytes);
  if (canonical.is_host_local()) absl::StrAppend(&bytes, host);
  return SipHash(hash_key_, bytes);
}

Shard& ConnectionTable::ShardOf(uint64_t hash) const {
  return *shards_[ShardIndex(hash)];
}

}  // namespace connreg
