#ifndef CONNREG_SERVICE_CORE_ROW_STORE_H_
#define CONNREG_SERVICE_CORE_ROW_STORE_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/time/time.h"
#include "service/base/block_pool.h"
#include "service/base/prefetch.h"
#include "service/core/hash_index.h"
#include "service/core/shared_facts.h"
#include "service/core/slab.h"
#include "service/model/socket.h"
#include "service/net/four_tuple.h"

namespace connreg {

// Row is one observation of a socket that is there, as a shard keeps it: what
// is its own. What a lookup reads comes first.
struct Row {
  static constexpr uint32_t kNone = HashIndex::kNoValue;

  uint64_t cookie = 0;
  // Null if the row is vacant.
  SharedFactsPtr shared;
  // Of an IPv4 row the addresses; of another one the place of its WideFacts,
  // and 0.
  uint32_t local_address = 0;
  uint32_t remote_address = 0;
  uint16_t local_port = 0;
  uint16_t remote_port = 0;
  // The next row of the same hash.
  uint32_t next = kNone;
  // Of the hash, see LowOf().
  uint32_t low = 0;
  ConnectionState state = ConnectionState::kEstablished;
  bool is_wide = false;
  uint32_t inode = 0;
  // See Lease.
  uint32_t mark = 0;
  // In nanoseconds of Unix time.
  int64_t first_seen = 0;
  int64_t changed = 0;
  uint64_t revision = 0;
  // Of what was reported, see DigestFor().
  uint64_t digest = 0;

  const LeasePtr& lease() const { return shared->lease; }
  const Reporter& reporter() const { return shared->lease->reporter; }
};
static_assert(sizeof(Row) == 80);

// What does not fit into a row: IPv6 addresses, and inodes of more than 32 bits
// that a program makes up.
struct WideFacts {
  FourTuple tuple = FourTuple::Of(Endpoint::Of({}, 0), Endpoint::Of({}, 0));
  uint64_t inode = 0;
};

// PackedTuple is a four-tuple made ready to be compared with those of rows. The
// four-tuple outlives it.
class PackedTuple {
 public:
  explicit PackedTuple(const FourTuple& tuple)
      : tuple_(tuple), is_v4_(tuple.local().address().is_v4()) {
    if (!is_v4_) return;
    local_address_ = tuple.local().address().v4();
    remote_address_ = tuple.remote().address().v4();
  }

  const FourTuple& tuple() const { return tuple_; }

  // Whether the row, which is not wide, has it, or its mirror.
  bool IsOf(const Row& row) const {
    return is_v4_ && row.local_address == local_address_ &&
           row.remote_address == remote_address_ &&
           row.local_port == tuple_.local().port() &&
           row.remote_port == tuple_.remote().port();
  }
  bool IsMirrorOf(const Row& row) const {
    return is_v4_ && row.local_address == remote_address_ &&
           row.remote_address == local_address_ &&
           row.local_port == tuple_.remote().port() &&
           row.remote_port == tuple_.local().port();
  }

 private:
  const FourTuple& tuple_;
  const bool is_v4_;
  uint32_t local_address_ = 0;
  uint32_t remote_address_ = 0;
};

// RowStore keeps the rows of one shard, each at its place.
//
// Not thread-safe.
class RowStore {
 public:
  // `pool` outlives it.
  explicit RowStore(BlockPool& pool) : rows_(pool), wide_(pool) {}

  // Adds a row of these facts, with everything else 0 and no next.
  uint32_t Add(uint64_t hash, const ConnectionFacts& facts,
               SharedFactsPtr shared);
  void Remove(uint32_t place);
  // Gives the row at `place` other facts of its four-tuple.
  void SetFacts(uint32_t place, const ConnectionFacts& facts,
                SharedFactsPtr shared);

  Row& operator[](uint32_t place) { return rows_[place]; }
  const Row& operator[](uint32_t place) const { return rows_[place]; }
  // Brings near what a lookup reads of the row.
  void Prefetch(uint32_t place) const {
    const char* const row = reinterpret_cast<const char*>(&rows_[place]);
    connreg::Prefetch(row);
    connreg::Prefetch(row + offsetof(Row, low));
  }

  // Calls `visit` with each row, in no order.
  template <typename Visit>
  void VisitAll(Visit visit) const {
    for (uint32_t place = 0; place < rows_.end(); ++place)
      if (rows_[place].shared.get() != nullptr) visit(rows_[place]);
  }

  FourTuple TupleOf(const Row& row) const;
  // Whether the row has that four-tuple, or its mirror.
  bool Has(const Row& row, const PackedTuple& tuple) const {
    return row.is_wide ? wide_[row.local_address].tuple == tuple.tuple()
                       : tuple.IsOf(row);
  }
  bool HasMirror(const Row& row, const PackedTuple& tuple) const {
    return row.is_wide
               ? wide_[row.local_address].tuple.Mirror() == tuple.tuple()
               : tuple.IsMirrorOf(row);
  }
  uint64_t InodeOf(const Row& row) const {
    return row.is_wide ? wide_[row.local_address].inode : row.inode;
  }
  ConnectionFacts FactsOf(const Row& row) const;
  Observation ObservationOf(const Row& row) const;

 private:
  static bool IsWide(const ConnectionFacts& facts);

  Slab<Row> rows_;
  Slab<WideFacts> wide_;
};

// RowView is a row as a visitor sees it.
class RowView {
 public:
  // `has_mirror` says whether it has the mirror of the four-tuple that is asked
  // for. All outlive it.
  RowView(const RowStore& rows, const Row& row, bool has_mirror)
      : rows_(rows), row_(row), has_mirror_(has_mirror) {}

  // Whether its local end is the remote one of the four-tuple asked for.
  bool has_mirror() const { return has_mirror_; }
  uint64_t cookie() const { return row_.cookie; }
  ConnectionState state() const { return row_.state; }
  const SharedFacts& shared() const { return *row_.shared; }
  // To hold them for longer than the visit.
  const SharedFactsPtr& shared_ptr() const { return row_.shared; }
  bool is_stale() const {
    return row_.lease()->stale_since(row_.mark).has_value();
  }
  Observation ToObservation() const { return rows_.ObservationOf(row_); }

 private:
  const RowStore& rows_;
  const Row& row_;
  const bool has_mirror_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_ROW_STORE_H_
