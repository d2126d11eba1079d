#ifndef CONNREG_SERVICE_CORE_POSTINGS_H_
#define CONNREG_SERVICE_CORE_POSTINGS_H_

#include <cstdint>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"

namespace connreg {

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

  // Null if no group holds `key`. Valid until the next change.
  template <typename Lookup>
  const Hashes* Find(const Lookup& key) const {
    const auto it = hashes_.find(key);
    return it == hashes_.end() ? nullptr : &it->second;
  }

 private:
  absl::flat_hash_map<Key, Hashes> hashes_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_POSTINGS_H_
