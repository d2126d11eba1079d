#ifndef CONNREG_SERVICE_CORE_POSTINGS_H_
#define CONNREG_SERVICE_CORE_POSTINGS_H_

#include <cstdint>
#include <optional>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"

namespace connreg {

// The first hash of `ordered`, a set or a map of hashes, above `after`.
template <typename Ordered>
auto FirstAbove(const Ordered& ordered, std::optional<uint64_t> after) {
  return after ? ordered.upper_bound(*after) : ordered.begin();
}

// Postings maps each key to the hashes of the groups that hold a row with it,
// in ascending order.
//
// Not thread-safe.
template <typename Key>
class Postings {
 public:
  using Hashes = absl::btree_set<uint64_t>;

  void Add(const Key& key, uint64_t hash) { hashes_[key].insert(hash); }

  void Remove(const Key& key, uint64_t hash) {
    const auto it = hashes_.find(key);
    if (it == hashes_.end()) return;
    it->second.erase(hash);
    if (it->second.empty()) hashes_.erase(it);
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
    return *it;
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
