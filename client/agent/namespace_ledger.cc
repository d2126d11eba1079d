#include "client/agent/namespace_ledger.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

namespace connreg {

std::set<std::string> NamespaceLedger::Take(const Snapshot& snapshot) {
  absl::flat_hash_set<absl::string_view> there;
  for (const NetnsSnapshot& seen : snapshot.namespaces) {
    there.insert(seen.netns);
    Note(seen);
  }
  std::set<std::string> gone;
  if (snapshot.may_lack_namespaces) return gone;
  const absl::flat_hash_set<uint64_t> unread(snapshot.unread_inodes.begin(),
                                             snapshot.unread_inodes.end());
  for (auto& [name, netns] : namespaces_) {
    if (there.contains(name) || unread.contains(netns.inode)) continue;
    if (std::exchange(netns.was_missing, true)) gone.insert(name);
  }
  for (const std::string& name : gone) {
    if (namespaces_.at(name).is_told) gone_.insert(name);
    changed_.erase(name);
    namespaces_.erase(name);
  }
  return gone;
}

void NamespaceLedger::Note(const NetnsSnapshot& seen) {
  Netns& netns = namespaces_[seen.netns];
  netns.inode = seen.inode;
  netns.was_missing = false;
  if (!seen.addresses || seen.addresses == netns.addresses) return;
  // It is back, and the registry has it still.
  if (gone_.erase(seen.netns) > 0) netns.is_told = true;
  netns.addresses = seen.addresses;
  if (in_session_) changed_.insert(seen.netns);
}

std::vector<NetworkNamespace> NamespaceLedger::all() const {
  std::vector<NetworkNamespace> all;
  for (const auto& [name, netns] : namespaces_)
    if (netns.addresses) all.push_back(*netns.addresses);
  return all;
}

std::vector<NetworkNamespace> NamespaceLedger::BeginSession(BatchRoom room) {
  EndSession();
  in_session_ = true;
  std::vector<NetworkNamespace> told;
  for (auto& [name, netns] : namespaces_) {
    if (!netns.addresses) continue;
    if (room.Take(*netns.addresses)) {
      netns.is_told = true;
      told.push_back(*netns.addresses);
    } else {
      changed_.insert(name);
    }
  }
  return told;
}

void NamespaceLedger::EndSession() {
  in_session_ = false;
  for (auto& [name, netns] : namespaces_) netns.is_told = false;
  changed_.clear();
  gone_.clear();
}

void NamespaceLedger::Tell(BatchRoom& room, std::vector<std::string>* gone,
                           std::vector<NetworkNamespace>* namespaces) {
  while (!gone_.empty() && room.TakeNetnsName())
    gone->push_back(std::move(gone_.extract(gone_.begin()).value()));
  while (!changed_.empty()) {
    Netns& netns = namespaces_.at(*changed_.begin());
    if (!room.Take(*netns.addresses)) return;
    netns.is_told = true;
    namespaces->push_back(*netns.addresses);
    changed_.erase(changed_.begin());
  }
}

}  // namespace connreg
