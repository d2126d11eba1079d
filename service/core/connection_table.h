#ifndef CONNREG_SERVICE_CORE_CONNECTION_TABLE_H_
#define CONNREG_SERVICE_CORE_CONNECTION_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "service/base/block_pool.h"
#include "service/base/clock.h"
#include "service/base/sip_hash.h"
#include "service/core/capacity.h"
#include "service/core/history.h"
#include "service/core/lease.h"
#include "service/core/row_hash.h"
#include "service/core/shard.h"
#include "service/core/shared_facts.h"
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
  // The hash is keyed, so that nobody can prepare four-tuples that collide. Of
  // the options the number of closed rows is for all shards together, which
  // have equal parts of it.
  ConnectionTable(const SipHashKey& hash_key, const Shard::Options& options,
                  const Clock& clock, History& history, Capacity& capacity);

  // Adds rows of `lease`, or replaces what its reporter said before. What there
  // is no room for is counted in `refusals`; returns its places in `rows`.
  std::vector<uint32_t> Put(absl::Span<const ConnectionFacts> rows,
                            const LeasePtr& lease, Refusals* refusals);
  // See Shard.
  void AddEnded(absl::Span<const ConnectionFacts> rows, const LeasePtr& lease);
  // Takes rows of `reporter` away, and returns how many were there.
  size_t Remove(absl::Span<const ConnectionName> rows,
                const Reporter& reporter);
  // Takes away all rows of `lease`, and returns how many there were. They are
  // remembered as closed for `reason`; without one they are forgotten.
  size_t RemoveLease(const Lease& lease, std::optional<CloseReason> reason);
  // Takes away the rows of `lease` that were not said under its mark: its
  // snapshot lacks them.
  size_t Sweep(const Lease& lease);
  // Forgets what has ended too long ago.
  void Forget();

  // All that is known of `tuple` and its mirror; of a host-local one, on
  // `host`, or on all hosts if that is empty.
  RowGroup Find(const FourTuple& tuple, const std::string& host) const;
  // Calls `visit` with the place of each of `tuples`, and each row that has it
  // or its mirror: all that there are now, and none that has ended. That is in
  // any order and under the lock of the row's shard, so `visit` asks nothing of
  // this table. Of host-local ones those on `host`; if that is empty none, for
  // which to ask Find().
  void FindEach(absl::Span<const FourTuple> tuples, absl::string_view host,
                Shard::VisitRow visit) const;

  // The first `limit` groups above `after` that `filter` lets through, in the
  // order of their hashes.
  std::vector<RowGroup> Scan(const GroupFilter& filter,
                             std::optional<uint64_t> after, size_t limit) const;

  // See Shard.
  void AddEndpoints(const EndpointQuery& query, const Endpoint& first,
                    size_t limit, std::set<Endpoint>* endpoints) const;

  // How many rows it holds, and how many that have ended.
  size_t size() const;
  size_t closed_size() const;

 private:
  // What they point to is in `rows` and `sharing`.
  std::vector<Shard::Put> PutsOf(absl::Span<const ConnectionFacts> rows,
                                 const Reporter& reporter,
                                 BatchSharing& sharing) const;

  const RowHash hash_;
  SharedFactsPool shared_facts_;
  BlockPool blocks_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_CONNECTION_TABLE_H_
