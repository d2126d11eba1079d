#ifndef CONNREG_SERVICE_CORE_POSTINGS_H_
#define CONNREG_SERVICE_CORE_POSTINGS_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/container/btree_map.h"

namespace connreg {

// The first hash of `ordered`, a map of hashes, above `after`.
template <typename Ordered>
auto FirstAbove(const Ordered& ordered, std::optional<uint64_t> after) {
  return after ? ordered.upper_bound(*after) : ordered.begin();
}

// Postings maps each key to the hashes of the groups that hold rows with it, in
// ascending order.
//
// Not thread-safe.
template <typename Key>
class Postings {
 public:
  // Each with the number of its rows that have the key.
  using Hashes = absl::btree_map<uint64_t, size_t>;

  // Notes one row more of that group.
  void Add(const Key& key, uint64_t hash) { ++hashes_[key][hash]; }

  // Notes one row less.
  //
  // REQUIRES: it was added.
  void Remove(const Key& key, uint64_t hash) {
    const auto of_key = hashes_.find(key);
    const auto it = of_key->second.find(hash);
    if (--it->second > 0) return;
    of_key->second.erase(it);
    if (of_key->second.empty()) hashes_.erase(of_key);
  }

  // Empty if no group holds `key`. Valid until the next change.
  const Hashes& Find(const Key& key) const {
    static const auto* const none = new Hashes;
    const auto it = hashes_.find(key);
    return it == hashes_.end() ? *none : it->second;
  }

  // The first hash above `after` of a group that holds `key`.
  std::optional<uint64_t> Next(const Key& key,
                               std::optional<uint64_t> after) const {
    const Hashes& hashes = Find(key);
    const auto it = FirstAbove(hashes, after);
    if (it == hashes.end()) return std::nullopt;
    return it->first;
  }

  // Calls `visit` with each key from `first` on, until it returns false.
  template <typename Visit>
  void VisitKeys(const Key& first, Visit visit) const {
    for (auto it = hashes_.lower_bound(first);
         it != hashes_.end() && visit(it->first); ++it) {
    }
  }

 private:
  absl::btree_map<Key, Hashes> hashes_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_POSTINGS_H_
