#ifndef CONNREG_SERVICE_CORE_CONNECTION_TABLE_H_
#define CONNREG_SERVICE_CORE_CONNECTION_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "service/base/sip_hash.h"
#include "service/core/history.h"
#include "service/core/lease_table.h"
#include "service/core/shard.h"
#include "service/model/registration.h"
#include "service/model/socket.h"
#include "service/net/four_tuple.h"

namespace connreg {

// ConnectionTable maps each four-tuple to the observations reported under it.
//
// It is split into shards, each behind its own lock, so that reports about
// unrelated four-tuples do not contend. A four-tuple and its mirror have the
// same hash and so share a shard. Loopback and link-local ones, which very many
// hosts share, are told apart by host in the hash, since they pair only there.
//
// Operations on one four-tuple are linearizable. Operations that visit many see
// each shard at one instant, but not all shards at the same instant.
//
// Thread-safe.
class ConnectionTable {
 public:
  // The hash is keyed, so that nobody can prepare four-tuples that collide.
  ConnectionTable(const SipHashKey& hash_key, History& history);

  // Adds rows of `lease`, or replaces what its reporter said before.
  void Put(absl::Span<const ConnectionFacts> rows, const Lease& lease,
           absl::Time now);
  // Takes rows of `reporter` away, and returns how many were there.
  size_t Remove(absl::Span<const ConnectionName> rows,
                const Reporter& reporter);
  // Takes away all rows of `lease`, and returns how many there were.
  size_t RemoveLease(LeaseId lease);

  // All observations of `tuple` and its mirror; of a host-local one, those of
  // `host`, or of all hosts if that is empty.
  std::vector<Observation> Find(const FourTuple& tuple,
                                absl::string_view host) const;

  // The first `limit` groups above `after` that `filter` lets through, in the
  // order of their hashes.
  std::vector<RowGroup> Scan(const GroupFilter& filter,
                             std::optional<uint64_t> after, size_t limit) const;

  // How many rows it holds.
  size_t size() const;

 private:
  uint64_t HashOf(const FourTuple& tuple, absl::string_view host) const;
  Shard& ShardOf(uint64_t hash) const;

  const SipHashKey hash_key_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_CONNECTION_TABLE_H_
