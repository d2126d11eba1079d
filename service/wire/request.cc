#include "service/wire/request.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace connreg {
namespace {

constexpr int32_t kDefaultPageSize = 100;
constexpr int32_t kMaxPageSize = 1000;

}  // namespace

absl::StatusOr<size_t> PageSizeFromProto(int32_t page_size) {
  if (page_size < 0) {
    return InField("page_size",
                   InvalidArgument("PAGE_SIZE_NEGATIVE",
                                   absl::StrCat("page size ", page_size,
                                                ": it cannot be negative")));
  }
  if (page_size == 0) return kDefaultPageSize;
  return std::min(page_size, kMaxPageSize);
}

}  // namespace connreg
