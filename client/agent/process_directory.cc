#include "client/agent/process_directory.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "service/base/proc_stat.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

// What a report may have of a path.
constexpr size_t kMaxPathLength = 4096;

// The inode in "socket:[4711]", where a descriptor of a socket leads.
std::optional<uint64_t> SocketInode(absl::string_view link) {
  uint64_t inode = 0;
  if (!absl::ConsumePrefix(&link, "socket:[") ||
      !absl::ConsumeSuffix(&link, "]") || !absl::SimpleAtoi(link, &inode))
    return std::nullopt;
  return inode;
}

// `path`, or nothing where it is not known or longer than a report may have it.
std::string PathOrNothing(absl::StatusOr<std::string> path) {
  if (!path.ok() || path->size() > kMaxPathLength) return "";
  return *std::move(path);
}

// How many descriptors are in the folder `path`; see proc_fd_getattr() in
// fs/proc/fd.c.
uint64_t CountAt(const Descriptor& directory, const char* path) {
  struct stat stat {};
  if (fstatat(directory.get(), path, &stat, 0) != 0) return 0;
  return static_cast<uint64_t>(stat.st_size);
}

}  // namespace

absl::Time TickClock::At(int64_t ticks) const {
  return boot + absl::Seconds(ticks / ticks_per_second) +
         absl::Seconds(ticks % ticks_per_second) / ticks_per_second;
}

absl::StatusOr<ProcessDirectory> ProcessDirectory::Open(const Descriptor& root,
                                                        int32_t pid) {
  ASSIGN_OR_RETURN(Descriptor directory,
                   OpenAt(root.get(), absl::StrCat(pid), O_PATH | O_DIRECTORY));
  return ProcessDirectory(pid, std::move(directory));
}

absl::StatusOr<ProcessDirectory::Identity> ProcessDirectory::ReadIdentity()
    const {
  ASSIGN_OR_RETURN(const struct stat stat, StatOf(directory_));
  return Identity{.inode = stat.st_ino,
                  .seconds = stat.st_ctim.tv_sec,
                  .nanoseconds = stat.st_ctim.tv_nsec};
}

uint64_t ProcessDirectory::DescriptorCount() const {
  return CountAt(directory_, "fd");
}

bool ProcessDirectory::TellsDescriptorCounts(const Descriptor& root) {
  // Who asks has one: that of `root`.
  return CountAt(root, "self/fd") != 0;
}

absl::StatusOr<std::vector<uint64_t>> ProcessDirectory::SocketInodes() const {
  ASSIGN_OR_RETURN(const std::vector<std::string> descriptors,
                   ListAt(directory_.get(), "fd"));
  std::vector<uint64_t> inodes;
  for (const std::string& descriptor : descriptors) {
    const absl::StatusOr<std::string> link =
        ReadLinkAt(directory_.get(), absl::StrCat("fd/", descriptor));
    if (absl::IsNotFound(link.status())) continue;  // Closed meanwhile.
    // Which is also what the kernel says of a process that has just ended
    // (proc_fd_access_allowed() in fs/proc/base.c).
    if (absl::IsPermissionDenied(link.status()) && HasEnded())
      return absl::NotFoundError(absl::StrCat("process ", pid_));
    RETURN_IF_ERROR(link.status());
    if (const std::optional<uint64_t> inode = SocketInode(*link))
      inodes.push_back(*inode);
  }
  // A process may hold one socket by several descriptors.
  std::sort(inodes.begin(), inodes.end());
  inodes.erase(std::unique(inodes.begin(), inodes.end()), inodes.end());
  return inodes;
}

bool ProcessDirectory::HasEnded() const {
  return absl::IsNotFound(ReadFileAt(directory_.get(), "stat").status());
}

absl::StatusOr<Process> ProcessDirectory::Read(const TickClock& clock,
                                               bool with_arguments) const {
  Process process{.pid = pid_};
  // The directory is the effective user's, whereas its files are root's where
  // the process may not be dumped (task_dump_owner() in fs/proc/base.c).
  ASSIGN_OR_RETURN(const struct stat directory, StatOf(directory_));
  process.uid = directory.st_uid;
  process.executable = PathOrNothing(ReadLinkAt(directory_.get(), "exe"));
  const absl::StatusOr<std::string> cgroup =
      ReadFileAt(directory_.get(), "cgroup");
  if (cgroup.ok()) process.cgroup = PathOrNothing(ControlGroupIn(*cgroup));
  if (with_arguments) ReadArguments(&process);
  ASSIGN_OR_RETURN(const std::string name,
                   ReadFileAt(directory_.get(), "comm"));
  process.name = std::string(absl::StripSuffix(name, "\n"));
  // Last, since it can be read only while the process is there: what ended
  // meanwhile is not known by halves.
  ASSIGN_OR_RETURN(const std::string stat,
                   ReadFileAt(directory_.get(), "stat"));
  ASSIGN_OR_RETURN(const int64_t ticks, ProcStatField(stat, kStartTicks));
  process.start_time = clock.At(ticks);
  return process;
}

void ProcessDirectory::ReadArguments(Process* process) const {
  const absl::StatusOr<std::string> cmdline =
      ReadFileAt(directory_.get(), "cmdline", kMaxArgumentsSize + 1);
  if (cmdline.ok()) SetArguments(*cmdline, process);
}

std::string ControlGroupIn(absl::string_view cgroup) {
  absl::string_view unified, of_systemd, longest;
  for (const absl::string_view line : absl::StrSplit(cgroup, '\n')) {
    // "4:memory:/docker/ID": the hierarchy, its controllers, the path.
    const std::vector<absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() < 3) continue;
    const absl::string_view path = parts[2];
    if (parts[0] == "0" && parts[1].empty()) unified = path;
    if (parts[1] == "name=systemd") of_systemd = path;
    if (path.size() > longest.size()) longest = path;
  }
  for (const absl::string_view path : {unified, of_systemd})
    if (path.size() > 1) return std::string(path);
  return std::string(longest);
}

void SetArguments(absl::string_view cmdline, Process* process) {
  while (absl::ConsumeSuffix(&cmdline, absl::string_view("\0", 1))) continue;
  if (cmdline.empty()) return;
  size_t size = 0;
  for (const absl::string_view argument : absl::StrSplit(cmdline, '\0')) {
    size += argument.size() + 1;
    process->arguments_cut = size > kMaxArgumentsSize;
    if (process->arguments_cut) return;
    process->arguments.emplace_back(argument);
  }
}

}  // namespace connreg
