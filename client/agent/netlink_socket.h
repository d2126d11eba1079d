#ifndef CONNREG_CLIENT_AGENT_NETLINK_SOCKET_H_
#define CONNREG_CLIENT_AGENT_NETLINK_SOCKET_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/agent/files.h"
#include "client/agent/netlink.h"

namespace connreg {

// NetlinkSocket speaks with the kernel over netlink(7): of the network
// namespace in which it was opened, whichever the calling thread is in by then.
// It keeps that namespace from ending.
class NetlinkSocket {
 public:
  // Of netlink `protocol` (NETLINK_SOCK_DIAG, NETLINK_ROUTE).
  static absl::StatusOr<NetlinkSocket> Open(int protocol);

  // Hears what the kernel says to the multicast group `group`. As much of it as
  // fits into `buffer_size` bytes waits to be received, or as little as the
  // system lets this process have.
  absl::Status Join(uint32_t group, size_t buffer_size) const;

  absl::Status Send(Bytes message) const;

  // The next datagram that the kernel sent, in `buffer`. Waits for it, unless
  // `flags`, those of recv(2), have MSG_DONTWAIT.
  //
  // UNAVAILABLE: there is none, and it is not waited for.
  // RESOURCE_EXHAUSTED: the kernel dropped datagrams that there was no room
  //   for.
  absl::StatusOr<Bytes> Receive(absl::Span<uint8_t> buffer,
                                int flags = 0) const;

  int descriptor() const { return socket_.get(); }

 private:
  explicit NetlinkSocket(Descriptor socket) : socket_(std::move(socket)) {}

  Descriptor socket_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_NETLINK_SOCKET_H_
