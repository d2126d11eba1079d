#include "service/server/proc_stat.h"

#include <cstddef>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace connreg {

std::optional<ProcStat> ParseProcStat(absl::string_view text) {
  // The name stands in brackets and may hold any, and blanks too.
  const size_t name_end = text.rfind(')');
  if (name_end == absl::string_view::npos) return std::nullopt;
  const std::vector<absl::string_view> fields = absl::StrSplit(
      text.substr(name_end + 1), absl::ByAnyChar(" \n"), absl::SkipEmpty());
  // The manual counts from 1, and the name is the second.
  const auto field = [&](size_t number, uint64_t* value) {
    const size_t i = number - 3;
    return i < fields.size() && absl::SimpleAtoi(fields[i], value);
  };
  ProcStat stat;
  const bool whole =
      field(14, &stat.user_ticks) && field(15, &stat.system_ticks) &&
      field(20, &stat.threads) && field(22, &stat.start_ticks) &&
      field(23, &stat.virtual_bytes) && field(24, &stat.resident_pages);
  if (!whole) return std::nullopt;
  return stat;
}

std::optional<uint64_t> ParseBootTime(absl::string_view text) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    uint64_t seconds = 0;
    if (absl::ConsumePrefix(&line, "btime ") &&
        absl::SimpleAtoi(line, &seconds))
      return seconds;
  }
  return std::nullopt;
}

}  // namespace connreg
