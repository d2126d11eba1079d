#include "client/agent/holder_memory.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "client/agent/holder_sets.h"
#include "service/base/status_macros.h"

namespace connreg {

std::shared_ptr<const SocketHolders> HolderMemory::Scan(
    const Place& place, absl::Span<const uint64_t> inodes) {
  ++scan_;
  tells_counts_ = ProcessDirectory::TellsDescriptorCounts(place.root);
  Read(place, /*all=*/false);
  absl::flat_hash_set<uint64_t> without = WithoutHolder(inodes);
  const bool all_known = absl::c_all_of(
      without, [&](uint64_t inode) { return without_holder_.contains(inode); });
  if (!all_known) {
    Read(place, /*all=*/true);
    without = WithoutHolder(inodes);
  }
  without_holder_ = std::move(without);
  return holders_;
}

void HolderMemory::Read(const Place& place, bool all) {
  unreadable_count_ = 0;
  for (const int32_t pid : place.pids) {
    const absl::Status status = ReadOne(place, pid, all);
    if (status.ok()) continue;
    Forget(pid);
    if (!absl::IsNotFound(status)) ++unreadable_count_;
  }
  DropEnded();
  Assemble(place);
}

absl::Status HolderMemory::ReadOne(const Place& place, int32_t pid, bool all) {
  ASSIGN_OR_RETURN(const ProcessDirectory directory,
                   ProcessDirectory::Open(place.root, pid));
  ASSIGN_OR_RETURN(const ProcessDirectory::Identity identity,
                   directory.ReadIdentity());
  Holdings& holdings = processes_[pid];
  holdings.seen = scan_;
  // Before they are read: what comes meanwhile counts as a change.
  const uint64_t count = directory.DescriptorCount();
  // Not of all in one scan.
  const bool is_due = (scan_ + static_cast<uint64_t>(pid)) % kScans == 0;
  const bool is_known = tells_counts_ && holdings.identity == identity &&
                        holdings.descriptor_count == count;
  const bool was_read = holdings.read == scan_;
  if (all ? !was_read : (is_due || !is_known)) {
    ASSIGN_OR_RETURN(std::vector<uint64_t> inodes, directory.SocketInodes());
    if (inodes != holdings.inodes) has_changed_ = true;
    holdings.inodes = std::move(inodes);
    holdings.identity = identity;
    holdings.descriptor_count = count;
    holdings.read = scan_;
  } else if (all) {
    return absl::OkStatus();
  }
  return ReadProcess(place, directory, &holdings);
}

absl::Status HolderMemory::ReadProcess(const Place& place,
                                       const ProcessDirectory& directory,
                                       Holdings* holdings) {
  if (holdings->inodes.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(Process process,
                   directory.Read(place.clock, with_arguments_));
  const auto user = place.users.find(process.uid.value());
  if (user != place.users.end()) process.user = user->second;
  if (holdings->process != nullptr && holdings->process->process == process)
    return absl::OkStatus();
  holdings->process = Share(std::move(process));
  has_changed_ = true;
  return absl::OkStatus();
}

void HolderMemory::Forget(int32_t pid) {
  const auto known = processes_.find(pid);
  if (known == processes_.end()) return;
  has_changed_ |= !known->second.inodes.empty();
  processes_.erase(known);
}

void HolderMemory::DropEnded() {
  std::vector<int32_t> ended;
  for (const auto& [pid, holdings] : processes_)
    if (holdings.seen != scan_) ended.push_back(pid);
  for (const int32_t pid : ended) Forget(pid);
}

void HolderMemory::Assemble(const Place& place) {
  // Every PID namespace has a process 1 for as long as it lives.
  const bool some_hidden = !absl::c_linear_search(place.pids, 1);
  if (!has_changed_ && holders_->unreadable_count == unreadable_count_ &&
      holders_->some_hidden == some_hidden)
    return;
  has_changed_ = false;
  HolderSets sets;
  for (const int32_t pid : place.pids) {
    const auto known = processes_.find(pid);
    if (known != processes_.end() && !known->second.inodes.empty())
      sets.Add(known->second.process, known->second.inodes);
  }
  auto holders = std::make_shared<SocketHolders>();
  holders->by_inode = sets.ByInode(&holders->abridged);
  holders->unreadable_count = unreadable_count_;
  holders->some_hidden = some_hidden;
  holders_ = std::move(holders);
}

absl::flat_hash_set<uint64_t> HolderMemory::WithoutHolder(
    absl::Span<const uint64_t> inodes) const {
  absl::flat_hash_set<uint64_t> without;
  for (const uint64_t inode : inodes)
    if (!holders_->by_inode.contains(inode)) without.insert(inode);
  return without;
}

}  // namespace connreg
