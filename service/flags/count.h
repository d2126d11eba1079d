#ifndef CONNREG_SERVICE_FLAGS_COUNT_H_
#define CONNREG_SERVICE_FLAGS_COUNT_H_

#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace connreg::flags {

// The least and the most that a flag takes.
struct CountRange {
  uint64_t min = 0;
  uint64_t max = std::numeric_limits<uint64_t>::max();
};

// A whole number, with "k" for thousands or "M" for millions: "250", "100k",
// "5M".
//
// INVALID_ARGUMENT: `text` is no such number, or not within `range`.
absl::StatusOr<uint64_t> ParseCount(absl::string_view text,
                                    const CountRange& range);

// The shortest text that ParseCount() takes for `count`.
std::string CountText(uint64_t count);

}  // namespace connreg::flags

#endif  // CONNREG_SERVICE_FLAGS_COUNT_H_
