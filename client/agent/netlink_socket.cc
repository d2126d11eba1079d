#include "client/agent/netlink_socket.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace connreg {

absl::StatusOr<NetlinkSocket> NetlinkSocket::Open(int protocol) {
  Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (socket.get() < 0) return absl::ErrnoToStatus(errno, "netlink socket");
  // Makes the kernel heed the filter in a request for routes. Kernels before
  // 4.20 do not know it and send more than was asked for.
  const int on = 1;
  setsockopt(socket.get(), SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
  // The kernel takes a socket without an address of its own for itself, and has
  // nothing to tell it.
  sockaddr_nl any{};
  any.nl_family = AF_NETLINK;
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any))
    return absl::ErrnoToStatus(errno, "netlink address");
  return NetlinkSocket(std::move(socket));
}

absl::Status NetlinkSocket::Join(uint32_t group, size_t buffer_size) const {
  const int size = static_cast<int>(buffer_size);
  // The first takes CAP_NET_ADMIN; the second ends at net.core.rmem_max.
  if (setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (setsockopt(socket_.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
                 sizeof group) == 0)
    return absl::OkStatus();
  return absl::ErrnoToStatus(errno, absl::StrCat("netlink group ", group));
}

absl::Status NetlinkSocket::Send(Bytes message) const {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  ssize_t sent = 0;
  do {
    sent = sendto(socket_.get(), message.data(), message.size(), 0,
                  reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel);
  } while (sent < 0 && errno == EINTR);
  return sent < 0 ? absl::ErrnoToStatus(errno, "netlink request")
                  : absl::OkStatus();
}

absl::StatusOr<Bytes> NetlinkSocket::Receive(absl::Span<uint8_t> buffer,
                                             int flags) const {
  while (true) {
    sockaddr_nl sender{};
    socklen_t sender_size = sizeof sender;
    const ssize_t received =
        recvfrom(socket_.get(), buffer.data(), buffer.size(), flags | MSG_TRUNC,
                 reinterpret_cast<sockaddr*>(&sender), &sender_size);
    if (received < 0 && errno == EINTR) continue;
    if (received < 0) return absl::ErrnoToStatus(errno, "netlink answer");
    const auto size = static_cast<size_t>(received);
    // Other processes may write to this socket too.
    if (sender.nl_pid != 0) continue;
    if (size > buffer.size()) {
      return absl::DataLossError(absl::StrCat("netlink datagram: says ", size,
                                              " bytes, ", buffer.size(),
                                              " are there"));
    }
    return Bytes(buffer.data(), size);
  }
}

}  // namespace connreg
