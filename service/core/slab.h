#ifndef CONNREG_SERVICE_CORE_SLAB_H_
#define CONNREG_SERVICE_CORE_SLAB_H_

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

#include "service/base/block_pool.h"

namespace connreg {

// Slab keeps items of one type, each at a place for as long as it is there. A
// place that was left is taken again before a new one. What is vacant has the
// default value.
//
// Not thread-safe.
template <typename Item>
class Slab {
 public:
  // `pool` outlives it.
  explicit Slab(BlockPool& pool) : pool_(pool) {}
  ~Slab() {
    for (uint32_t place = 0; place < end_; ++place) (*this)[place].~Item();
  }
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  // Its place from now on.
  uint32_t Add(Item item) {
    if (!free_.empty()) {
      const uint32_t place = free_.back();
      free_.pop_back();
      (*this)[place] = std::move(item);
      return place;
    }
    const uint32_t place = end_++;
    if (place % kItemsOfBlock == 0)
      blocks_.push_back(static_cast<Item*>(pool_.Take()));
    new (&(*this)[place]) Item(std::move(item));
    return place;
  }

  // REQUIRES: an item is at `place`.
  void Remove(uint32_t place) {
    (*this)[place] = Item();
    free_.push_back(place);
  }

  Item& operator[](uint32_t place) {
    return blocks_[place / kItemsOfBlock][place % kItemsOfBlock];
  }
  const Item& operator[](uint32_t place) const {
    return blocks_[place / kItemsOfBlock][place % kItemsOfBlock];
  }

  // Behind the last place that was ever taken.
  uint32_t end() const { return end_; }

 private:
  // A power of two, to find an item fast.
  static constexpr size_t kItemsOfBlock = 512;
  static_assert(sizeof(Item) * kItemsOfBlock <= BlockPool::kBlockSize);

  BlockPool& pool_;
  std::vector<Item*> blocks_;
  uint32_t end_ = 0;
  std::vector<uint32_t> free_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_SLAB_H_
