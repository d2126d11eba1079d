#ifndef CONNREG_SERVICE_CORE_ROW_TABLE_H_
#define CONNREG_SERVICE_CORE_ROW_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "service/core/hash_index.h"
#include "service/core/hash_postings.h"
#include "service/core/row_hash.h"
#include "service/core/row_store.h"
#include "service/net/endpoint.h"

namespace connreg {

// RowTable is the rows of one shard, found by the hashes of their four-tuples,
// by endpoint and by lease; each time in the order of the hashes.
//
// The rows of one hash, a group, are a chain. In the other indexes a group
// stands once, however many of its rows have the key, and under the fragment of
// its hash, which another group may share.
//
// Not thread-safe.
class RowTable {
 public:
  // One group has rarely more.
  using Places = absl::InlinedVector<uint32_t, 4>;

  // Of the shard `number`. `pool` outlives it.
  RowTable(size_t number, BlockPool& pool) : number_(number), rows_(pool) {}
  ~RowTable();

  // Adds a row as the last of its group, and returns its place.
  uint32_t Add(uint64_t hash, const ConnectionFacts& facts,
               SharedFactsPtr shared);
  // Gives the row at `place` other facts of its four-tuple.
  void Change(uint64_t hash, uint32_t place, const ConnectionFacts& facts,
              SharedFactsPtr shared);
  // Takes the row at `place` away.
  void Remove(uint64_t hash, uint32_t place);

  Row& operator[](uint32_t place) { return rows_[place]; }
  const Row& operator[](uint32_t place) const { return rows_[place]; }
  const RowStore& rows() const { return rows_; }
  size_t size() const { return size_; }

  // The first row of the hash, or Row::kNone; the next ones are in its chain.
  uint32_t First(uint64_t hash) const;
  // All of them, in the order in which they were added.
  Places Group(uint64_t hash) const;

  // The first hash above `after`, which is of this shard, of all, of those that
  // have rows of `endpoint`, and of those that have rows of a lease with one of
  // `count` tags from `tag` on.
  std::optional<uint64_t> Next(std::optional<uint64_t> after) const;
  std::optional<uint64_t> NextOf(const Endpoint& endpoint,
                                 std::optional<uint64_t> after) const;
  std::optional<uint64_t> NextOf(uint32_t tag, uint32_t count,
                                 std::optional<uint64_t> after) const;

  // Calls `visit` with each endpoint from `first` on in order, some of them
  // several times, until it returns false.
  void VisitEndpoints(
      const Endpoint& first,
      absl::FunctionRef<bool(const Endpoint& endpoint)> visit) const;

  // Brings near where the index has the hash, and then, once that is near, its
  // first row.
  void PrefetchEntry(uint64_t hash) const {
    by_hash_.Prefetch(FragmentOf(hash));
  }
  void PrefetchRow(uint64_t hash) const {
    const HashIndex::Entry* const entry = by_hash_.Find(FragmentOf(hash));
    if (entry != nullptr) rows_.Prefetch(entry->row);
  }

 private:
  using Entry = HashIndex::Entry;

  const Entry* EntryOf(uint64_t hash) const;
  uint64_t HashOf(const Entry& entry) const {
    return HashFrom(number_, entry.fragment, rows_[entry.row].low);
  }
  // The first hash of the fragment that is above `after`.
  std::optional<uint64_t> HashAbove(uint32_t fragment,
                                    std::optional<uint64_t> after) const;
  // The first such hash of the fragments that `next` returns, called with the
  // one from which on it is to look.
  std::optional<uint64_t> NextAmong(
      absl::FunctionRef<std::optional<uint32_t>(uint32_t from)> next,
      std::optional<uint64_t> after) const;
  void Link(uint64_t hash, uint32_t place);
  void Unlink(uint64_t hash, uint32_t place);
  // Whether a row of the fragment is such.
  bool HasAny(uint32_t fragment,
              absl::FunctionRef<bool(const Row& row)> is_such) const;
  void Post(uint32_t fragment, const Row& row);
  // Once the row is no longer in its chain.
  void Unpost(uint32_t fragment, const Row& row);
  void UnpostTag(uint32_t fragment, uint32_t tag);

  const size_t number_;
  RowStore rows_;
  size_t size_ = 0;
  // To the first row of each group.
  HashIndex by_hash_;
  HashPostings<V4Endpoint> by_v4_endpoint_;
  HashPostings<Endpoint> by_v6_endpoint_;
  // By the tag of the lease.
  HashPostings<uint32_t> by_tag_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_ROW_TABLE_H_
