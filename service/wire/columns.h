#ifndef CONNREG_SERVICE_WIRE_COLUMNS_H_
#define CONNREG_SERVICE_WIRE_COLUMNS_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Parallel lists, of which one is empty if all of its values are 0.
namespace connreg {

// The bytes of each address in a column of such.
inline constexpr size_t kAddressSize = 16;

// INVALID_ARGUMENT: COLUMN_LENGTH, in `column`: it has neither `rows`
//   values nor none.
absl::Status CheckColumn(absl::string_view column, size_t size, size_t rows);

// The same of a column that may not be empty.
absl::Status CheckRequiredColumn(absl::string_view column, size_t size,
                                 size_t rows);

// The same of a column of addresses, in bytes, kAddressSize for each row.
absl::Status CheckAddressColumn(absl::string_view column, size_t size,
                                size_t rows);

// The user id in a column of such, where each has 1 added to it, and 0 is none.
//
// INVALID_ARGUMENT: UID_OUT_OF_RANGE.
absl::StatusOr<std::optional<uint32_t>> UidOf(uint64_t value);
// The way back.
inline uint64_t ColumnValueOf(const std::optional<uint32_t>& uid) {
  return uid ? uint64_t{*uid} + 1 : 0;
}

// What stands in a row of a column, for an empty one 0.
template <typename Column>
auto ValueAt(const Column& column, size_t row) {
  using Value = typename Column::value_type;
  return column.empty() ? Value{} : column.Get(static_cast<int>(row));
}

// Empties a column of which all values are 0.
template <typename Column>
void ClearIfZero(Column* column) {
  for (const auto value : *column)
    if (value != 0) return;
  column->Clear();
}

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_COLUMNS_H_
