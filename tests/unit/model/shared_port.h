#ifndef CONNREG_TESTS_UNIT_MODEL_SHARED_PORT_H_
#define CONNREG_TESTS_UNIT_MODEL_SHARED_PORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "service/model/socket.h"
#include "service/net/ip_address.h"
#include "tests/unit/model/network_lab.h"

namespace connreg {

// A way to bind a socket.
struct Shape {
  std::string address;
  SocketFamily family = SocketFamily::kIpv4;
  bool v6_only = false;
  std::string device = {};

  std::string ToString() const {
    return absl::StrCat(address, family == SocketFamily::kIpv6 ? "/v6" : "/v4",
                        v6_only ? " v6only" : "", device.empty() ? "" : "%",
                        device);
  }
};

inline Shape V4(absl::string_view address, absl::string_view device = "") {
  return {.address = std::string(address), .device = std::string(device)};
}
inline Shape V6(absl::string_view address, absl::string_view device = "") {
  return {.address = std::string(address),
          .family = SocketFamily::kIpv6,
          .device = std::string(device)};
}
inline Shape V6Only(absl::string_view address, absl::string_view device = "") {
  Shape shape = V6(address, device);
  shape.v6_only = true;
  return shape;
}

// The option by which sockets share a port.
enum class Sharing { kNone, kReusePort, kReuseAddress };

// Where a packet comes from: the host itself, or the other end of its cable.
enum class Origin { kHere, kFar };

// SharedPort is real sockets on one port, which the kernel chose. It sends
// itself packets, to see which of the sockets takes them.
class SharedPort {
 public:
  // Binds and listens in the order of `shapes`. `lab` must outlive the result.
  //
  // ALREADY_EXISTS: the kernel does not let these share a port.
  static absl::StatusOr<SharedPort> Open(const NetworkLab& lab,
                                         Transport transport, Sharing sharing,
                                         const std::vector<Shape>& shapes);

  // As the registry would know them. The cookie is the place in the order.
  const std::vector<Listener>& rows() const { return rows_; }
  const std::vector<int>& numbers() const { return numbers_; }

  // Sends one packet, and returns the place of the socket that took it; nothing
  // if the port is closed to it. Closed means for UDP that an ICMP error comes
  // back, of which the kernel sends few to other hosts.
  //
  // DEADLINE_EXCEEDED: nothing came of it.
  absl::StatusOr<std::optional<size_t>> TakerOf(const IpAddress& address,
                                                Origin origin) const;

  // Sends a datagram to `address` from afar, and returns the places of the
  // sockets that took it once all of `awaited` did, or should have.
  absl::StatusOr<std::set<size_t>> TakersOf(
      const IpAddress& address, const std::set<size_t>& awaited) const;

 private:
  SharedPort(const NetworkLab& lab, Transport transport)
      : lab_(&lab), transport_(transport) {}

  int type() const;
  absl::Status Add(const Shape& shape, Sharing sharing);
  Listener RowOf(const Shape& shape) const;
  absl::StatusOr<Descriptor> NewClient(const IpAddress& address,
                                       Origin origin) const;
  // The scope that `address` has for a client.
  unsigned ScopeOf(const IpAddress& address, Origin origin) const;
  absl::StatusOr<std::optional<size_t>> Accept() const;
  absl::StatusOr<std::optional<size_t>> Receive(const Descriptor& client) const;

  const NetworkLab* lab_;
  Transport transport_;
  uint16_t port_ = 0;
  std::vector<Descriptor> sockets_;
  // The numbers of sockets_.
  std::vector<int> numbers_;
  std::vector<Listener> rows_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_MODEL_SHARED_PORT_H_
