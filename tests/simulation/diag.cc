#include "tests/simulation/diag.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "service/net/endpoint.h"
#include "service/net/ip_address.h"

namespace connreg::simulation {
namespace {

constexpr uint32_t kInterface = 2;
// Where the four bytes of IPv4 are in an IpAddress.
constexpr size_t kV4Offset = 12;

KernelState StateOf(ConnectionState state) {
  switch (state) {
    case ConnectionState::kSynSent:
      return KernelState::kSynSent;
    case ConnectionState::kSynReceived:
      return KernelState::kSynReceived;
    case ConnectionState::kEstablished:
      return KernelState::kEstablished;
    case ConnectionState::kFinWait1:
      return KernelState::kFinWait1;
    case ConnectionState::kFinWait2:
      return KernelState::kFinWait2;
    case ConnectionState::kCloseWait:
      return KernelState::kCloseWait;
    case ConnectionState::kClosing:
      return KernelState::kClosing;
    case ConnectionState::kLastAck:
      return KernelState::kLastAck;
  }
  return KernelState::kClose;
}

std::array<uint8_t, 16> BytesOf(const IpAddress& address) {
  if (!address.is_v4()) return address.bytes();
  std::array<uint8_t, 16> bytes{};
  std::copy(address.bytes().begin() + kV4Offset, address.bytes().end(),
            bytes.begin());
  return bytes;
}

Endpoint EndpointOf(const std::array<uint8_t, 16>& bytes, uint16_t port) {
  return Endpoint::Create(
             IpAddress::V4({bytes[0], bytes[1], bytes[2], bytes[3]}), port)
      .value();
}

DiagSocket DiagOf(const Socket& socket, const Endpoint& local,
                  const std::string& device) {
  return {.family = socket.family,
          .transport = socket.transport,
          .local_address = BytesOf(local.address()),
          .local_port = local.port(),
          .interface = device.empty() ? 0 : kInterface,
          .cookie = socket.cookie,
          .inode = static_cast<uint32_t>(socket.inode),
          .uid = socket.uid.value_or(0)};
}

}  // namespace

DiagSocket DiagOf(const ConnectionFacts& facts) {
  DiagSocket socket = DiagOf(facts.socket, facts.tuple.local(), facts.device);
  socket.state = StateOf(facts.state);
  socket.remote_address = BytesOf(facts.tuple.remote().address());
  socket.remote_port = facts.tuple.remote().port();
  return socket;
}

DiagSocket DiagOf(const ListenerFacts& facts) {
  DiagSocket socket = DiagOf(facts.socket, facts.local, facts.device);
  if (facts.state == ListenerState::kListen)
    socket.state = KernelState::kListen;
  return socket;
}

FourTuple TupleOf(const DiagSocket& socket) {
  return FourTuple::Create(
             EndpointOf(socket.local_address, socket.local_port),
             EndpointOf(socket.remote_address, socket.remote_port))
      .value();
}

std::string DeviceOf(uint32_t interface) {
  return interface == kInterface ? kDevice : "";
}

}  // namespace connreg::simulation
