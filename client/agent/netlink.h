#ifndef CONNREG_CLIENT_AGENT_NETLINK_H_
#define CONNREG_CLIENT_AGENT_NETLINK_H_

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

// What netlink(7) dumps of every protocol have in common: how messages and
// attributes are packed, and how a dump is asked for and read to its end.
namespace connreg {

using Bytes = absl::Span<const uint8_t>;

// The bytes of `value`, a struct of the kernel's interface. Valid as long as
// it.
template <typename T>
Bytes BytesOf(const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  return Bytes(reinterpret_cast<const uint8_t*>(&value), sizeof value);
}

// The struct at the start of `bytes`, wherever those are aligned.
// REQUIRES: bytes.size() >= sizeof(T)
template <typename T>
T LoadAs(Bytes bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// One message; its payload is what follows the nlmsghdr.
struct NetlinkMessage {
  uint16_t type = 0;
  uint16_t flags = 0;
  uint32_t sequence = 0;
  Bytes payload;
};

// A request of `type` whose payload is `payload`, with NLM_F_REQUEST beside
// `flags`.
std::vector<uint8_t> PackRequest(uint16_t type, uint16_t flags,
                                 uint32_t sequence, Bytes payload);

// The error that NLMSG_ERROR and NLMSG_DONE carry as a negative errno, by
// absl::ErrnoToStatus().
absl::Status KernelStatus(Bytes payload);

// Calls `visit` with each message in `bytes`, in order, until it returns an
// error, and returns that.
//
// DATA_LOSS: a message is cut short or says an impossible length; the message
//   says where. Those before it were visited.
absl::Status VisitMessages(
    Bytes bytes, absl::FunctionRef<absl::Status(const NetlinkMessage&)> visit);

// Calls `visit` with the type and value of each attribute (rtattr, nlattr) in
// `bytes`, in order.
//
// DATA_LOSS: as VisitMessages().
absl::Status VisitAttributes(
    Bytes bytes, absl::FunctionRef<void(uint16_t type, Bytes value)> visit);

// DumpReader puts the datagrams that answer one dump request together.
//
// It does no input: whoever reads the socket hands each datagram to Take()
// until done().
class DumpReader {
 public:
  // `sequence` is the request's nlmsg_seq. Messages of others are passed over.
  explicit DumpReader(uint32_t sequence) : sequence_(sequence) {}

  // The kernel's errors come as absl::ErrnoToStatus() has them:
  //   NOT_FOUND: the kernel lacks what was asked for, such as a module.
  //   PERMISSION_DENIED: it was asked for without the right to.
  // DATA_LOSS: the datagram is malformed, or the kernel says that it dropped
  //   messages.
  //
  // After an error nothing more is to be taken.
  absl::Status Take(Bytes datagram);

  bool done() const { return done_; }
  // The kernel says that the table changed in a way that may have made it skip
  // entries or show them twice.
  bool interrupted() const { return interrupted_; }

  // The messages without those that only steer the dump, packed as they came.
  std::vector<uint8_t> TakeMessages() && { return std::move(messages_); }

 private:
  absl::Status TakeMessage(const NetlinkMessage& message);

  const uint32_t sequence_;
  std::vector<uint8_t> messages_;
  bool done_ = false;
  bool interrupted_ = false;
};

// Asks the kernel for a dump over netlink `protocol` (NETLINK_SOCK_DIAG,
// NETLINK_ROUTE) with a message of `type` whose payload is `request`, and
// returns the messages of the answer, as DumpReader::TakeMessages() does. It
// speaks of the calling thread's network namespace.
//
// A dump that was interrupted is asked for again.
//
// The errors of DumpReader::Take(), those of socket(2), and
// ABORTED: each of several dumps was interrupted.
absl::StatusOr<std::vector<uint8_t>> NetlinkDump(int protocol, uint16_t type,
                                                 Bytes request);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_NETLINK_H_
