#ifndef CONNREG_SERVICE_BASE_HUGE_PAGES_H_
#define CONNREG_SERVICE_BASE_HUGE_PAGES_H_

#include <cstddef>

namespace connreg {

// Memory straight from the kernel, zeroed, that begins where a huge page may
// begin. Where the kernel has huge pages it is asked for them (madvise(2),
// MADV_HUGEPAGE), since what is looked up all over a large memory otherwise
// misses in the TLB too. Ends the program if there is no memory.
//
// Thread-safe.
void* MapPages(size_t size);

// REQUIRES: MapPages(size) returned `pages`.
void UnmapPages(void* pages, size_t size);

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_HUGE_PAGES_H_
