#include "client/agent/owner_recall.h"

#include "service/model/owner.h"

namespace connreg {
namespace {

// Whether somebody may have held the socket when it was read.
bool MayHaveLostItsHolder(const Owners& owners) {
  return !owners.known() &&
         (owners.unknown_reason() == OwnerUnknownReason::kNoHolder ||
          owners.unknown_reason() == OwnerUnknownReason::kNotPermitted);
}

}  // namespace

bool RecallOwners(const Socket& known, Socket* seen) {
  // An inode may be used again.
  const bool is_the_same = seen->inode != 0 && seen->inode == known.inode &&
                           seen->cookie == known.cookie;
  if (!is_the_same || !known.owners.known() ||
      !MayHaveLostItsHolder(seen->owners))
    return false;
  seen->owners = known.owners;
  return true;
}

}  // namespace connreg
