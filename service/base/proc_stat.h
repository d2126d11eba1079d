#ifndef CONNREG_SERVICE_BASE_PROC_STAT_H_
#define CONNREG_SERVICE_BASE_PROC_STAT_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace connreg {

// A field of /proc/PID/stat, such as kStartTicks, by its number in the manual
// (proc_pid_stat(5)). The name of the process, which is the second, may hold
// anything: parentheses, blanks and line breaks included.
//
// REQUIRES: number >= 3
//
// DATA_LOSS: `stat` has no such number.
absl::StatusOr<int64_t> ProcStatField(absl::string_view stat, size_t number);

// Of clock ticks: in user mode and in the kernel, and since the machine
// started.
inline constexpr size_t kUserTicks = 14;
inline constexpr size_t kSystemTicks = 15;
inline constexpr size_t kStartTicks = 22;
inline constexpr size_t kThreads = 20;
inline constexpr size_t kVirtualBytes = 23;
inline constexpr size_t kResidentPages = 24;

// When the machine booted: "btime" of /proc/stat.
//
// DATA_LOSS: `stat` has no such line.
absl::StatusOr<absl::Time> ParseBootTime(absl::string_view stat);

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_PROC_STAT_H_
