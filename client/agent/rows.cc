#include "client/agent/rows.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/net/endpoint.h"
#include "service/net/four_tuple.h"
#include "service/net/ip_address.h"

namespace connreg {
namespace {

bool IsListener(const DiagSocket& socket) {
  return socket.state == (socket.transport == Transport::kTcp
                              ? KernelState::kListen
                              : KernelState::kClose);
}

absl::StatusOr<ConnectionState> StateOf(KernelState state) {
  switch (state) {
    case KernelState::kEstablished:
      return ConnectionState::kEstablished;
    case KernelState::kSynSent:
      return ConnectionState::kSynSent;
    case KernelState::kSynReceived:
    case KernelState::kNewSynReceived:
      return ConnectionState::kSynReceived;
    case KernelState::kFinWait1:
      return ConnectionState::kFinWait1;
    case KernelState::kFinWait2:
      return ConnectionState::kFinWait2;
    case KernelState::kCloseWait:
      return ConnectionState::kCloseWait;
    case KernelState::kLastAck:
      return ConnectionState::kLastAck;
    case KernelState::kClosing:
      return ConnectionState::kClosing;
    case KernelState::kTimeWait:
    case KernelState::kClose:
    case KernelState::kListen:
      break;
  }
  return InvalidArgument(
      "STATE_UNKNOWN",
      absl::StrCat("the kernel's socket state ", static_cast<int>(state),
                   " is not a connection's"));
}

absl::StatusOr<Endpoint> EndpointOf(const DiagSocket& socket,
                                    const std::array<uint8_t, 16>& bytes,
                                    uint16_t port, InterfaceNames names) {
  const IpAddress address =
      socket.family == SocketFamily::kIpv4
          ? IpAddress::V4({bytes[0], bytes[1], bytes[2], bytes[3]})
          : IpAddress::V6(bytes);
  return Endpoint::Create(InZone(address, socket.interface, names), port);
}

Socket SocketOf(const DiagSocket& socket, const std::string& netns,
                Owners owners) {
  Socket common;
  common.netns = netns;
  common.transport = socket.transport;
  common.family = socket.family;
  common.cookie = socket.cookie;
  common.inode = socket.inode;
  if (socket.inode != 0) common.uid = socket.uid;
  common.owners = std::move(owners);
  return common;
}

ListenerFacts ListenerOf(const DiagSocket& socket, Socket common,
                         const Endpoint& local, InterfaceNames names) {
  ListenerFacts facts{.socket = std::move(common),
                      .local = local,
                      .state = socket.transport == Transport::kTcp
                                   ? ListenerState::kListen
                                   : ListenerState::kBound,
                      .v6_only = socket.v6_only,
                      .device = ""};
  if (socket.interface != 0)
    facts.device = InterfaceText(socket.interface, names);
  return facts;
}

}  // namespace

bool IsListenerOrConnection(const DiagSocket& socket) {
  if (socket.state == KernelState::kTimeWait) return false;
  if (socket.state != KernelState::kClose) return true;
  return socket.transport == Transport::kUdp && socket.local_port != 0;
}

bool IsRemainder(const DiagSocket& socket) {
  return socket.transport == Transport::kTcp &&
         socket.state == KernelState::kFinWait2 && socket.inode == 0;
}

absl::StatusOr<Row> RowOf(const DiagSocket& socket, const std::string& netns,
                          Owners owners, InterfaceNames names) {
  Socket common = SocketOf(socket, netns, std::move(owners));
  ASSIGN_OR_RETURN(
      const Endpoint local,
      EndpointOf(socket, socket.local_address, socket.local_port, names));
  if (IsListener(socket))
    return ListenerOf(socket, std::move(common), local, names);
  ASSIGN_OR_RETURN(
      const Endpoint remote,
      EndpointOf(socket, socket.remote_address, socket.remote_port, names));
  ASSIGN_OR_RETURN(const FourTuple tuple, FourTuple::Create(local, remote));
  ASSIGN_OR_RETURN(const ConnectionState state, StateOf(socket.state));
  ConnectionFacts facts{
      .socket = std::move(common), .tuple = tuple, .state = state};
  if (socket.interface != 0)
    facts.device = InterfaceText(socket.interface, names);
  return facts;
}

}  // namespace connreg
