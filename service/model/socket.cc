#include "service/model/socket.h"

#include <utility>

namespace connreg {
namespace {

// Whether a look that found no owners came too late for them.
bool CameTooLate(const Owners& owners) {
  return !owners.known() &&
         (owners.unknown_reason() == OwnerUnknownReason::kKernelOrphan ||
          owners.unknown_reason() == OwnerUnknownReason::kEndedBeforeScan);
}

// Whether `known` tells the role better. Having been seen in SYN-SENT proves
// more than a listener, since a client may connect from the endpoint that it
// listens on; and the listener that was there first more than a later one.
bool TellsRoleBetter(RoleEvidence known, RoleEvidence reported) {
  if (reported == RoleEvidence::kUnknown) return true;
  return reported == RoleEvidence::kListener &&
         (known == RoleEvidence::kInitiated ||
          known == RoleEvidence::kListener);
}

}  // namespace

bool SameIncarnation(const Socket& a, const Socket& b) {
  if (a.cookie != 0 && b.cookie != 0) return a.cookie == b.cookie;
  if (a.inode != 0 && b.inode != 0) return a.inode == b.inode;
  return true;
}

ConnectionFacts Succeed(const ConnectionFacts& known,
                        ConnectionFacts reported) {
  if (TellsRoleBetter(known.evidence, reported.evidence)) {
    reported.role = known.role;
    reported.evidence = known.evidence;
    reported.listener_cookie = known.listener_cookie;
  }
  Socket& socket = reported.socket;
  if (socket.cookie == 0) socket.cookie = known.socket.cookie;
  if (socket.inode == 0) socket.inode = known.socket.inode;
  if (!socket.uid) socket.uid = known.socket.uid;
  if (CameTooLate(socket.owners) && known.socket.owners.known())
    socket.owners = known.socket.owners;
  return reported;
}

}  // namespace connreg
