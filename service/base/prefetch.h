#ifndef CONNREG_SERVICE_BASE_PREFETCH_H_
#define CONNREG_SERVICE_BASE_PREFETCH_H_

namespace connreg {

// Has the processor bring the cache line at `address` near, and does not wait.
inline void Prefetch(const void* address) {
  __builtin_prefetch(address);
  // GCC takes functions that do nothing else for pure, and their calls away.
  asm volatile("");
}

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_PREFETCH_H_
