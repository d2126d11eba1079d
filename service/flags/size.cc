#include "service/flags/size.h"

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "service/flags/number.h"
#include "service/flags/text.h"

namespace connreg::flags {
namespace {

struct Unit {
  absl::string_view name;
  uint64_t bytes;
};

// In the order in which SizeText() tries them.
constexpr Unit kUnits[] = {
    {"TiB", uint64_t{1} << 40},
    {"GiB", uint64_t{1} << 30},
    {"MiB", uint64_t{1} << 20},
    {"KiB", uint64_t{1} << 10},
    {"TB", 1'000'000'000'000},
    {"GB", 1'000'000'000},
    {"MB", 1'000'000},
    {"kB", 1'000},
    {"B", 1},
};

// Null if there is no such unit.
const Unit* UnitOf(absl::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

absl::Status Refused(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(Quoted(text), " ", why));
}

// Why a number and what follows it are no size.
absl::Status RefusedUnit(absl::string_view text, absl::string_view digits,
                         absl::string_view unit) {
  if (unit.empty()) {
    return Refused(text,
                   absl::StrCat("has no unit; write ", digits,
                                "B for bytes, or a unit such as KiB or MiB"));
  }
  if (unit[0] == '.' || unit[0] == ',')
    return Refused(text,
                   "is a fraction; write a whole number of a smaller unit, "
                   "such as 1536KiB");
  return Refused(text, absl::StrCat("has the unknown unit ", Quoted(unit),
                                    "; write B, KiB, MiB, GiB, TiB, kB, MB, "
                                    "GB or TB"));
}

}  // namespace

absl::StatusOr<uint64_t> ParseSize(absl::string_view text,
                                   const SizeRange& range) {
  absl::string_view unit_name = text;
  const absl::string_view digits = ConsumeDigits(&unit_name);
  if (digits.empty()) {
    return Refused(text, absl::StartsWith(text, "-")
                             ? "is negative; write 64KiB or 4MiB"
                             : "is not a size; write 64KiB or 4MiB");
  }
  const Unit* const unit = UnitOf(unit_name);
  if (unit == nullptr) return RefusedUnit(text, digits, unit_name);
  const std::optional<uint64_t> bytes = Product(digits, unit->bytes);
  if (!bytes || *bytes < range.min || *bytes > range.max) {
    return Refused(
        text, absl::StrCat("is out of range; write a size from ",
                           SizeText(range.min), " to ", SizeText(range.max)));
  }
  return *bytes;
}

std::string SizeText(uint64_t bytes) {
  for (const Unit& unit : kUnits) {
    if (bytes >= unit.bytes && bytes % unit.bytes == 0)
      return absl::StrCat(bytes / unit.bytes, unit.name);
  }
  return "0B";
}

}  // namespace connreg::flags
