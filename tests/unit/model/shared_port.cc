#include "tests/unit/model/shared_port.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "service/base/status_macros.h"
#include "tests/unit/model/rows.h"

namespace connreg {
namespace {

constexpr int kDeadlineMs = 10'000;

absl::Status Refused(absl::string_view call) {
  const int error = errno;
  if (error == EADDRINUSE) return absl::AlreadyExistsError(call);
  return absl::ErrnoToStatus(error, call);
}

// A socket address of `family`, in which an IPv4 address is IPv4-mapped if the
// family is IPv6.
struct SocketAddress {
  SocketAddress(int family, const IpAddress& address, uint16_t port,
                uint32_t scope) {
    if (family == AF_INET) {
      sockaddr_in v4{.sin_family = AF_INET,
                     .sin_port = htons(port),
                     .sin_addr = {},
                     .sin_zero = {}};
      memcpy(&v4.sin_addr, &address.bytes()[12], sizeof v4.sin_addr);
      memcpy(&storage, &v4, size = sizeof v4);
    } else {
      sockaddr_in6 v6{.sin6_family = AF_INET6,
                      .sin6_port = htons(port),
                      .sin6_flowinfo = 0,
                      .sin6_addr = {},
                      .sin6_scope_id = scope};
      memcpy(&v6.sin6_addr, address.bytes().data(), sizeof v6.sin6_addr);
      memcpy(&storage, &v6, size = sizeof v6);
    }
  }

  const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }

  sockaddr_storage storage{};
  socklen_t size = 0;
};

uint16_t PortOf(const Descriptor& socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  // At one place in both families.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

absl::Status Switch(const Descriptor& socket, int level, int option, int on) {
  if (setsockopt(socket.get(), level, option, &on, sizeof on) != 0)
    return Refused(absl::StrCat("setsockopt ", level, "/", option));
  return absl::OkStatus();
}

// Waits until one of `sockets` is ready, and returns its place.
std::optional<size_t> WaitForOne(const std::vector<int>& sockets) {
  std::vector<pollfd> polled;
  for (const int number : sockets)
    polled.push_back({.fd = number, .events = POLLIN, .revents = 0});
  if (poll(polled.data(), polled.size(), kDeadlineMs) <= 0) return std::nullopt;
  for (size_t i = 0; i < polled.size(); ++i)
    if (polled[i].revents != 0) return i;
  return std::nullopt;
}

}  // namespace

absl::StatusOr<SharedPort> SharedPort::Open(const NetworkLab& lab,
                                            Transport transport,
                                            Sharing sharing,
                                            const std::vector<Shape>& shapes) {
  SharedPort port(lab, transport);
  for (const Shape& shape : shapes) RETURN_IF_ERROR(port.Add(shape, sharing));
  return port;
}

absl::StatusOr<std::optional<size_t>> SharedPort::TakerOf(
    const IpAddress& address, Origin origin) const {
  ASSIGN_OR_RETURN(const Descriptor client, NewClient(address, origin));
  const SocketAddress to(address.is_v4() ? AF_INET : AF_INET6, address, port_,
                         ScopeOf(address, origin));
  if (connect(client.get(), to.get(), to.size) != 0) {
    if (errno == ECONNREFUSED) return std::nullopt;
    return Refused(absl::StrCat("connect ", address.ToString()));
  }
  return transport_ == Transport::kTcp ? Accept() : Receive(client);
}

absl::StatusOr<std::set<size_t>> SharedPort::TakersOf(
    const IpAddress& address, const std::set<size_t>& awaited) const {
  ASSIGN_OR_RETURN(const Descriptor client, NewClient(address, Origin::kFar));
  RETURN_IF_ERROR(Switch(client, SOL_SOCKET, SO_BROADCAST, 1));
  if (setsockopt(client.get(), SOL_SOCKET, SO_BINDTODEVICE, "far0", 5) != 0)
    return Refused("SO_BINDTODEVICE far0");
  const SocketAddress to(address.is_v4() ? AF_INET : AF_INET6, address, port_,
                         ScopeOf(address, Origin::kFar));
  if (sendto(client.get(), "x", 1, 0, to.get(), to.size) != 1)
    return Refused(absl::StrCat("sendto ", address.ToString()));
  for (const size_t place : awaited)
    if (!WaitForOne({numbers_[place]})) break;
  std::set<size_t> takers;
  for (size_t i = 0; i < numbers_.size(); ++i) {
    char byte = 0;
    if (recv(numbers_[i], &byte, 1, MSG_DONTWAIT) == 1) takers.insert(i);
  }
  return takers;
}

int SharedPort::type() const {
  return transport_ == Transport::kTcp ? SOCK_STREAM : SOCK_DGRAM;
}

absl::Status SharedPort::Add(const Shape& shape, Sharing sharing) {
  const bool is_v6 = shape.family == SocketFamily::kIpv6;
  const int family = is_v6 ? AF_INET6 : AF_INET;
  Descriptor socket(::socket(family, type() | SOCK_CLOEXEC, 0));
  if (socket.get() < 0) return Refused("socket");
  if (is_v6) {
    RETURN_IF_ERROR(
        Switch(socket, IPPROTO_IPV6, IPV6_V6ONLY, shape.v6_only ? 1 : 0));
  }
  if (sharing != Sharing::kNone) {
    RETURN_IF_ERROR(Switch(
        socket, SOL_SOCKET,
        sharing == Sharing::kReusePort ? SO_REUSEPORT : SO_REUSEADDR, 1));
  }
  if (!shape.device.empty() &&
      setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, shape.device.data(),
                 shape.device.size()) != 0)
    return Refused(absl::StrCat("SO_BINDTODEVICE ", shape.device));
  const IpAddress address = Address(shape.address);
  const SocketAddress local(
      family, address, port_,
      address.is_link_local() ? if_nametoindex(shape.device.c_str()) : 0);
  if (bind(socket.get(), local.get(), local.size) != 0)
    return Refused(absl::StrCat("bind ", shape.ToString()));
  if (transport_ == Transport::kTcp && listen(socket.get(), 16) != 0)
    return Refused(absl::StrCat("listen ", shape.ToString()));
  port_ = PortOf(socket);
  rows_.push_back(RowOf(shape));
  numbers_.push_back(socket.get());
  sockets_.push_back(std::move(socket));
  return absl::OkStatus();
}

Listener SharedPort::RowOf(const Shape& shape) const {
  IpAddress address = Address(shape.address);
  if (address.is_link_local()) address = address.WithZone(shape.device).value();
  Listener row = ListenerAt(
      {.host = "here"}, Endpoint::Create(address, port_).value().ToString());
  row.facts.socket.transport = transport_;
  row.facts.socket.family = shape.family;
  row.facts.socket.cookie = rows_.size();
  row.facts.v6_only = shape.v6_only;
  row.facts.device = shape.device;
  return row;
}

absl::StatusOr<Descriptor> SharedPort::NewClient(const IpAddress& address,
                                                 Origin origin) const {
  const int family = address.is_v4() ? AF_INET : AF_INET6;
  Descriptor client;
  if (origin == Origin::kFar) {
    ASSIGN_OR_RETURN(client, lab_->FarSocket(family, type()));
  } else {
    client = Descriptor(::socket(family, type() | SOCK_CLOEXEC, 0));
  }
  // Leaves no TIME-WAIT behind, and waits no longer than this.
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  const timeval limit{.tv_sec = kDeadlineMs / 1000, .tv_usec = 0};
  setsockopt(client.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  return client;
}

unsigned SharedPort::ScopeOf(const IpAddress& address, Origin origin) const {
  if (!address.is_link_local()) return 0;
  return origin == Origin::kFar ? lab_->far_interface()
                                : if_nametoindex(NetworkLab::kNearDevice);
}

absl::StatusOr<std::optional<size_t>> SharedPort::Accept() const {
  const std::optional<size_t> taker = WaitForOne(numbers_);
  if (!taker) return absl::DeadlineExceededError("accept");
  const Descriptor accepted(accept(numbers_[*taker], nullptr, nullptr));
  if (accepted.get() < 0) return Refused("accept");
  return taker;
}

// A connected UDP client is told that the port is closed.
absl::StatusOr<std::optional<size_t>> SharedPort::Receive(
    const Descriptor& client) const {
  if (send(client.get(), "x", 1, 0) != 1) return Refused("send");
  std::vector<int> numbers = numbers_;
  numbers.push_back(client.get());
  const std::optional<size_t> ready = WaitForOne(numbers);
  if (!ready) return absl::DeadlineExceededError("recv");
  char byte = 0;
  if (recv(numbers[*ready], &byte, 1, 0) == 1) return ready;
  if (errno == ECONNREFUSED) return std::nullopt;
  return Refused("recv");
}

}  // namespace connreg
