#ifndef CONNREG_SERVICE_CORE_SHARD_H_
#define CONNREG_SERVICE_CORE_SHARD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "service/base/block_pool.h"
#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "service/core/capacity.h"
#include "service/core/closed_ring.h"
#include "service/core/history.h"
#include "service/core/lease.h"
#include "service/core/row_hash.h"
#include "service/core/row_store.h"
#include "service/core/row_table.h"
#include "service/core/shared_facts.h"
#include "service/model/query.h"
#include "service/model/registration.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"
#include "service/net/prefix.h"

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
// in the order of the four-tuples' hashes, indexes by endpoint and by lease,
// and the rows that have ended, all of which cover only its own rows. One lock
// covers every change to a row and both halves of a connection.
//
// A reporter has at most one row at a place (network namespace, transport and
// four-tuple): a report of another incarnation takes the place of the one that
// was there, since the kernel has no two at once. A row that leaves is
// remembered as closed, unless another reporter's view of its socket stays.
//
// Rows are worked on many at a time: what one will touch is brought near while
// others are worked on, since a large table is never in the cache.
//
// Thread-safe. Each method takes the lock once, but for RemoveRows().
class Shard {
 public:
  // What it points to outlives it.
  struct Put : RowTable::Key {
    const ConnectionFacts* facts;
    // Those of the facts that rows share.
    const SharedFactsPtr* shared;
    // Of the facts, see DigestFor().
    uint64_t digest = 0;
    // Among the rows that are put together.
    uint32_t place = 0;
  };
  struct Remove {
    uint64_t hash;
    const ConnectionName* name;
  };
  // A question for a four-tuple, and its place among those that are asked
  // together.
  struct Question {
    uint64_t hash;
    uint32_t place = 0;
  };
  using VisitRow = absl::FunctionRef<void(size_t place, const RowView& row)>;

  struct Options {
    // How long, and how many rows that have ended are remembered.
    absl::Duration closed_age;
    size_t closed_rows = 0;
  };
  // What all shards of a table share.
  struct Shared {
    const RowHash& hash;
    SharedFactsPool& facts;
    BlockPool& blocks;
    const Clock& clock;
    History& history;
    Capacity& capacity;
  };

  // The shard `number`. What it shares outlives it.
  Shard(size_t number, const Options& options, const Shared& shared)
      : options_(options),
        shared_(shared),
        rows_(number, shared.hash, shared.blocks),
        closed_(options.closed_rows, shared.history) {}

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
  size_t RemoveRows(const Lease& lease, std::optional<uint32_t> mark,
                    std::optional<CloseReason> reason);
  // Forgets what has ended too long ago.
  void Forget();

  // See RowTable.
  using Step = RowTable::Step;
  void PrefetchEnd(uint32_t tag, Step step) const;
  // All rows of the four-tuples that have this hash.
  RowGroup Find(uint64_t hash) const;
  // Calls `visit`, under the lock, with each row that has one of `tuples` that
  // `questions` name, or its mirror, in any order.
  void FindEach(absl::Span<const Question> questions,
                absl::Span<const FourTuple> tuples, VisitRow visit) const;
  // Appends to `groups`, until it has `limit`, those that `filter` lets
  // through, in the order of their hashes, from the first above `after`, one of
  // this shard.
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
  using Places = RowTable::Places;
  using Hashes = RowTable::Hashes;

  // How many rows are worked on together. What is brought near for many more is
  // gone again before its turn.
  static constexpr size_t kAtOnce = 64;

  std::optional<RowLimit> PutLocked(const Put& put, const LeasePtr& lease,
                                    absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddLocked(const Put& put, const Places& group, const LeasePtr& lease,
                 absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void UpdateLocked(const Put& put, const Places& group, uint32_t place,
                    const LeasePtr& lease, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool RemoveLocked(const Remove& remove, const Reporter& reporter,
                    absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AddEndedLocked(const Put& ended, const LeasePtr& lease, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // RemoveRows() of the groups with at most kAtOnce fragments, and of one.
  size_t RemoveOfLocked(absl::Span<const uint32_t> fragments,
                        const Lease& lease, std::optional<uint32_t> mark,
                        std::optional<CloseReason> reason, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  size_t RemoveOfLocked(uint64_t hash, const Lease& lease,
                        std::optional<uint32_t> mark,
                        std::optional<CloseReason> reason, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Lets the row at `place` of the hash go for good. Only rows of `others` may
  // be views of its socket.
  void LeaveLocked(uint64_t hash, uint32_t place, const Places& others,
                   std::optional<CloseReason> reason, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Remembers `row` as closed, unless one of `others` is a view of its socket.
  void CloseLocked(uint64_t hash, Observation row, const Places& others,
                   const Closure& closure)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether one of the rows at `places` is a view of the socket of `row`.
  bool HasViewLocked(const Places& places, const Observation& row) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // FindEach() of at most kAtOnce questions.
  void FindTheseLocked(absl::Span<const Question> questions,
                       absl::Span<const FourTuple> tuples, VisitRow visit) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // The first `limit` hashes above `after` that may have what `filter` lets
  // through, in order.
  Hashes NextLocked(const GroupFilter& filter, std::optional<uint64_t> after,
                    size_t limit) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  Hashes NextLiveLocked(const GroupFilter& filter,
                        std::optional<uint64_t> after, size_t limit) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // What is there of `hash` that matches, or is needed to join it.
  std::optional<RowGroup> GroupLocked(const GroupFilter& filter,
                                      uint64_t hash) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // The ends that AddEndpoints() is asked for.
  std::set<Endpoint> EndpointsOfHostLocked(const EndpointQuery& query,
                                           const Endpoint& first,
                                           size_t limit) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  std::set<Endpoint> EndpointsInPrefixLocked(const Prefix& prefix,
                                             const Endpoint& first,
                                             size_t limit) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  const Options options_;
  const Shared shared_;

  mutable SharedMutex mutex_;
  RowTable rows_ ABSL_GUARDED_BY(mutex_);
  ClosedRing closed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_SHARD_H_
