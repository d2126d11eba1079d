#include "service/base/block_pool.h"

#include "service/base/huge_pages.h"

namespace connreg {

BlockPool::~BlockPool() {
  MutexLock lock(mutex_);
  for (char* const area : areas_) UnmapPages(area, kAreaSize);
}

void* BlockPool::Take() {
  MutexLock lock(mutex_);
  if (used_ == kAreaSize) {
    areas_.push_back(static_cast<char*>(MapPages(kAreaSize)));
    used_ = 0;
  }
  char* const block = areas_.back() + used_;
  used_ += kBlockSize;
  return block;
}

}  // namespace connreg
