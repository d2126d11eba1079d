#include "service/wire/columns.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "service/base/error.h"

namespace connreg {

absl::Status CheckColumn(absl::string_view column, size_t size, size_t rows) {
  if (size == 0) return absl::OkStatus();
  return CheckRequiredColumn(column, size, rows);
}

absl::Status CheckRequiredColumn(absl::string_view column, size_t size,
                                 size_t rows) {
  if (size == rows) return absl::OkStatus();
  return InField(column,
                 InvalidArgument("COLUMN_LENGTH",
                                 absl::StrCat(size, " values in ", column,
                                              ": there are ", rows, " rows")));
}

absl::Status CheckAddressColumn(absl::string_view column, size_t size,
                                size_t rows) {
  if (size == rows * kAddressSize) return absl::OkStatus();
  return InField(
      column,
      InvalidArgument("COLUMN_LENGTH",
                      absl::StrCat(size, " bytes in ", column, ": ", rows,
                                   " rows have ", kAddressSize, " each")));
}

absl::StatusOr<std::optional<uint32_t>> UidOf(uint64_t value) {
  if (value == 0) return std::nullopt;
  if (value - 1 <= std::numeric_limits<uint32_t>::max())
    return static_cast<uint32_t>(value - 1);
  return InvalidArgument(
      "UID_OUT_OF_RANGE",
      absl::StrCat("user id ", value - 1, ": the highest is ",
                   std::numeric_limits<uint32_t>::max()));
}

}  // namespace connreg
