#ifndef CONNREG_SERVICE_FLAGS_SIZE_H_
#define CONNREG_SERVICE_FLAGS_SIZE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace connreg::flags {

// The smallest and the largest size that a flag takes, in bytes.
struct SizeRange {
  uint64_t min;
  uint64_t max;
};

// A size in bytes as a whole number and its unit: "64B", "512KiB", "4MiB",
// "1GiB" and "1TiB" by powers of 1024, "500kB", "4MB", "1GB" and "1TB" by
// powers of 1000. A number without a unit is refused, since it could mean any.
//
// INVALID_ARGUMENT: `text` is no size, or not within `range`.
absl::StatusOr<uint64_t> ParseSize(absl::string_view text,
                                   const SizeRange& range);

// `bytes` in the largest unit that it is a whole number of, those of 1024
// first: "4MiB", "500kB", "1023B".
std::string SizeText(uint64_t bytes);

}  // namespace connreg::flags

#endif  // CONNREG_SERVICE_FLAGS_SIZE_H_
