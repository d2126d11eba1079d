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

ConnectionTable::ConnectionTable(const SipHashKey& hash_key, History& history)
    : hash_key_(hash_key) {
  for (size_t i = 0; i < kShards; ++i)
    shards_.push_back(std::make_unique<Shard>(history));
}

void ConnectionTable::Put(absl::Span<const ConnectionFacts> rows,
                          const Lease& lease, absl::Time now) {
  std::vector<std::vector<Shard::Put>> by_shard(kShards);
  for (const ConnectionFacts& facts : rows) {
    const uint64_t hash = HashOf(facts.tuple, lease.reporter->host);
    by_shard[ShardIndex(hash)].push_back({hash, &facts});
  }
  for (size_t i = 0; i < kShards; ++i)
    if (!by_shard[i].empty()) shards_[i]->Apply(by_shard[i], lease, now);
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

size_t ConnectionTable::RemoveLease(LeaseId lease) {
  size_t removed = 0;
  for (const auto& shard : shards_) removed += shard->RemoveLease(lease);
  return removed;
}

std::vector<Observation> ConnectionTable::Find(const FourTuple& tuple,
                                               absl::string_view host) const {
  std::vector<Observation> rows;
  if (!tuple.is_host_local() || !host.empty()) {
    const uint64_t hash = HashOf(tuple, host);
    rows = ShardOf(hash).Find(hash);
  } else {
    for (RowGroup& group :
         Scan({.endpoint = tuple.local()}, std::nullopt, SIZE_MAX))
      std::move(group.rows.begin(), group.rows.end(), std::back_inserter(rows));
  }
  std::erase_if(rows, [&](const Observation& row) {
    return row.facts.tuple.Canonical() != tuple.Canonical();
  });
  return rows;
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

size_t ConnectionTable::size() const {
  size_t size = 0;
  for (const auto& shard : shards_) size += shard->size();
  return size;
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
