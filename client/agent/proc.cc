#include "client/agent/proc.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
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

std::vector<int32_t> PidsIn(const std::vector<std::string>& names) {
  std::vector<int32_t> pids;
  for (const std::string& name : names)
    if (const std::optional<int32_t> pid = PidIn(name)) pids.push_back(*pid);
  return pids;
}

}  // namespace

absl::StatusOr<absl::Time> ProcFs::BootTimeLocked(
    const std::string& stat) const {
  if (!boot_) {
    ASSIGN_OR_RETURN(boot_, ParseBootTime(stat));
  }
  return *boot_;
}

absl::StatusOr<std::shared_ptr<const SocketHolders>> ProcFs::FindSocketHolders(
    absl::Span<const uint64_t> inodes) const {
  ASSIGN_OR_RETURN(const Descriptor root,
                   OpenAt(AT_FDCWD, root_, O_PATH | O_DIRECTORY));
  ASSIGN_OR_RETURN(const std::string stat, ReadFileAt(root.get(), "stat"));
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   ListAt(root.get(), "."));
  const std::shared_ptr<const UserNames::Table> users = users_.Now();
  MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(const absl::Time boot, BootTimeLocked(stat));
  return memory_.Scan({.root = root,
                       .pids = PidsIn(names),
                       .clock = {boot, sysconf(_SC_CLK_TCK)},
                       .users = *users},
                      inodes);
}

}  // namespace connreg
