#include "client/agent/sock_diag.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <initializer_list>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

// A question with this is about a socket of any cookie.
constexpr uint64_t kAnyCookie =
    uint64_t{INET_DIAG_NOCOOKIE} << 32 | INET_DIAG_NOCOOKIE;

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

uint8_t NumberOf(SocketFamily family) {
  return family == SocketFamily::kIpv4 ? AF_INET : AF_INET6;
}

uint8_t NumberOf(Transport transport) {
  return transport == Transport::kTcp ? IPPROTO_TCP : IPPROTO_UDP;
}

// Whether the connection that `value`, a tcp_info, is of has ever been
// established: then it has measured a round trip, or something came through.
bool WasEstablished(Bytes value) {
  constexpr size_t kLeast =
      offsetof(tcp_info, tcpi_min_rtt) + sizeof(tcp_info::tcpi_min_rtt);
  if (value.size() < kLeast) return true;
  tcp_info known{};
  std::memcpy(&known, value.data(), std::min(value.size(), sizeof known));
  constexpr uint32_t kNotMeasured = ~uint32_t{0};
  return known.tcpi_min_rtt != kNotMeasured || known.tcpi_bytes_acked > 0 ||
         known.tcpi_bytes_received > 0;
}

}  // namespace

absl::StatusOr<DiagSocket> ParseSocket(Transport transport,
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

absl::StatusOr<EndedSocket> ParseEnd(const NetlinkMessage& message) {
  ASSIGN_OR_RETURN(DiagSocket socket, ParseSocket(Transport::kUdp, message));
  EndedSocket ended{.socket = socket, .was_connected = false};
  RETURN_IF_ERROR(VisitAttributes(
      message.payload.subspan(sizeof(inet_diag_msg)),
      [&](uint16_t type, Bytes value) {
        // The message does not name the transport. Of the two TCP alone has
        // this.
        if (type != INET_DIAG_INFO) return;
        ended.socket.transport = Transport::kTcp;
        ended.was_connected = socket.local_port != 0 &&
                              socket.remote_port != 0 && WasEstablished(value);
      }));
  return ended;
}

std::vector<uint8_t> AskForSocket(const DiagSocket& socket, uint32_t sequence) {
  inet_diag_req_v2 request{};
  request.sdiag_family = NumberOf(socket.family);
  request.sdiag_protocol = NumberOf(socket.transport);
  request.idiag_states = ~uint32_t{0};
  request.id.idiag_sport = htons(socket.local_port);
  request.id.idiag_dport = htons(socket.remote_port);
  std::memcpy(request.id.idiag_src, socket.local_address.data(), 16);
  std::memcpy(request.id.idiag_dst, socket.remote_address.data(), 16);
  request.id.idiag_if = socket.interface;
  const uint64_t cookie = socket.cookie == 0 ? kAnyCookie : socket.cookie;
  request.id.idiag_cookie[0] = static_cast<uint32_t>(cookie);
  request.id.idiag_cookie[1] = static_cast<uint32_t>(cookie >> 32);
  return PackRequest(SOCK_DIAG_BY_FAMILY, 0, sequence, BytesOf(request));
}

absl::StatusOr<std::vector<DiagSocket>> ParseSockDiag(Transport transport,
                                                      Bytes messages) {
  std::vector<DiagSocket> sockets;
  // No fewer than there are.
  sockets.reserve(messages.size() / (sizeof(nlmsghdr) + sizeof(inet_diag_msg)));
  RETURN_IF_ERROR(VisitMessages(
      messages, [&](const NetlinkMessage& message) -> absl::Status {
        const absl::StatusOr<DiagSocket> socket =
            ParseSocket(transport, message);
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
  request.sdiag_family = NumberOf(family);
  request.sdiag_protocol = NumberOf(transport);
  request.idiag_states = StatesToAskFor(transport);
  // No extension: the kernel tells INET_DIAG_SKV6ONLY unasked
  // (inet_diag_msg_attrs_fill() in net/ipv4/inet_diag.c).
  ASSIGN_OR_RETURN(
      const std::vector<uint8_t> messages,
      NetlinkDump(NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, BytesOf(request)));
  return ParseSockDiag(transport, messages);
}

}  // namespace connreg
