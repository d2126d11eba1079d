#ifndef CONNREG_CLIENT_AGENT_SOCKET_ENDS_H_
#define CONNREG_CLIENT_AGENT_SOCKET_ENDS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/agent/netlink_socket.h"
#include "client/agent/sock_diag.h"

namespace connreg {

// SocketEnds hears from the kernel which sockets of one network namespace have
// ended, and asks it for single ones, whichever namespace the calling thread is
// in by then.
//
// It keeps the namespace from ending: it is to be given up when nothing else is
// in there.
//
// Not thread-safe.
class SocketEnds {
 public:
  struct News {
    std::vector<EndedSocket> ended;
    // Others have ended, too, of which the kernel could not tell.
    bool is_lossy = false;
  };

  virtual ~SocketEnds() = default;

  // Readable when there is news.
  virtual int descriptor() const = 0;

  // What has been heard since the last time, or, where that is very much, the
  // first of it.
  virtual News Take() = 0;

  // What each of `sockets` is now, in their order: one with the same tuple,
  // interface and cookie, be it in TIME_WAIT; nothing if it is gone. Without a
  // cookie the one that has the tuple now, or a listener at its local end.
  virtual absl::StatusOr<std::vector<std::optional<DiagSocket>>> Ask(
      absl::Span<const DiagSocket> sockets) = 0;

  // As Kernel::InterfaceName().
  virtual std::string InterfaceName(uint32_t index) const = 0;
};

// Those that the kernel of this machine knows of.
class LinuxSocketEnds final : public SocketEnds {
 public:
  // Of the calling thread's network namespace, from now on. The errors are
  // those of netlink(7), where that is refused.
  static absl::StatusOr<std::unique_ptr<SocketEnds>> Open();

  int descriptor() const override { return events_.descriptor(); }
  News Take() override;
  absl::StatusOr<std::vector<std::optional<DiagSocket>>> Ask(
      absl::Span<const DiagSocket> sockets) override;
  std::string InterfaceName(uint32_t index) const override;

 private:
  LinuxSocketEnds(NetlinkSocket events, NetlinkSocket questions)
      : events_(std::move(events)), questions_(std::move(questions)) {}

  // Asks for a few, and writes the answers to the same places of `answers`.
  absl::Status AskSome(absl::Span<const DiagSocket> sockets,
                       absl::Span<std::optional<DiagSocket>> answers);

  const NetlinkSocket events_;
  const NetlinkSocket questions_;
  // Of the last question.
  uint32_t sequence_ = 0;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_SOCKET_ENDS_H_
