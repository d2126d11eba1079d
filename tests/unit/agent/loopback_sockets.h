#ifndef CONNREG_TESTS_UNIT_AGENT_LOOPBACK_SOCKETS_H_
#define CONNREG_TESTS_UNIT_AGENT_LOOPBACK_SOCKETS_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "client/agent/files.h"
#include "gtest/gtest.h"

// Sockets of the machine that the tests run on.
namespace connreg {

// An address as the socket calls take it, with its family's length.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
};

inline SocketAddress AddressFor(const std::string& address, uint16_t port) {
  SocketAddress result;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
  if (inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    result.size = sizeof *v4;
  } else {
    inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    result.size = sizeof *v6;
  }
  return result;
}

inline uint16_t PortOf(const Descriptor& socket) {
  SocketAddress local;
  getsockname(socket.get(), local.get(), &local.size);
  // The port stands at one place in both families.
  return ntohs(reinterpret_cast<sockaddr_in*>(&local.storage)->sin_port);
}

inline uint64_t CookieOf(const Descriptor& socket) {
  uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  getsockopt(socket.get(), SOL_SOCKET, SO_COOKIE, &cookie, &size);
  return cookie;
}

inline Descriptor Bound(const std::string& address, int type, uint16_t port = 0,
                        bool share_port = false) {
  const SocketAddress local = AddressFor(address, port);
  Descriptor result(socket(local.storage.ss_family, type | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (share_port)
    setsockopt(result.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  EXPECT_EQ(bind(result.get(), local.get(), local.size), 0) << address;
  return result;
}

inline Descriptor Listening(const std::string& address, uint16_t port = 0,
                            bool share_port = false) {
  Descriptor result = Bound(address, SOCK_STREAM, port, share_port);
  EXPECT_EQ(listen(result.get(), 8), 0);
  return result;
}

inline Descriptor Connected(const std::string& address, int type,
                            uint16_t port) {
  const SocketAddress remote = AddressFor(address, port);
  Descriptor result(socket(remote.storage.ss_family, type | SOCK_CLOEXEC, 0));
  EXPECT_EQ(connect(result.get(), remote.get(), remote.size), 0) << address;
  return result;
}

inline Descriptor Accepted(const Descriptor& listener) {
  return Descriptor(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

inline bool HasIpv6() {
  const Descriptor socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const SocketAddress loopback = AddressFor("::1", 0);
  return bind(socket.get(), loopback.get(), loopback.size) == 0;
}

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_AGENT_LOOPBACK_SOCKETS_H_
