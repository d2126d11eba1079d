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
  using Entry = HashIndex::Entry;
  // One group has rarely more.
  using Places = absl::InlinedVector<uint32_t, 4>;

  // Of the shard `number`. Both outlive it.
  RowTable(size_t number, const RowHash& hash, BlockPool& pool)
      : number_(number), hash_(hash), rows_(pool) {}

  // What a four-tuple is found by: its hash, and the tags of its ends.
  struct Key {
    uint64_t hash = 0;
    uint32_t local_tag = 0;
    uint32_t remote_tag = 0;
  };

  // Adds a row as the last of its group, and returns its place.
  uint32_t Add(const Key& key, const ConnectionFacts& facts,
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

  // Brings near where the indexes have the hash and the ends, and then, once
  // that is near, the first row of the hash.
  void PrefetchEntry(uint64_t hash) const {
    by_hash_.Prefetch(FragmentOf(hash));
  }
  void PrefetchEntries(const Key& key) const {
    PrefetchEntry(key.hash);
    by_end_.Prefetch(key.local_tag);
    by_end_.Prefetch(key.remote_tag);
  }
  void PrefetchRow(uint64_t hash) const {
    const Entry* const entry = by_hash_.Find(FragmentOf(hash));
    if (entry != nullptr) rows_.Prefetch(entry->row);
  }
  // And then where the indexes have the ends of that.
  void PrefetchEnds(uint64_t hash) const;

 private:
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
  void Post(uint32_t fragment, const Key& key, const Row& row);
  // Once the row is no longer in its chain.
  void Unpost(uint32_t fragment, const Row& row);
  void UnpostTag(uint32_t fragment, uint32_t tag);

  const size_t number_;
  const RowHash& hash_;
  RowStore rows_;
  size_t size_ = 0;
  // To the first row of each group.
  HashIndex by_hash_;
  // By the tags of both ends, and of the lease.
  HashPostings by_end_;
  HashPostings by_lease_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_ROW_TABLE_H_
