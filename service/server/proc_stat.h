#ifndef CONNREG_SERVICE_SERVER_PROC_STAT_H_
#define CONNREG_SERVICE_SERVER_PROC_STAT_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace connreg {

// What /proc/PID/stat says of a process (proc(5)).
struct ProcStat {
  // Of clock ticks: in user mode and in the kernel, of all its threads.
  uint64_t user_ticks = 0;
  uint64_t system_ticks = 0;
  uint64_t threads = 0;
  // Of clock ticks, since the machine started.
  uint64_t start_ticks = 0;
  uint64_t virtual_bytes = 0;
  // Of memory pages.
  uint64_t resident_pages = 0;

  bool operator==(const ProcStat&) const = default;
};

// Nothing if `text` is not the one line of such a file.
std::optional<ProcStat> ParseProcStat(absl::string_view text);

// When the machine started, in seconds since 1970: the line "btime" of
// /proc/stat. Nothing if there is none.
std::optional<uint64_t> ParseBootTime(absl::string_view text);

}  // namespace connreg

#endif  // CONNREG_SERVICE_SERVER_PROC_STAT_H_
