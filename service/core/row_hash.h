#ifndef CONNREG_SERVICE_CORE_ROW_HASH_H_
#define CONNREG_SERVICE_CORE_ROW_HASH_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "service/base/sip_hash.h"
#include "service/net/four_tuple.h"

namespace connreg {

// A hash has three parts, from its highest bits down: the shard, the fragment
// by which a shard's indexes know it, and the rest. So the shards in their
// order, and in each the fragments in theirs, hold the hashes in order.
inline constexpr int kShardBits = 5;
inline constexpr size_t kShards = size_t{1} << kShardBits;

// The fragment that no hash has, for indexes to say that there is none.
inline constexpr uint32_t kNoFragment = 0xffffffff;

inline size_t ShardOf(uint64_t hash) { return hash >> (64 - kShardBits); }
inline uint32_t FragmentOf(uint64_t hash) {
  return static_cast<uint32_t>(hash << kShardBits >> 32);
}
// The low word of a hash has its rest, and of the fragment what is beside it.
inline uint32_t LowOf(uint64_t hash) { return static_cast<uint32_t>(hash); }
inline uint64_t HashFrom(size_t shard, uint32_t fragment, uint32_t low) {
  constexpr int kRestBits = 32 - kShardBits;
  constexpr uint32_t kRest = (uint32_t{1} << kRestBits) - 1;
  return uint64_t{shard} << (64 - kShardBits) |
         uint64_t{fragment} << kRestBits | (low & kRest);
}

// RowHash is the hash by which rows are found: keyed, so that nobody can
// prepare rows that collide.
//
// Thread-safe.
class RowHash {
 public:
  explicit RowHash(const SipHashKey& key) : key_(key) {}

  // The same for a four-tuple and its mirror. Host-local ones, which very many
  // hosts share, are told apart by `host`.
  uint64_t Of(const FourTuple& tuple, absl::string_view host) const;

  // What rows are indexed under by their ends. Another endpoint may have the
  // same.
  uint32_t TagOf(const Endpoint& endpoint) const;

  // What rows of a host are indexed under: a tag for each of its leases, or a
  // few of them, all in one range. Another host may have the same.
  static constexpr uint32_t kTagsOfHost = 1024;
  uint32_t FirstTagOf(absl::string_view host) const;
  uint32_t TagOf(absl::string_view host, uint64_t lease) const {
    return FirstTagOf(host) + static_cast<uint32_t>(lease % kTagsOfHost);
  }

 private:
  const SipHashKey key_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_ROW_HASH_H_
