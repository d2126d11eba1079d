#include "client/agent/owner_memory.h"

namespace connreg {
namespace {

// Whether somebody may have held the socket when it was read.
bool MayHaveLostItsHolder(const Owners& owners) {
  return !owners.known() &&
         (owners.unknown_reason() == OwnerUnknownReason::kNoHolder ||
          owners.unknown_reason() == OwnerUnknownReason::kNotPermitted);
}

}  // namespace

void OwnerMemory::Recall(Snapshot* snapshot) {
  OwnersByKey found;
  for (NetnsSnapshot& netns : snapshot->namespaces) {
    for (ListenerFacts& row : netns.listeners) RecallRow(row, &found);
    for (ConnectionFacts& row : netns.connections) RecallRow(row, &found);
  }
  last_ = std::move(found);
}

template <typename Row>
void OwnerMemory::RecallRow(Row& row, OwnersByKey* found) const {
  Owners& owners = row.socket.owners;
  const Key key(row.socket.inode, row.socket.cookie);
  if (owners.known()) {
    found->emplace(key, owners);
  } else if (key.first != 0 && MayHaveLostItsHolder(owners)) {
    const auto known = last_.find(key);
    if (known != last_.end()) owners = known->second;
  }
}

}  // namespace connreg
