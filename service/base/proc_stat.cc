#include "service/base/proc_stat.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace connreg {

absl::StatusOr<int64_t> ProcStatField(absl::string_view stat, size_t number) {
  constexpr size_t kFirstFieldAfterName = 3;
  const size_t name_end = stat.rfind(") ");
  int64_t value = 0;
  if (name_end != absl::string_view::npos) {
    const std::vector<absl::string_view> fields =
        absl::StrSplit(stat.substr(name_end + 2), ' ');
    const size_t index = number - kFirstFieldAfterName;
    if (index < fields.size() && absl::SimpleAtoi(fields[index], &value))
      return value;
  }
  return absl::DataLossError(
      absl::StrCat("a process's stat has no field ", number));
}

absl::StatusOr<absl::Time> ParseBootTime(absl::string_view stat) {
  for (absl::string_view line : absl::StrSplit(stat, '\n')) {
    int64_t seconds = 0;
    if (absl::ConsumePrefix(&line, "btime ") &&
        absl::SimpleAtoi(line, &seconds))
      return absl::FromUnixSeconds(seconds);
  }
  return absl::DataLossError("stat has no boot time");
}

}  // namespace connreg
