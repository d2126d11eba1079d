#ifndef CONNREG_SERVICE_NET_ENDPOINT_H_
#define CONNREG_SERVICE_NET_ENDPOINT_H_

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "service/net/ip_address.h"

namespace connreg {

// Endpoint is an IP address and a port (RFC 9293's socket). Its address may be
// unspecified (a wildcard), its port is 1 to 65535.
//
// A trivially copyable value, ordered by address, then port.
class Endpoint {
 public:
  // INVALID_ARGUMENT: `port` is 0 (PORT_ZERO) or above 65535 (PORT_TOO_LARGE),
  //   in field "port".
  static absl::StatusOr<Endpoint> Create(const IpAddress& address,
                                         uint32_t port);

  // Parses what people paste: "10.0.0.1:80", "[2001:db8::1]:443",
  // "[fe80::1%eth0]:22", and as ss(8) prints them "[fe80::1]%eth0:22" and
  // "*:443". An IPv6 address without brackets is refused, since its last group
  // could be the port. The port is decimal, without sign or leading zeros.
  //
  // INVALID_ARGUMENT: anything else, with its position in `text`. Reasons:
  //   those of IpAddress::Parse(), ENDPOINT_EMPTY, PORT_MISSING,
  //   PORT_MALFORMED, PORT_ZERO, PORT_TOO_LARGE, BRACKETS_MISSING,
  //   BRACKET_UNCLOSED.
  static absl::StatusOr<Endpoint> Parse(absl::string_view text);

  // The endpoint of parts that Create() takes.
  //
  // REQUIRES: port != 0
  static Endpoint Of(const IpAddress& address, uint16_t port) {
    return Endpoint(address, port);
  }

  const IpAddress& address() const { return address_; }
  uint16_t port() const { return port_; }

  // "10.0.0.1:80", "[2001:db8::1]:443". Parse() gives the same value back.
  std::string ToString() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Endpoint& endpoint) {
    return H::combine(std::move(h), endpoint.address_, endpoint.port_);
  }

 private:
  Endpoint(const IpAddress& address, uint16_t port)
      : address_(address), port_(port) {}

  IpAddress address_;
  uint16_t port_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_NET_ENDPOINT_H_
