#include "client/agent/sock_diag.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstring>
#include <initializer_list>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

uint32_t StateSet(std::initializer_list<KernelState> states) {
  uint32_t set = 0;
  for (const KernelState state : states) set |= 1u << static_cast<int>(state);
  return set;
}

uint32_t StatesToAskFor(Transport transport) {
  if (transport == Transport::kUdp)
    return StateSet({KernelState::kEstablished, KernelState::kClose});
  return StateSet({KernelState::kEstablished, KernelState::kSynSent,
                   KernelState::kSynReceived, KernelState::kFinWait1,
                   KernelState::kFinWait2, KernelState::kCloseWait,
                   KernelState::kLastAck, KernelState::kListen,
                   KernelState::kClosing, KernelState::kNewSynReceived});
}

absl::StatusOr<SocketFamily> FamilyOf(uint8_t number) {
  if (number == AF_INET) return SocketFamily::kIpv4;
  if (number == AF_INET6) return SocketFamily::kIpv6;
  return absl::DataLossError(
      absl::StrCat("address family ", number, " is not IPv4 or IPv6"));
}

absl::StatusOr<DiagSocket> ParseOne(Transport transport,
                                    const NetlinkMessage& message) {
  if (message.type != SOCK_DIAG_BY_FAMILY) {
    return absl::DataLossError(
        absl::StrCat("message type ", message.type, " is not a socket's"));
  }
  if (message.payload.size() < sizeof(inet_diag_msg)) {
    return absl::DataLossError(
        absl::StrCat("a socket takes ", sizeof(inet_diag_msg),
                     " bytes, this has ", message.payload.size()));
  }
  const auto header = LoadAs<inet_diag_msg>(message.payload);
  DiagSocket socket;
  ASSIGN_OR_RETURN(socket.family, FamilyOf(header.idiag_family));
  socket.transport = transport;
  socket.state = static_cast<KernelState>(header.idiag_state);
  std::memcpy(socket.local_address.data(), header.id.idiag_src, 16);
  std::memcpy(socket.remote_address.data(), header.id.idiag_dst, 16);
  socket.local_port = ntohs(header.id.idiag_sport);
  socket.remote_port = ntohs(header.id.idiag_dport);
  socket.interface = header.id.idiag_if;
  socket.cookie = uint64_t{header.id.idiag_cookie[1]} << 32 |
                  uint64_t{header.id.idiag_cookie[0]};
  socket.inode = header.idiag_inode;
  socket.uid = header.idiag_uid;
  RETURN_IF_ERROR(VisitAttributes(
      message.payload.subspan(sizeof header), [&](uint16_t type, Bytes value) {
        if (type == INET_DIAG_SKV6ONLY && !value.empty())
          socket.v6_only = value[0] != 0;
      }));
  return socket;
}

}  // namespace

absl::StatusOr<std::vector<DiagSocket>> ParseSockDiag(Transport transport,
                                                      Bytes messages) {
  std::vector<DiagSocket> sockets;
  RETURN_IF_ERROR(VisitMessages(
      messages, [&](const NetlinkMessage& message) -> absl::Status {
        const absl::StatusOr<DiagSocket> socket = ParseOne(transport, message);
        if (!socket.ok()) {
          return absl::DataLossError(
              absl::StrCat("socket ", sockets.size(),
                           " of the dump: ", socket.status().message()));
        }
        sockets.push_back(*socket);
        return absl::OkStatus();
      }));
  return sockets;
}

absl::StatusOr<std::vector<DiagSocket>> DumpSockets(SocketFamily family,
                                                    Transport transport) {
  inet_diag_req_v2 request{};
  request.sdiag_family = family == SocketFamily::kIpv4 ? AF_INET : AF_INET6;
  request.sdiag_protocol =
      transport == Transport::kTcp ? IPPROTO_TCP : IPPROTO_UDP;
  request.idiag_states = StatesToAskFor(transport);
  // No extension: the kernel tells INET_DIAG_SKV6ONLY unasked
  // (inet_diag_msg_attrs_fill() in net/ipv4/inet_diag.c).
  ASSIGN_OR_RETURN(
      const std::vector<uint8_t> messages,
      NetlinkDump(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, BytesOf(request)));
  return ParseSockDiag(transport, messages);
}

}  // namespace connreg
