#ifndef CONNREG_CLIENT_AGENT_SOCK_DIAG_H_
#define CONNREG_CLIENT_AGENT_SOCK_DIAG_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "client/agent/netlink.h"
#include "service/model/socket.h"

namespace connreg {

// The kernel's numbers of socket states (include/net/tcp_states.h). UDP uses
// two of them: kEstablished for a connected socket, kClose for any other.
enum class KernelState : uint8_t {
  kEstablished = 1,
  kSynSent = 2,
  kSynReceived = 3,
  kFinWait1 = 4,
  kFinWait2 = 5,
  kTimeWait = 6,
  kClose = 7,
  kCloseWait = 8,
  kLastAck = 9,
  kListen = 10,
  kClosing = 11,
  // A connection request that has no socket of its own yet.
  kNewSynReceived = 12,
};

// One socket as the kernel shows it (struct inet_diag_msg), with nothing
// interpreted: addresses may be IPv4-mapped and ports may be 0.
struct DiagSocket {
  SocketFamily family = SocketFamily::kUnknown;
  Transport transport = Transport::kTcp;
  KernelState state = KernelState::kClose;
  // In network order; of an IPv4 socket the first four bytes.
  std::array<uint8_t, 16> local_address{};
  std::array<uint8_t, 16> remote_address{};
  uint16_t local_port = 0;
  uint16_t remote_port = 0;
  // The index of the interface that the socket is bound to. 0: none.
  uint32_t interface = 0;
  uint64_t cookie = 0;
  // 0: the socket belongs to no file.
  uint32_t inode = 0;
  uint32_t uid = 0;
  bool v6_only = false;

  bool operator==(const DiagSocket&) const = default;
};

// A socket that the kernel has destroyed, as it tells those who listen for that
// (SKNLGRP_INET_TCP_DESTROY and its like).
struct EndedSocket {
  // Its last state and its inode are not told. A connection that was reset, or
  // refused, has lost its remote endpoint.
  DiagSocket socket;
  // It is a TCP connection that was established once, with both ends told. Of
  // UDP that is never said: most connected sockets that live for a moment only
  // ask which route there is (getaddrinfo(3)), and nothing was sent.
  bool was_connected = false;
};

// DATA_LOSS: as ParseSockDiag().
absl::StatusOr<EndedSocket> ParseEnd(const NetlinkMessage& message);

// A request to tell of the one socket that has the tuple, the interface and the
// cookie of `socket`, or whatever cookie if that is 0; a listener may be found
// where there is no connection. The answer is a message that ParseSocket()
// takes, with `sequence`, or an error: NOT_FOUND if there is none.
std::vector<uint8_t> AskForSocket(const DiagSocket& socket, uint32_t sequence);

// The socket of `transport` in `message`.
//
// DATA_LOSS: as ParseSockDiag().
absl::StatusOr<DiagSocket> ParseSocket(Transport transport,
                                       const NetlinkMessage& message);

// The sockets in `messages`, as NetlinkDump() returns them for sockets of
// `transport`.
//
// DATA_LOSS: a message is cut short, or speaks of something else than an IPv4
//   or IPv6 socket. It says where, and no socket is returned: a dump that is
//   not understood throughout may lack anything.
absl::StatusOr<std::vector<DiagSocket>> ParseSockDiag(Transport transport,
                                                      Bytes messages);

// Every socket of `transport` that was made for `family` in the calling
// thread's network namespace, but those in TIME_WAIT and those of TCP that
// neither listen nor are connected.
//
// Not one instant: what opens or closes meanwhile may be missing, and what
// changes its state may appear twice, with one cookie.
//
// The errors of NetlinkDump() and ParseSockDiag(). NOT_FOUND: the kernel has no
//   inet_diag (udp_diag, tcp_diag) and cannot load it.
absl::StatusOr<std::vector<DiagSocket>> DumpSockets(SocketFamily family,
                                                    Transport transport);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_SOCK_DIAG_H_
