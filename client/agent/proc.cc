#include "client/agent/proc.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/agent/files.h"
#include "service/base/proc_stat.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

std::optional<int32_t> PidIn(absl::string_view name) {
  int32_t pid = 0;
  const bool digits = std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
  if (!digits || !absl::SimpleAtoi(name, &pid)) return std::nullopt;
  return pid;
}

// The inode in "socket:[4711]", where a descriptor of a socket leads.
std::optional<uint64_t> SocketInode(absl::string_view link) {
  uint64_t inode = 0;
  if (!absl::ConsumePrefix(&link, "socket:[") ||
      !absl::ConsumeSuffix(&link, "]") || !absl::SimpleAtoi(link, &inode))
    return std::nullopt;
  return inode;
}

// How long the kernel's clock ticks are, and since when it counts them.
struct TickClock {
  absl::Time boot;
  int64_t ticks_per_second;

  absl::Time At(int64_t ticks) const {
    return boot + absl::Seconds(ticks / ticks_per_second) +
           absl::Seconds(ticks % ticks_per_second) / ticks_per_second;
  }
};

// ProcessScan reads one process.
//
// It holds the process's directory open: such a descriptor never leads to
// another process that was given the same pid, so what is read belongs
// together.
class ProcessScan {
 public:
  static absl::StatusOr<ProcessScan> Open(const Descriptor& root, int32_t pid) {
    ASSIGN_OR_RETURN(Descriptor directory, OpenAt(root.get(), absl::StrCat(pid),
                                                  O_PATH | O_DIRECTORY));
    return ProcessScan(pid, std::move(directory));
  }

  absl::StatusOr<std::vector<uint64_t>> SocketInodes() const {
    ASSIGN_OR_RETURN(const std::vector<std::string> descriptors,
                     ListAt(directory_.get(), "fd"));
    std::vector<uint64_t> inodes;
    for (const std::string& descriptor : descriptors) {
      const absl::StatusOr<std::string> link =
          ReadLinkAt(directory_.get(), absl::StrCat("fd/", descriptor));
      if (absl::IsNotFound(link.status())) continue;  // Closed meanwhile.
      RETURN_IF_ERROR(link.status());
      if (const std::optional<uint64_t> inode = SocketInode(*link))
        inodes.push_back(*inode);
    }
    // A process may hold one socket by several descriptors.
    std::sort(inodes.begin(), inodes.end());
    inodes.erase(std::unique(inodes.begin(), inodes.end()), inodes.end());
    return inodes;
  }

  absl::StatusOr<Process> Identity(const TickClock& clock) const {
    ASSIGN_OR_RETURN(const std::string stat,
                     ReadFileAt(directory_.get(), "stat"));
    ASSIGN_OR_RETURN(const int64_t ticks, ProcStatField(stat, kStartTicks));
    ASSIGN_OR_RETURN(const std::string name,
                     ReadFileAt(directory_.get(), "comm"));
    return Process{pid_, clock.At(ticks),
                   std::string(absl::StripSuffix(name, "\n"))};
  }

 private:
  ProcessScan(int32_t pid, Descriptor directory)
      : pid_(pid), directory_(std::move(directory)) {}

  const int32_t pid_;
  Descriptor directory_;
};

absl::Status AddProcess(const Descriptor& root, int32_t pid,
                        const TickClock& clock, SocketHolders* holders) {
  ASSIGN_OR_RETURN(const ProcessScan scan, ProcessScan::Open(root, pid));
  ASSIGN_OR_RETURN(const std::vector<uint64_t> inodes, scan.SocketInodes());
  if (inodes.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Process process, scan.Identity(clock));
  for (const uint64_t inode : inodes)
    holders->by_inode[inode].push_back(process);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SocketHolders> ProcFs::FindSocketHolders() const {
  ASSIGN_OR_RETURN(const Descriptor root,
                   OpenAt(AT_FDCWD, root_, O_PATH | O_DIRECTORY));
  ASSIGN_OR_RETURN(const std::string stat, ReadFileAt(root.get(), "stat"));
  ASSIGN_OR_RETURN(const absl::Time boot, ParseBootTime(stat));
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   ListAt(root.get(), "."));
  const TickClock clock{boot, sysconf(_SC_CLK_TCK)};
  SocketHolders holders;
  // Every PID namespace has a process 1 for as long as it lives.
  holders.some_hidden =
      std::find(names.begin(), names.end(), "1") == names.end();
  for (const std::string& name : names) {
    const std::optional<int32_t> pid = PidIn(name);
    if (!pid) continue;
    const absl::Status status = AddProcess(root, *pid, clock, &holders);
    if (!status.ok() && !absl::IsNotFound(status)) ++holders.unreadable_count;
  }
  return holders;
}

}  // namespace connreg
