#ifndef CONNREG_SERVICE_WIRE_PROCESS_LIMITS_H_
#define CONNREG_SERVICE_WIRE_PROCESS_LIMITS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace connreg {

// A process as a message tells of it, its texts still there.
struct ProcessView {
  int32_t pid = 0;
  absl::string_view name;
  absl::string_view user;
  absl::string_view executable;
  absl::string_view cgroup;
  std::vector<absl::string_view> arguments;
};

// INVALID_ARGUMENT: the pid is below 1 (PID_OUT_OF_RANGE), or a text too long
//   (TEXT_TOO_LONG), in the field that it is in Process.
absl::Status CheckProcess(const ProcessView& process);

// What one set of owners may have, in the field "processes".
//
// INVALID_ARGUMENT: TOO_MANY_PROCESSES.
absl::Status CheckProcessCount(size_t count);
// INVALID_ARGUMENT: TEXT_TOO_LONG, all that tells of them being `size` bytes.
absl::Status CheckOwnersTextSize(size_t size);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_PROCESS_LIMITS_H_
