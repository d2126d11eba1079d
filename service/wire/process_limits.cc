#include "service/wire/process_limits.h"

#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/model/owner.h"
#include "service/wire/text.h"

namespace connreg {
namespace {

constexpr size_t kMaxProcesses = 1000;
constexpr size_t kMaxProcessNameLength = 64;
constexpr size_t kMaxPathLength = 4096;

// INVALID_ARGUMENT, in `field`: its text, which may be any bytes, has more than
//   `limit`.
absl::Status CheckLength(absl::string_view field, size_t size, size_t limit) {
  if (size <= limit) return absl::OkStatus();
  return InField(field,
                 InvalidArgument("TEXT_TOO_LONG",
                                 absl::StrCat("process's ", field, " of ", size,
                                              " bytes: the limit is ", limit)));
}

// Checks each argument, so that the error names the one at fault, and all
// together.
absl::Status CheckArguments(const std::vector<absl::string_view>& arguments) {
  size_t size = 0;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const size_t with_end = arguments[i].size() + 1;
    if (with_end > kMaxArgumentsSize) {
      return CheckLength(absl::StrCat("arguments[", i, "]"), with_end,
                         kMaxArgumentsSize);
    }
    size += with_end;
  }
  return CheckLength("arguments", size, kMaxArgumentsSize);
}

}  // namespace

absl::Status CheckProcess(const ProcessView& process) {
  if (process.pid < 1) {
    return InField("pid",
                   InvalidArgument("PID_OUT_OF_RANGE",
                                   absl::StrCat("pid ", process.pid,
                                                ": process ids start at 1")));
  }
  RETURN_IF_ERROR(
      CheckLength("name", process.name.size(), kMaxProcessNameLength));
  RETURN_IF_ERROR(CheckLength("user", process.user.size(), kMaxNameLength));
  RETURN_IF_ERROR(
      CheckLength("executable", process.executable.size(), kMaxPathLength));
  RETURN_IF_ERROR(CheckLength("cgroup", process.cgroup.size(), kMaxPathLength));
  return CheckArguments(process.arguments);
}

absl::Status CheckProcessCount(size_t count) {
  if (count <= kMaxProcesses) return absl::OkStatus();
  return InField(
      "processes",
      InvalidArgument(
          "TOO_MANY_PROCESSES",
          absl::StrCat(count, " processes: the limit is ", kMaxProcesses)));
}

absl::Status CheckOwnersTextSize(size_t size) {
  if (size <= kMaxOwnersTextSize) return absl::OkStatus();
  return InField("processes",
                 InvalidArgument("TEXT_TOO_LONG",
                                 absl::StrCat("processes with texts of ", size,
                                              " bytes: the limit is ",
                                              kMaxOwnersTextSize)));
}

}  // namespace connreg
