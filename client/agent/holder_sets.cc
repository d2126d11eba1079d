#include "client/agent/holder_sets.h"

#include <algorithm>
#include <utility>

namespace connreg {
namespace {

// The kernel's names have 15 bytes (TASK_COMM_LEN in include/linux/sched.h).
constexpr size_t kMaxNameSize = 15;

// What is left of the text when all owners are named.
constexpr size_t kMaxDetailSize =
    kMaxOwnersTextSize - kMaxOwners * kMaxNameSize;

// Leaves of the processes from the first that does not fit what names them, and
// says whether there is one.
bool CutToSize(std::vector<SharedProcess>* processes) {
  size_t size = 0;
  for (SharedProcess& shared : *processes) {
    size += TextSize(shared->process);
    if (size <= kMaxDetailSize) continue;
    Process process = shared->process;
    process.user.clear();
    process.executable.clear();
    process.cgroup.clear();
    process.arguments_cut |= !process.arguments.empty();
    process.arguments.clear();
    shared = Share(std::move(process));
  }
  return size > kMaxDetailSize;
}

}  // namespace

void HolderSets::Add(SharedProcess process,
                     const std::vector<uint64_t>& inodes) {
  const auto place = static_cast<uint32_t>(processes_.size());
  processes_.push_back(std::move(process));
  for (const uint64_t inode : inodes) by_inode_[inode].push_back(place);
}

absl::flat_hash_map<uint64_t, Owners> HolderSets::ByInode(
    absl::flat_hash_set<uint64_t>* abridged) const {
  absl::flat_hash_map<Places, Set> sets;
  absl::flat_hash_map<uint64_t, Owners> by_inode;
  for (const auto& [inode, places] : by_inode_) {
    const auto [set, is_new] = sets.try_emplace(places);
    if (is_new) set->second = SetAt(places);
    by_inode.emplace(inode, set->second.owners);
    if (set->second.is_abridged) abridged->insert(inode);
  }
  return by_inode;
}

HolderSets::Set HolderSets::SetAt(const Places& places) const {
  std::vector<SharedProcess> processes;
  for (const uint32_t place : places) processes.push_back(processes_[place]);
  std::sort(processes.begin(), processes.end(),
            [](const SharedProcess& a, const SharedProcess& b) {
              return a->process.pid < b->process.pid;
            });
  const bool are_many = processes.size() > kMaxOwners;
  if (are_many)
    processes.erase(processes.begin() + kMaxOwners, processes.end());
  const bool are_long = CutToSize(&processes);
  return {Owners::KnownShared(std::move(processes)), are_many || are_long};
}

}  // namespace connreg
