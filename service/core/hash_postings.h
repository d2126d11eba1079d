#ifndef CONNREG_SERVICE_CORE_HASH_POSTINGS_H_
#define CONNREG_SERVICE_CORE_HASH_POSTINGS_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/inlined_vector.h"
#include "service/core/hash_index.h"

namespace connreg {

// HashPostings maps tags, which are hashes of keys, to the fragments of the
// hashes of the groups that hold rows with the key, both in ascending order:
// what has one row takes one entry of a table, and what has very many has a
// tree of its own, out of the way of the others. Keys whose tags are equal
// share what they have.
//
// Not thread-safe.
class HashPostings {
 public:
  // Brings near where the tag is.
  void Prefetch(uint32_t tag) const { few_.Prefetch(tag); }
  void PrefetchRun(uint32_t tag) const { few_.PrefetchRun(tag); }

  // Notes that a group of `tag` has the fragment, or no longer has. Does
  // nothing the second time.
  //
  // REQUIRES: fragment != HashIndex::kNoValue
  void Add(uint32_t tag, uint32_t fragment);
  void Remove(uint32_t tag, uint32_t fragment);

  // The first fragment of `tag` that is not below `from`.
  std::optional<uint32_t> Next(uint32_t tag, uint32_t from) const;

  // Appends the first `limit` fragments of `tag` that are not below `from`, in
  // order.
  using Fragments = absl::InlinedVector<uint32_t, 64>;
  void Append(uint32_t tag, uint32_t from, size_t limit,
              Fragments* fragments) const;

  // The first tag that is not below `from`.
  std::optional<uint32_t> TagFrom(uint32_t from) const;

 private:
  // How many fragments of one tag stand among those of others. They are all
  // wanted at one slot, so that more would push away what stands behind.
  static constexpr size_t kFew = 8;

  // Gives `tag` a tree of its own.
  void MoveToTree(uint32_t tag);

  HashIndex few_;
  absl::btree_map<uint32_t, absl::btree_set<uint32_t>> many_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_HASH_POSTINGS_H_
