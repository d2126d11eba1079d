#include "service/base/huge_pages.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace connreg {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

}  // namespace

void* MapPages(size_t size) {
  // Room to begin at the next huge page; what is left over goes back.
  const size_t mapped = size + kHugePage;
  void* const area = mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (area == MAP_FAILED) throw std::bad_alloc();
  auto* const begin = static_cast<char*>(area);
  const size_t before =
      kHugePage - reinterpret_cast<uintptr_t>(area) % kHugePage;
  char* const pages = begin + before;
  munmap(begin, before);
  const auto end = reinterpret_cast<uintptr_t>(pages + size);
  const uintptr_t page_end = (end + 4095) / 4096 * 4096;
  const auto mapped_end = reinterpret_cast<uintptr_t>(begin + mapped);
  if (page_end < mapped_end)
    munmap(reinterpret_cast<void*>(page_end), mapped_end - page_end);
  // Without them it is only slower.
  madvise(pages, size, MADV_HUGEPAGE);
  return pages;
}

void UnmapPages(void* pages, size_t size) { munmap(pages, size); }

}  // namespace connreg
