#ifndef CONNREG_SERVICE_CORE_SHARD_H_
#define CONNREG_SERVICE_CORE_SHARD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "service/core/capacity.h"
#include "service/core/closed_ring.h"
#include "service/core/history.h"
#include "service/core/lease.h"
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
  // Of sockets that are there, one for each reporter and namespace.
  std::vector<Observation> rows;
  // Of sockets that have ended, the latest first.
  std::vector<Observation> closed;
};

// Which groups a scan returns: those with a row that matches all of it. All
// rows of such a group come along, since they are needed to join the one.
struct GroupFilter {
  Scope scope;
  std::optional<Endpoint> endpoint;
  // Whether what has ended counts, and comes along.
  bool closed = false;
  // Of this four-tuple or its mirror.
  std::optional<FourTuple> tuple = std::nullopt;
};

// Shard is a whole small registry of observations: the rows, their exact index
// in the order of the four-tuples' hashes, indexes by endpoint, host and lease,
// and the rows that have ended, all of which cover only its own rows. One lock
// covers every change to a row and both halves of a connection.
//
// A reporter has at most one row at a place (network namespace, transport and
// four-tuple): a report of another incarnation takes the place of the one that
// was there, since the kernel has no two at once. A row that leaves is
// remembered as closed, unless another reporter's view of its socket stays.
//
// Thread-safe. Each method takes the lock once, but for RemoveRows().
class Shard {
 public:
  struct Put {
    uint64_t hash;
    const ConnectionFacts* facts;
    // Of the facts, see DigestFor().
    uint64_t digest = 0;
    // Among the rows that are put together.
    uint32_t place = 0;
  };
  struct Remove {
    uint64_t hash;
    const ConnectionName* name;
  };
  struct Options {
    // How long, and how many rows that have ended are remembered.
    absl::Duration closed_age;
    size_t closed_rows = 0;
  };

  // The parts that all shards share outlive it.
  Shard(const Options& options, const Clock& clock, History& history,
        Capacity& capacity)
      : options_(options),
        clock_(clock),
        history_(history),
        capacity_(capacity),
        closed_(options.closed_rows, history) {}

  // Adds rows of `lease`, or replaces what its reporter said before. What there
  // is no room for is counted in `refusals`, and its places are added to
  // `refused`.
  void Apply(absl::Span<const Put> puts, const LeasePtr& lease,
             Refusals* refusals, std::vector<uint32_t>* refused);
  // Takes rows of `reporter` away, and returns how many were there.
  size_t Apply(absl::Span<const Remove> removes, const Reporter& reporter);
  // Remembers connections as closed that `lease` never had rows of, unless a
  // view of the socket stays or it is remembered already. A row of `lease` of
  // the same incarnation is taken away.
  void AddEnded(absl::Span<const Put> ended, const LeasePtr& lease);
  // Takes away the rows of `lease` that were not said under `mark`, or without
  // one all of them, and returns how many there were. They are remembered as
  // closed for `reason`; without one they are forgotten. Lets go of the lock
  // now and then.
  size_t RemoveRows(LeaseId lease, std::optional<uint64_t> mark,
                    std::optional<CloseReason> reason);
  // Forgets what has ended too long ago.
  void Forget();

  // All rows of the four-tuples that have this hash.
  RowGroup Find(uint64_t hash) const;
  // Appends to `groups`, until it has `limit`, those that `filter` lets
  // through, in the order of their hashes, from the first above `after`.
  void Scan(const GroupFilter& filter, std::optional<uint64_t> after,
            size_t limit, std::vector<RowGroup>* groups) const;

  // Adds at least the first `limit` endpoints that are not below `first`: the
  // local ends of the scope's host, or without one all ends, in the prefix if
  // there is one. Some may turn out to have no row in scope.
  void AddEndpoints(const EndpointQuery& query, const Endpoint& first,
                    size_t limit, std::set<Endpoint>* endpoints) const;

  // How many rows it holds, and how many that have ended.
  size_t size() const;
  size_t closed_size() const;

 private:
  struct Row {
    ConnectionFacts facts;
    LeasePtr lease;
    absl::Time first_seen;
    absl::Time changed;
    uint64_t revision = 0;
    // See Lease.
    uint64_t mark = 0;
    // Of what was reported.
    uint64_t digest = 0;

    const Reporter& reporter() const { return lease->reporter; }
  };
  using Rows = std::vector<Row>;

  static Observation ObservationOf(const Row& row);
  static bool Matches(const GroupFilter& filter, const Reporter& reporter,
                      const ConnectionFacts& facts);

  std::optional<RowLimit> PutLocked(const Put& put, const LeasePtr& lease,
                                    absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void UpdateLocked(const Put& put, Rows& rows, Row& row, const LeasePtr& lease,
                    absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Moves a row of an ended lease to the one after it.
  void MoveLocked(uint64_t hash, Row& row, const LeasePtr& lease)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool RemoveLocked(const Remove& remove, const Reporter& reporter)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddEndedLocked(const Put& ended, const LeasePtr& lease, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // RemoveRows() of one group.
  size_t RemoveOfLocked(uint64_t hash, LeaseId lease,
                        std::optional<uint64_t> mark,
                        std::optional<CloseReason> reason)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Lets `row`, which has just left `rows` for good, go.
  void LeaveLocked(uint64_t hash, Row row, const Rows& rows,
                   std::optional<CloseReason> reason)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Remembers `row` as closed, unless one of `others` is a view of its socket.
  void CloseLocked(uint64_t hash, const Row& row, const Rows& others,
                   const Closure& closure)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void IndexLocked(uint64_t hash, const Row& row)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void UnindexLocked(uint64_t hash, const Row& row)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropIfEmptyLocked(uint64_t hash) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The first hash above `after` that may have what `filter` lets through.
  std::optional<uint64_t> NextLocked(const GroupFilter& filter,
                                     std::optional<uint64_t> after) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // What is there of `hash` that matches, or is needed to join it.
  std::optional<RowGroup> GroupLocked(const GroupFilter& filter,
                                      uint64_t hash) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const Options options_;
  const Clock& clock_;
  History& history_;
  Capacity& capacity_;

  mutable SharedMutex mutex_;
  absl::btree_map<uint64_t, Rows> groups_ ABSL_GUARDED_BY(mutex_);
  Postings<Endpoint> by_endpoint_ ABSL_GUARDED_BY(mutex_);
  Postings<std::string> by_host_ ABSL_GUARDED_BY(mutex_);
  Postings<LeaseId> by_lease_ ABSL_GUARDED_BY(mutex_);
  size_t size_ ABSL_GUARDED_BY(mutex_) = 0;
  ClosedRing closed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_SHARD_H_
