#ifndef CONNREG_SERVICE_BASE_BLOCK_POOL_H_
#define CONNREG_SERVICE_BASE_BLOCK_POOL_H_

#include <cstddef>
#include <vector>

#include "service/base/mutex.h"

namespace connreg {

// BlockPool hands out blocks of one size, cut from areas of huge pages that
// many who need a few blocks each can share. It keeps them until its end.
//
// Thread-safe.
class BlockPool {
 public:
  static constexpr size_t kBlockSize = size_t{40} << 10;

  BlockPool() = default;
  ~BlockPool();
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  // A block of zeros, aligned for any type.
  void* Take();

 private:
  // A whole number of both blocks and huge pages.
  static constexpr size_t kAreaSize = 256 * kBlockSize;

  Mutex mutex_;
  std::vector<char*> areas_ ABSL_GUARDED_BY(mutex_);
  // Of the last area.
  size_t used_ ABSL_GUARDED_BY(mutex_) = kAreaSize;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_BLOCK_POOL_H_
