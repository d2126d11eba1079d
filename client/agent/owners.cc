#include "client/agent/owners.h"

namespace connreg {
namespace {

// Why a socket that the kernel shows without an inode has no owner: it shows
// none where the socket has no file (sock_i_ino() in include/net/sock.h).
//
// A server's socket gets its file at accept(2), and close(2) takes it away. Nor
// do connection requests and what is left of a connection after FIN-WAIT-2's
// timeout have one (inet_req_diag_fill() and inet_twsk_diag_fill() in
// net/ipv4/inet_diag.c).
//
// A socket that waits for accept(2) can have been closed by the other end only,
// and one that close(2) left to the kernel has sent a FIN or is about to
// (new_state[] in net/ipv4/tcp.c), so the state tells the two apart. Neither is
// possible in SYN-SENT, LISTEN or for UDP: there close(2) ends the socket at
// once.
OwnerUnknownReason ReasonWithoutInode(const DiagSocket& socket) {
  if (socket.transport == Transport::kUdp) return OwnerUnknownReason::kNoHolder;
  switch (socket.state) {
    case KernelState::kSynReceived:
    case KernelState::kNewSynReceived:
    case KernelState::kEstablished:
    case KernelState::kCloseWait:
      return OwnerUnknownReason::kNotAccepted;
    case KernelState::kFinWait1:
    case KernelState::kFinWait2:
    case KernelState::kClosing:
    case KernelState::kLastAck:
    case KernelState::kTimeWait:
      return OwnerUnknownReason::kKernelOrphan;
    case KernelState::kSynSent:
    case KernelState::kListen:
    case KernelState::kClose:
      return OwnerUnknownReason::kNoHolder;
  }
  return OwnerUnknownReason::kNoHolder;
}

}  // namespace

Owners OwnersOf(const DiagSocket& socket, const SocketHolders* holders) {
  if (socket.inode == 0) return Owners::Unknown(ReasonWithoutInode(socket));
  if (holders == nullptr)
    return Owners::Unknown(OwnerUnknownReason::kNotReported);
  const auto found = holders->by_inode.find(socket.inode);
  if (found != holders->by_inode.end()) return found->second;
  return Owners::Unknown(holders->complete()
                             ? OwnerUnknownReason::kNoHolder
                             : OwnerUnknownReason::kNotPermitted);
}

}  // namespace connreg
