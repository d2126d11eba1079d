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
#include "client/agent/holder_sets.h"
#include "client/agent/process_directory.h"
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

// Adds what process `pid` holds, if that is a socket; only then more of it is
// read.
absl::Status AddProcess(const Descriptor& root, int32_t pid,
                        const TickClock& clock, bool with_arguments,
                        const UserNames::Table& users, HolderSets* sets) {
  ASSIGN_OR_RETURN(const ProcessDirectory directory,
                   ProcessDirectory::Open(root, pid));
  ASSIGN_OR_RETURN(const std::vector<uint64_t> inodes,
                   directory.SocketInodes());
  if (inodes.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Process process, directory.Read(clock, with_arguments));
  const auto user = users.find(process.uid.value());
  if (user != users.end()) process.user = user->second;
  sets->Add(std::move(process), inodes);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<absl::Time> ProcFs::BootTime(const std::string& stat) const {
  MutexLock lock(mutex_);
  if (!boot_) {
    ASSIGN_OR_RETURN(boot_, ParseBootTime(stat));
  }
  return *boot_;
}

absl::StatusOr<SocketHolders> ProcFs::FindSocketHolders() const {
  ASSIGN_OR_RETURN(const Descriptor root,
                   OpenAt(AT_FDCWD, root_, O_PATH | O_DIRECTORY));
  ASSIGN_OR_RETURN(const std::string stat, ReadFileAt(root.get(), "stat"));
  ASSIGN_OR_RETURN(const absl::Time boot, BootTime(stat));
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   ListAt(root.get(), "."));
  const TickClock clock{boot, sysconf(_SC_CLK_TCK)};
  const std::shared_ptr<const UserNames::Table> users = users_.Now();
  SocketHolders holders;
  HolderSets sets;
  // Every PID namespace has a process 1 for as long as it lives.
  holders.some_hidden =
      std::find(names.begin(), names.end(), "1") == names.end();
  for (const std::string& name : names) {
    const std::optional<int32_t> pid = PidIn(name);
    if (!pid) continue;
    const absl::Status status =
        AddProcess(root, *pid, clock, with_arguments_, *users, &sets);
    if (!status.ok() && !absl::IsNotFound(status)) ++holders.unreadable_count;
  }
  holders.by_inode = sets.ByInode(&holders.abridged);
  return holders;
}

}  // namespace connreg
