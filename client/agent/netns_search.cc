#include "client/agent/netns_search.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "service/base/status_macros.h"
#include "service/base/utf8.h"
#include "service/model/container.h"

namespace connreg {
namespace {

// Of how many processes of a network namespace it is asked whether they are in
// a container: one that is not may have entered it from outside.
constexpr size_t kProcessesAsked = 8;

// As many digits of a container's id as its engine shows.
constexpr size_t kShownDigits = 12;

// As many bytes as a namespace's name may have.
constexpr size_t kMaxName = 255;

absl::StatusOr<struct stat> StatAt(int directory, const std::string& path) {
  struct stat stat {};
  if (fstatat(directory, path.c_str(), &stat, 0) == 0) return stat;
  return absl::ErrnoToStatus(errno, path);
}

// The inode in "net:[4026531840]", where a process's link to its network
// namespace leads.
std::optional<uint64_t> NetnsInode(absl::string_view link) {
  uint64_t inode = 0;
  if (!absl::ConsumePrefix(&link, "net:[") ||
      !absl::ConsumeSuffix(&link, "]") || !absl::SimpleAtoi(link, &inode))
    return std::nullopt;
  return inode;
}

bool IsShowable(absl::string_view text) {
  while (!text.empty()) {
    const Utf8Character first = FirstUtf8Character(text);
    const bool is_control =
        first.code_point < 0x20 ||
        (first.code_point >= 0x7f && first.code_point < 0xa0);
    if (first.length == 0 || is_control) return false;
    text.remove_prefix(first.length);
  }
  return true;
}

// The name of a file, whose bytes may be any, as text.
std::string TextOf(const std::string& name) {
  if (IsShowable(name)) return name;
  return absl::CHexEscape(name).substr(0, kMaxName);
}

std::string LinkOf(int32_t pid) { return absl::StrCat(pid, "/ns/net"); }

// Search finds network namespaces, and holds each open from when it was found.
//
// While one is held its inode stands for it: then one look at a process tells
// which it is in.
class Search {
 public:
  explicit Search(Descriptor proc) : proc_(std::move(proc)) {}

  absl::Status FindOwn() {
    ASSIGN_OR_RETURN(const struct stat own,
                     StatAt(proc_.get(), "thread-self/ns/net"));
    own_inode_ = own.st_ino;
    device_ = own.st_dev;
    // Its thread holds it.
    found_.try_emplace(own_inode_,
                       Entry{.file = absl::UnavailableError("not opened")});
    return absl::OkStatus();
  }

  absl::Status FindNamed(const std::string& folder) {
    const absl::StatusOr<std::vector<std::string>> names =
        ListAt(AT_FDCWD, folder);
    if (absl::IsNotFound(names.status())) return absl::OkStatus();
    RETURN_IF_ERROR(names.status());
    for (const std::string& name : *names) {
      const std::string path = absl::StrCat(folder, "/", name);
      const absl::StatusOr<struct stat> stat = StatAt(AT_FDCWD, path);
      // The name of one that is gone, or is not mounted here.
      if (!stat.ok() || stat->st_dev != device_) continue;
      Entry* const entry = Hold(stat->st_ino, AT_FDCWD, path);
      if (entry == nullptr) continue;
      const std::string text = TextOf(name);
      if (entry->name.empty() || text < entry->name) entry->name = text;
    }
    return absl::OkStatus();
  }

  absl::Status FindThoseOfProcesses() {
    ASSIGN_OR_RETURN(const std::vector<std::string> names,
                     ListAt(proc_.get(), "."));
    std::vector<int32_t> pids;
    for (const std::string& name : names)
      if (int32_t pid = 0; absl::SimpleAtoi(name, &pid)) pids.push_back(pid);
    std::sort(pids.begin(), pids.end());
    // Every PID namespace has a process 1 for as long as it lives.
    if (pids.empty() || pids.front() != 1) ++hidden_processes_;
    for (const int32_t pid : pids) {
      const absl::Status status = FindThatOf(pid);
      if (absl::IsPermissionDenied(status)) {
        // The kernel's word for a process that has just ended, too.
        if (StatAt(proc_.get(), absl::StrCat(pid)).ok()) ++hidden_processes_;
      } else if (!absl::IsNotFound(status)) {
        RETURN_IF_ERROR(status);
      }
    }
    return absl::OkStatus();
  }

  NetnsFindings Take() && {
    NetnsFindings findings;
    findings.hidden_processes = hidden_processes_;
    for (auto& [inode, entry] : found_) {
      FoundNetns found = Describe(inode, entry);
      if (found.is_own)
        findings.own = std::move(found);
      else
        findings.others.push_back({std::move(found), std::move(entry.file)});
    }
    return findings;
  }

 private:
  struct Entry {
    absl::StatusOr<Descriptor> file;
    std::string name = {};
    // The first few.
    std::vector<int32_t> pids = {};
  };

  // The network namespace that was seen at `path` with `inode`; null if it is
  // gone.
  Entry* Hold(uint64_t inode, int directory, const std::string& path) {
    const auto known = found_.find(inode);
    if (known != found_.end()) return &known->second;
    absl::StatusOr<Descriptor> file =
        OpenAt(directory, path, O_RDONLY | O_NONBLOCK);
    if (absl::IsNotFound(file.status())) return nullptr;
    // Namespaces of other kinds have files there, too.
    if (file.ok() && ioctl(file->get(), NS_GET_NSTYPE) != CLONE_NEWNET)
      return nullptr;
    // Another may be there by now.
    struct stat stat {};
    if (file.ok() && fstat(file->get(), &stat) == 0) inode = stat.st_ino;
    const auto [place, is_new] =
        found_.try_emplace(inode, Entry{.file = std::move(file)});
    return &place->second;
  }

  absl::Status FindThatOf(int32_t pid) {
    const std::string path = LinkOf(pid);
    ASSIGN_OR_RETURN(const std::string link, ReadLinkAt(proc_.get(), path));
    const std::optional<uint64_t> inode = NetnsInode(link);
    if (!inode) return absl::DataLossError(absl::StrCat(path, ": ", link));
    if (pid == 1) host_inode_ = *inode;
    Entry* const entry = Hold(*inode, proc_.get(), path);
    if (entry != nullptr && entry->pids.size() < kProcessesAsked)
      entry->pids.push_back(pid);
    return absl::OkStatus();
  }

  FoundNetns Describe(uint64_t inode, const Entry& entry) const {
    FoundNetns found{.inode = inode,
                     .name = entry.name,
                     .pid = entry.pids.empty() ? 0 : entry.pids.front(),
                     .is_own = inode == own_inode_};
    // Containers may share the host's. Who may not see which that is, is
    // probably in it.
    const bool is_hosts = inode == host_inode_.value_or(own_inode_);
    if (found.name.empty() && !is_hosts) found.name = ContainerOf(entry.pids);
    return found;
  }

  std::string ContainerOf(const std::vector<int32_t>& pids) const {
    for (const int32_t pid : pids) {
      const absl::StatusOr<std::string> cgroup =
          ReadFileAt(proc_.get(), absl::StrCat(pid, "/cgroup"));
      if (!cgroup.ok()) continue;
      const absl::string_view id = ContainerIn(*cgroup);
      if (!id.empty()) return std::string(id.substr(0, kShownDigits));
    }
    return "";
  }

  const Descriptor proc_;
  uint64_t own_inode_ = 0;
  dev_t device_ = 0;
  // That of process 1, if it may be seen.
  std::optional<uint64_t> host_inode_;
  std::map<uint64_t, Entry> found_;
  size_t hidden_processes_ = 0;
};

}  // namespace

NetnsFindings FindNetns(const std::string& proc,
                        absl::Span<const absl::string_view> folders) {
  NetnsFindings nothing;
  nothing.own.is_own = true;
  absl::StatusOr<Descriptor> root =
      OpenAt(AT_FDCWD, proc, O_PATH | O_DIRECTORY);
  nothing.listing = root.status();
  if (!root.ok()) return nothing;
  Search search(*std::move(root));
  nothing.listing = search.FindOwn();
  if (!nothing.listing.ok()) return nothing;
  absl::Status listing = search.FindThoseOfProcesses();
  for (const absl::string_view folder : folders) {
    const absl::Status named = search.FindNamed(std::string(folder));
    // What the host's process 1 sees is another user's.
    if (!absl::IsPermissionDenied(named)) listing.Update(named);
  }
  NetnsFindings findings = std::move(search).Take();
  findings.listing = listing;
  return findings;
}

}  // namespace connreg
