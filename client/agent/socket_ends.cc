#include "client/agent/socket_ends.h"

#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstring>

#include "absl/status/status.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

// Some thousand events, as many as end while a large host is looked through.
constexpr size_t kEventBufferSize = 8 << 20;

// One event, or one answer, is a few hundred bytes.
constexpr size_t kDatagramSize = 16 * 1024;

// How many events are taken at once, so that other work goes on in between.
constexpr size_t kMaxEvents = 2000;

// How many questions are asked at once: their answers have room in the buffer
// that every socket has.
constexpr size_t kMaxQuestions = 32;

// Adds what `datagram` tells of, or that it is not understood, to `news`.
void Read(Bytes datagram, SocketEnds::News* news) {
  const absl::Status status =
      VisitMessages(datagram, [&](const NetlinkMessage& message) {
        const absl::StatusOr<EndedSocket> ended = ParseEnd(message);
        if (ended.ok()) news->ended.push_back(*ended);
        return ended.status();
      });
  if (!status.ok()) news->is_lossy = true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SocketEnds>> LinuxSocketEnds::Open() {
  ASSIGN_OR_RETURN(NetlinkSocket events,
                   NetlinkSocket::Open(NETLINK_SOCK_DIAG));
  for (const uint32_t group :
       {SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET_UDP_DESTROY,
        SKNLGRP_INET6_TCP_DESTROY, SKNLGRP_INET6_UDP_DESTROY})
    RETURN_IF_ERROR(events.Join(group, kEventBufferSize));
  ASSIGN_OR_RETURN(NetlinkSocket questions,
                   NetlinkSocket::Open(NETLINK_SOCK_DIAG));
  return std::unique_ptr<SocketEnds>(
      new LinuxSocketEnds(std::move(events), std::move(questions)));
}

SocketEnds::News LinuxSocketEnds::Take() {
  News news;
  std::array<uint8_t, kDatagramSize> buffer;
  while (news.ended.size() < kMaxEvents) {
    const absl::StatusOr<Bytes> datagram =
        events_.Receive(absl::MakeSpan(buffer), MSG_DONTWAIT);
    if (datagram.ok()) {
      Read(*datagram, &news);
      continue;
    }
    if (absl::IsUnavailable(datagram.status())) break;
    news.is_lossy = true;
    // What the kernel had room for is still there.
    if (!absl::IsResourceExhausted(datagram.status())) break;
  }
  return news;
}

absl::StatusOr<std::vector<std::optional<DiagSocket>>> LinuxSocketEnds::Ask(
    absl::Span<const DiagSocket> sockets) {
  std::vector<std::optional<DiagSocket>> answers(sockets.size());
  for (size_t done = 0; done < sockets.size(); done += kMaxQuestions) {
    RETURN_IF_ERROR(
        AskSome(sockets.subspan(done, kMaxQuestions),
                absl::MakeSpan(answers).subspan(done, kMaxQuestions)));
  }
  return answers;
}

absl::Status LinuxSocketEnds::AskSome(
    absl::Span<const DiagSocket> sockets,
    absl::Span<std::optional<DiagSocket>> answers) {
  const uint32_t first = sequence_ + 1;
  std::vector<uint8_t> requests;
  for (const DiagSocket& socket : sockets) {
    const std::vector<uint8_t> request = AskForSocket(socket, ++sequence_);
    requests.insert(requests.end(), request.begin(), request.end());
  }
  RETURN_IF_ERROR(questions_.Send(requests));
  std::array<uint8_t, kDatagramSize> buffer;
  for (size_t left = sockets.size(); left > 0;) {
    // The kernel has answered all before it takes the next request.
    ASSIGN_OR_RETURN(const Bytes datagram,
                     questions_.Receive(absl::MakeSpan(buffer), MSG_DONTWAIT));
    RETURN_IF_ERROR(VisitMessages(
        datagram, [&](const NetlinkMessage& message) -> absl::Status {
          // One of an earlier question.
          const uint32_t place = message.sequence - first;
          if (place >= sockets.size()) return absl::OkStatus();
          --left;
          if (message.type != NLMSG_ERROR) {
            ASSIGN_OR_RETURN(answers[place],
                             ParseSocket(sockets[place].transport, message));
            return absl::OkStatus();
          }
          const absl::Status status = KernelStatus(message.payload);
          return absl::IsNotFound(status) ? absl::OkStatus() : status;
        }));
  }
  return absl::OkStatus();
}

std::string LinuxSocketEnds::InterfaceName(uint32_t index) const {
  ifreq request{};
  request.ifr_ifindex = static_cast<int>(index);
  // The socket answers for its own network namespace.
  if (ioctl(questions_.descriptor(), SIOCGIFNAME, &request) != 0) return "";
  return std::string(request.ifr_name,
                     strnlen(request.ifr_name, sizeof request.ifr_name));
}

}  // namespace connreg
