#ifndef CONNREG_SERVICE_FLAGS_NUMBER_H_
#define CONNREG_SERVICE_FLAGS_NUMBER_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

// What the parsers of this folder share. Not for use outside it.
namespace connreg::flags {

// Takes the decimal digits off the start of `text`, and returns them.
absl::string_view ConsumeDigits(absl::string_view* text);

// The number that `digits` write, times `factor`; nothing if that takes more
// than 64 bits.
// REQUIRES: `digits` are digits, and at least one.
std::optional<uint64_t> Product(absl::string_view digits, uint64_t factor);

}  // namespace connreg::flags

#endif  // CONNREG_SERVICE_FLAGS_NUMBER_H_
