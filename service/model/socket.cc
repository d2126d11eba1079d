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

// Whether `known` tells the role better. A listener is evidence only if it was
// there when the socket was seen first: one that came later did not accept it.
// And having been seen in SYN-SENT proves more, since a client may connect from
// the endpoint that it listens on.
bool TellsRoleBetter(RoleEvidence known, RoleEvidence reported) {
  if (reported == RoleEvidence::kUnknown) return true;
  return reported == RoleEvidence::kListener &&
         known != RoleEvidence::kDeclared;
}

bool WasAccepted(const Socket& known, const Socket& reported) {
  return !known.owners.known() && reported.owners.known() &&
         known.owners.unknown_reason() == OwnerUnknownReason::kNotAccepted;
}

Socket Succeed(const Socket& known, Socket reported) {
  if (reported.cookie == 0) reported.cookie = known.cookie;
  if (reported.inode == 0) reported.inode = known.inode;
  if (!reported.uid) reported.uid = known.uid;
  if (CameTooLate(reported.owners) && known.owners.known())
    reported.owners = known.owners;
  return reported;
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
    // Which listener of several it was shows once it is accepted.
    if (known.listener_cookie != 0 ||
        !WasAccepted(known.socket, reported.socket))
      reported.listener_cookie = known.listener_cookie;
  }
  reported.socket = Succeed(known.socket, std::move(reported.socket));
  return reported;
}

ListenerFacts Succeed(const ListenerFacts& known, ListenerFacts reported) {
  reported.socket = Succeed(known.socket, std::move(reported.socket));
  return reported;
}

}  // namespace connreg
