#ifndef CONNREG_SERVICE_CORE_SHARD_H_
#define CONNREG_SERVICE_CORE_SHARD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "service/base/mutex.h"
#include "service/core/history.h"
#include "service/core/lease_table.h"
#include "service/core/postings.h"
#include "service/model/query.h"
#include "service/model/registration.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"

namespace connreg {

// The observations whose four-tuples have one hash: save for a chance
// collision, all that is reported of one four-tuple and its mirror.
struct RowGroup {
  uint64_t hash = 0;
  std::vector<Observation> rows;
};

// Which groups a scan returns: those with a row that matches all of it. All
// rows of such a group come along, since they are needed to join the one.
struct GroupFilter {
  Scope scope;
  std::optional<Endpoint> endpoint;
};

// Shard is a whole small registry of observations: the rows, their exact index
// in the order of the four-tuples' hashes, and indexes by endpoint, host and
// lease that cover only its own rows. One lock covers every change to a row and
// both halves of a connection.
//
// A reporter has at most one row at a place (network namespace, transport and
// four-tuple): a report of another incarnation takes the place of the one that
// was there, since the kernel has no two at once.
//
// Thread-safe. Each method takes the lock once.
class Shard {
 public:
  struct Put {
    uint64_t hash;
    const ConnectionFacts* facts;
  };
  struct Remove {
    uint64_t hash;
    const ConnectionName* name;
  };

  explicit Shard(History& history) : history_(history) {}

  // Adds rows of `lease`, or replaces what its reporter said before.
  void Apply(absl::Span<const Put> puts, const Lease& lease, absl::Time now);
  // Takes rows of `reporter` away, and returns how many were there.
  size_t Apply(absl::Span<const Remove> removes, const Reporter& reporter);
  // Takes away all rows of `lease`, and returns how many there were.
  size_t RemoveLease(LeaseId lease);

  // All rows of the four-tuples that have this hash.
  std::vector<Observation> Find(uint64_t hash) const;
  // Appends to `groups`, until it has `limit`, those that `filter` lets
  // through, in the order of their hashes, from the first above `after`.
  void Scan(const GroupFilter& filter, std::optional<uint64_t> after,
            size_t limit, std::vector<RowGroup>* groups) const;

  // How many rows it holds.
  size_t size() const;

 private:
  struct Row {
    Observation observation;
    LeaseId lease;
  };
  using Rows = std::vector<Row>;

  void PutLocked(const Put& put, const Lease& lease, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void UpdateLocked(uint64_t hash, Row& row, const ConnectionFacts& facts,
                    const Lease& lease, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool RemoveLocked(const Remove& remove, const Reporter& reporter)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void IndexLocked(uint64_t hash, const Row& row)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Takes `row`, which has just left `rows`, out of the indexes where no other
  // of them keeps its place.
  void UnindexLocked(uint64_t hash, const Row& row, const Rows& rows)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropIfEmptyLocked(uint64_t hash) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  History& history_;

  mutable SharedMutex mutex_;
  absl::btree_map<uint64_t, Rows> groups_ ABSL_GUARDED_BY(mutex_);
  Postings<Endpoint> by_endpoint_ ABSL_GUARDED_BY(mutex_);
  Postings<std::string> by_host_ ABSL_GUARDED_BY(mutex_);
  Postings<LeaseId> by_lease_ ABSL_GUARDED_BY(mutex_);
  size_t size_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_SHARD_H_
