#include "client/agent/netlink.h"

#include <linux/netlink.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/agent/netlink_socket.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

// The kernel packs up to 32 KiB of a dump into a datagram, if the reader has
// room for it (netlink_dump() in net/netlink/af_netlink.c).
constexpr size_t kBufferSize = 64 * 1024;
constexpr int kAttempts = 3;
constexpr uint32_t kSequence = 1;

// Messages, attributes and their payloads start at multiples of four bytes.
size_t Aligned(size_t size) { return (size + 3) & ~size_t{3}; }

absl::Status CutShort(absl::string_view noun, size_t offset, size_t said,
                      size_t left) {
  return absl::DataLossError(absl::StrCat("netlink ", noun, " at byte ", offset,
                                          ": says ", said, " bytes, ", left,
                                          " are there"));
}

// Appends `header` and `payload` as one message.
void Append(const nlmsghdr& header, Bytes payload, std::vector<uint8_t>* to) {
  const size_t begin = to->size();
  to->resize(begin + Aligned(sizeof header + payload.size()));
  std::memcpy(to->data() + begin, &header, sizeof header);
  std::copy(payload.begin(), payload.end(),
            to->begin() + static_cast<ptrdiff_t>(begin + sizeof header));
}

absl::StatusOr<DumpReader> DumpOnce(int protocol, Bytes request) {
  ASSIGN_OR_RETURN(const NetlinkSocket socket, NetlinkSocket::Open(protocol));
  RETURN_IF_ERROR(socket.Send(request));
  std::vector<uint8_t> buffer(kBufferSize);
  DumpReader reader(kSequence);
  while (!reader.done()) {
    ASSIGN_OR_RETURN(const Bytes datagram,
                     socket.Receive(absl::MakeSpan(buffer)));
    RETURN_IF_ERROR(reader.Take(datagram));
  }
  return reader;
}

}  // namespace

std::vector<uint8_t> PackRequest(uint16_t type, uint16_t flags,
                                 uint32_t sequence, Bytes payload) {
  nlmsghdr header{};
  header.nlmsg_len = static_cast<uint32_t>(sizeof header + payload.size());
  header.nlmsg_type = type;
  header.nlmsg_flags = static_cast<uint16_t>(NLM_F_REQUEST | flags);
  header.nlmsg_seq = sequence;
  std::vector<uint8_t> request;
  Append(header, payload, &request);
  return request;
}

absl::Status KernelStatus(Bytes payload) {
  // NLMSG_DONE had no payload in old kernels.
  if (payload.size() < sizeof(int)) return absl::OkStatus();
  const int error = LoadAs<int>(payload);
  return error < 0 ? absl::ErrnoToStatus(-error, "netlink") : absl::OkStatus();
}

absl::Status VisitMessages(
    Bytes bytes, absl::FunctionRef<absl::Status(const NetlinkMessage&)> visit) {
  for (size_t offset = 0; offset < bytes.size();) {
    const size_t left = bytes.size() - offset;
    if (left < sizeof(nlmsghdr))
      return CutShort("message", offset, sizeof(nlmsghdr), left);
    const auto header = LoadAs<nlmsghdr>(bytes.subspan(offset));
    const size_t size = header.nlmsg_len;
    if (size < sizeof header || size > left)
      return CutShort("message", offset, size, left);
    RETURN_IF_ERROR(
        visit({header.nlmsg_type, header.nlmsg_flags, header.nlmsg_seq,
               bytes.subspan(offset + sizeof header, size - sizeof header)}));
    offset += std::min(Aligned(size), left);
  }
  return absl::OkStatus();
}

absl::Status VisitAttributes(
    Bytes bytes, absl::FunctionRef<void(uint16_t type, Bytes value)> visit) {
  for (size_t offset = 0; offset < bytes.size();) {
    const size_t left = bytes.size() - offset;
    if (left < sizeof(nlattr))
      return CutShort("attribute", offset, sizeof(nlattr), left);
    const auto header = LoadAs<nlattr>(bytes.subspan(offset));
    const size_t size = header.nla_len;
    if (size < sizeof header || size > left)
      return CutShort("attribute", offset, size, left);
    visit(static_cast<uint16_t>(header.nla_type & NLA_TYPE_MASK),
          bytes.subspan(offset + sizeof header, size - sizeof header));
    offset += std::min(Aligned(size), left);
  }
  return absl::OkStatus();
}

absl::Status DumpReader::Take(Bytes datagram) {
  return VisitMessages(datagram, [this](const NetlinkMessage& message) {
    return message.sequence == sequence_ && !done_ ? TakeMessage(message)
                                                   : absl::OkStatus();
  });
}

absl::Status DumpReader::TakeMessage(const NetlinkMessage& message) {
  if (message.flags & NLM_F_DUMP_INTR) interrupted_ = true;
  switch (message.type) {
    case NLMSG_NOOP:
      return absl::OkStatus();
    case NLMSG_OVERRUN:
      return absl::DataLossError("netlink: the kernel dropped messages");
    case NLMSG_ERROR:
      return KernelStatus(message.payload);
    case NLMSG_DONE:
      done_ = true;
      return KernelStatus(message.payload);
  }
  nlmsghdr header{};
  header.nlmsg_len =
      static_cast<uint32_t>(sizeof header + message.payload.size());
  header.nlmsg_type = message.type;
  header.nlmsg_flags = message.flags;
  header.nlmsg_seq = message.sequence;
  Append(header, message.payload, &messages_);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<uint8_t>> NetlinkDump(int protocol, uint16_t type,
                                                 Bytes request) {
  const std::vector<uint8_t> message =
      PackRequest(type, NLM_F_DUMP, kSequence, request);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    ASSIGN_OR_RETURN(DumpReader reader, DumpOnce(protocol, message));
    if (!reader.interrupted()) return std::move(reader).TakeMessages();
  }
  return absl::AbortedError(
      absl::StrCat("netlink: the table changed while it was read, each of ",
                   kAttempts, " times"));
}

}  // namespace connreg
