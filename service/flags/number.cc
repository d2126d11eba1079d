#include "service/flags/number.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace connreg::flags {

absl::string_view ConsumeDigits(absl::string_view* text) {
  const auto end =
      std::find_if_not(text->begin(), text->end(),
                       [](unsigned char c) { return absl::ascii_isdigit(c); });
  const absl::string_view digits =
      text->substr(0, static_cast<size_t>(end - text->begin()));
  text->remove_prefix(digits.size());
  return digits;
}

std::optional<uint64_t> Product(absl::string_view digits, uint64_t factor) {
  uint64_t number = 0;
  uint64_t product = 0;
  if (!absl::SimpleAtoi(digits, &number) ||
      __builtin_mul_overflow(number, factor, &product))
    return std::nullopt;
  return product;
}

}  // namespace connreg::flags
