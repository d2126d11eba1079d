#include "tests/bench/pointer_chase.h"

#include <sys/mman.h>

#include <cstdlib>
#include <random>
#include <utility>

namespace connreg {
namespace {

void* Map(size_t bytes) {
  void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) std::abort();
  madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

}  // namespace

void PointerChase::Unmap::operator()(Line* memory) const {
  munmap(memory, bytes);
}

PointerChase::PointerChase(size_t bytes)
    : lines_(bytes / sizeof(Line)),
      memory_(static_cast<Line*>(Map(bytes)), Unmap{bytes}) {
  // Sattolo's shuffle: of all orders, one that is a single circle.
  std::mt19937_64 random(1);
  for (size_t i = 0; i < lines_; ++i) memory_[i].next = i;
  for (size_t i = lines_ - 1; i > 0; --i)
    std::swap(memory_[i].next, memory_[random() % i].next);
}

}  // namespace connreg
