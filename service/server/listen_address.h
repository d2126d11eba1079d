#ifndef CONNREG_SERVICE_SERVER_LISTEN_ADDRESS_H_
#define CONNREG_SERVICE_SERVER_LISTEN_ADDRESS_H_

#include <netdb.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace connreg {

// Where to serve: a TCP address, or the path of a Unix socket.
struct ListenAddress {
  bool is_unix = false;
  // A name or an IP address without brackets, or the path.
  std::string host_or_path;
  // "0" lets the kernel choose. Empty for a Unix socket.
  std::string port;

  // Parses "HOST:PORT", "[V6]:PORT" or "unix:PATH". `advice` is what to write
  // instead of something else.
  //
  // INVALID_ARGUMENT: `text` is none of these (LISTEN_ADDRESS_MALFORMED).
  static absl::StatusOr<ListenAddress> Parse(
      absl::string_view text,
      absl::string_view advice = "HOST:PORT, [IPV6]:PORT or unix:PATH");

  bool operator==(const ListenAddress&) const = default;

  // "127.0.0.1:80", "[::1]:80", "unix:/run/connreg.sock".
  std::string ToString() const;
  // The same as gRPC takes it, which reads a path as a URI's.
  std::string ToGrpc() const;
  // The same with another port, for when the kernel chose it.
  std::string WithPort(int chosen_port) const;
};

// The addresses that a TCP address names, in the resolver's order.
using ResolvedAddresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

// FAILED_PRECONDITION: its host is not known.
absl::StatusOr<ResolvedAddresses> Resolve(const ListenAddress& address);

// A socket that listens at `info`, its first alone, and does not block. It
// shares the port with no other, but for connections of an earlier life. -1 and
// errno if there is none.
int ListenOn(const addrinfo& info);

// That `address` cannot be listened on, and why.
absl::Status NotFree(const ListenAddress& address, absl::string_view reason);

// Whether the kernel lets a socket be bound there now.
//
// FAILED_PRECONDITION: no, with its reason, such as "Address already in use".
absl::Status CheckFree(const ListenAddress& address);

}  // namespace connreg

#endif  // CONNREG_SERVICE_SERVER_LISTEN_ADDRESS_H_
