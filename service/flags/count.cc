#include "service/flags/count.h"

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "service/flags/number.h"
#include "service/flags/text.h"

namespace connreg::flags {
namespace {

constexpr uint64_t kThousand = 1'000;
constexpr uint64_t kMillion = 1'000'000;

// What `suffix` multiplies by; 0 if it is none.
uint64_t FactorOf(absl::string_view suffix) {
  if (suffix.empty()) return 1;
  if (suffix == "k") return kThousand;
  return suffix == "M" ? kMillion : 0;
}

}  // namespace

absl::StatusOr<uint64_t> ParseCount(absl::string_view text,
                                    const CountRange& range) {
  absl::string_view suffix = text;
  const absl::string_view digits = ConsumeDigits(&suffix);
  const uint64_t factor = FactorOf(suffix);
  if (digits.empty() || factor == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        Quoted(text), " is not a whole number; write 250, 100k or 5M"));
  }
  const std::optional<uint64_t> count = Product(digits, factor);
  if (!count || *count < range.min || *count > range.max) {
    return absl::InvalidArgumentError(absl::StrCat(
        Quoted(text), " is out of range; write a whole number from ",
        CountText(range.min), " to ", CountText(range.max)));
  }
  return *count;
}

std::string CountText(uint64_t count) {
  if (count != 0 && count % kMillion == 0)
    return absl::StrCat(count / kMillion, "M");
  if (count != 0 && count % kThousand == 0)
    return absl::StrCat(count / kThousand, "k");
  return absl::StrCat(count);
}

}  // namespace connreg::flags
