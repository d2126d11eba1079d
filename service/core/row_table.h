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

  // The first `limit` hashes above `after`, which is of this shard, in order:
  // of all, of those that have rows of an endpoint with the tag, and of those
  // that have rows of a lease with one of `count` tags from `tag` on. Brings
  // near the first row of each.
  using Hashes = absl::InlinedVector<uint64_t, 64>;
  Hashes Next(std::optional<uint64_t> after, size_t limit) const;
  Hashes NextOfEnd(uint32_t tag, std::optional<uint64_t> after,
                   size_t limit) const;
  Hashes NextOfLeases(uint32_t tag, uint32_t count,
                      std::optional<uint64_t> after, size_t limit) const;

  // The first fragment from `from` on of a group with rows of a lease that has
  // that tag.
  std::optional<uint32_t> NextFragment(uint32_t tag, uint32_t from) const {
    return by_lease_.Next(tag, from);
  }
  // The hashes of that fragment.
  absl::InlinedVector<uint64_t, 1> HashesOf(uint32_t fragment) const;

  // Brings near what NextOfEnd() reads first, each step what the one before it
  // has brought: where the tag is, where its first rows are, and those rows.
  enum class Step { kTag, kEntries, kRows };
  void PrefetchEnd(uint32_t tag, Step step) const;
  // These bring near what the next step for a row will touch, each what the one
  // before it has brought: where the indexes have a four-tuple, the first row
  // with that fragment, which is returned if there is one, and what it shares.
  void PrefetchEntry(uint32_t fragment) const { by_hash_.Prefetch(fragment); }
  void PrefetchEntries(const Key& key) const {
    by_hash_.PrefetchRun(FragmentOf(key.hash));
    by_end_.PrefetchRun(key.local_tag);
    by_end_.PrefetchRun(key.remote_tag);
  }
  const Entry* Seek(uint32_t fragment) const {
    const Entry* const entry = by_hash_.Find(fragment);
    if (entry != nullptr) rows_.Prefetch(entry->value);
    return entry;
  }
  void PrefetchShared(const Entry& entry) const {
    rows_[entry.value].shared.Prefetch();
  }
  // And where the indexes have its ends.
  void PrefetchEnds(const Entry& entry) const;

 private:
  const Entry* EntryOf(uint64_t hash) const;
  uint64_t HashOf(const Entry& entry) const {
    return HashFrom(number_, entry.fragment, rows_[entry.value].low);
  }
  // The first `limit` hashes above `after` of `fragments`, which are in order.
  Hashes HashesAbove(absl::Span<const uint32_t> fragments,
                     std::optional<uint64_t> after, size_t limit) const;
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
