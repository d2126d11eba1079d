#include "client/agent/sock_diag.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <sys/socket.h>

#include <string>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/agent/netlink_bytes.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

inet_diag_msg V4Socket() {
  inet_diag_msg socket{};
  socket.idiag_family = AF_INET;
  socket.idiag_state = 1;
  socket.id.idiag_src[0] = htonl(0x0a000009);
  socket.id.idiag_dst[0] = htonl(0x0a000005);
  socket.id.idiag_sport = htons(51000);
  socket.id.idiag_dport = htons(5432);
  socket.id.idiag_if = 3;
  socket.id.idiag_cookie[0] = 0x11;
  socket.id.idiag_cookie[1] = 0x22;
  socket.idiag_inode = 4711;
  socket.idiag_uid = 1000;
  return socket;
}

inet_diag_msg V6Listener() {
  inet_diag_msg socket{};
  socket.idiag_family = AF_INET6;
  socket.idiag_state = 10;
  socket.id.idiag_sport = htons(443);
  return socket;
}

// The message of `socket` and its IPV6_V6ONLY.
std::vector<uint8_t> SocketBytes(const inet_diag_msg& socket, uint8_t v6_only) {
  std::vector<uint8_t> payload;
  Append(BytesOf(socket), &payload);
  const std::vector<uint8_t> attribute =
      AttributeBytes(INET_DIAG_SKV6ONLY, BytesOf(v6_only));
  Append(attribute, &payload);
  return MessageBytes(SOCK_DIAG_BY_FAMILY, payload);
}

std::vector<uint8_t> SocketBytes(const inet_diag_msg& socket) {
  return MessageBytes(SOCK_DIAG_BY_FAMILY, BytesOf(socket));
}

TEST(ParseSockDiagTest, EveryFieldArrives) {
  const DiagSocket expected{
      .family = SocketFamily::kIpv4,
      .transport = Transport::kUdp,
      .state = KernelState::kEstablished,
      .local_address = {10, 0, 0, 9},
      .remote_address = {10, 0, 0, 5},
      .local_port = 51000,
      .remote_port = 5432,
      .interface = 3,
      .cookie = 0x2200000011,
      .inode = 4711,
      .uid = 1000,
      .v6_only = false,
  };
  EXPECT_THAT(ParseSockDiag(Transport::kUdp, SocketBytes(V4Socket())),
              IsOkAndHolds(ElementsAre(expected)));
}

TEST(ParseSockDiagTest, V6OnlyComesFromItsAttribute) {
  for (const bool v6_only : {false, true}) {
    const absl::StatusOr<std::vector<DiagSocket>> sockets =
        ParseSockDiag(Transport::kTcp, SocketBytes(V6Listener(), v6_only));
    ASSERT_THAT(sockets, IsOkAndHolds(SizeIs(1)));
    EXPECT_EQ(sockets->front().v6_only, v6_only);
    EXPECT_EQ(sockets->front().state, KernelState::kListen);
  }
}

TEST(ParseSockDiagTest, NoMessagesAreNoSockets) {
  EXPECT_THAT(ParseSockDiag(Transport::kTcp, {}), IsOkAndHolds(IsEmpty()));
}

TEST(ParseSockDiagTest, CutAnywhereIsRefused) {
  const std::vector<uint8_t> first = SocketBytes(V4Socket());
  const std::vector<uint8_t> bytes =
      Joined({first, SocketBytes(V6Listener(), 1)});
  for (size_t size = 1; size < bytes.size(); ++size) {
    if (size == first.size()) continue;
    EXPECT_THAT(ParseSockDiag(Transport::kTcp, Bytes(bytes).subspan(0, size)),
                StatusIs(absl::StatusCode::kDataLoss))
        << size;
  }
}

TEST(ParseSockDiagTest, PayloadCutAnywhereSaysWhichSocket) {
  const inet_diag_msg socket = V4Socket();
  for (size_t size = 0; size < sizeof socket; ++size) {
    const absl::StatusOr<std::vector<DiagSocket>> sockets =
        ParseSockDiag(Transport::kTcp,
                      Joined({SocketBytes(socket),
                              MessageBytes(SOCK_DIAG_BY_FAMILY,
                                           BytesOf(socket).subspan(0, size))}));
    EXPECT_THAT(sockets, StatusIs(absl::StatusCode::kDataLoss)) << size;
    EXPECT_THAT(std::string(sockets.status().message()),
                HasSubstr("socket 1 of the dump"));
  }
}

TEST(ParseSockDiagTest, OtherFamiliesAndMessagesAreRefused) {
  inet_diag_msg unix_socket = V4Socket();
  unix_socket.idiag_family = AF_UNIX;
  EXPECT_THAT(ParseSockDiag(Transport::kTcp, SocketBytes(unix_socket)),
              StatusIs(absl::StatusCode::kDataLoss));
  const inet_diag_msg socket = V4Socket();
  EXPECT_THAT(ParseSockDiag(Transport::kTcp, MessageBytes(99, BytesOf(socket))),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(ParseSockDiagTest, UnknownAttributesArePassedOver) {
  const uint64_t value = ~uint64_t{0};
  const inet_diag_msg socket = V4Socket();
  std::vector<uint8_t> payload;
  Append(BytesOf(socket), &payload);
  Append(AttributeBytes(999, BytesOf(value)), &payload);
  EXPECT_THAT(ParseSockDiag(Transport::kTcp,
                            MessageBytes(SOCK_DIAG_BY_FAMILY, payload)),
              IsOkAndHolds(SizeIs(1)));
}

// What the kernel says at the end of `socket`; of TCP with what it knows of the
// connection.
std::vector<uint8_t> EndBytes(const inet_diag_msg& socket,
                              const tcp_info* known = nullptr) {
  std::vector<uint8_t> payload;
  Append(BytesOf(socket), &payload);
  if (known != nullptr)
    Append(AttributeBytes(INET_DIAG_INFO, BytesOf(*known)), &payload);
  return MessageBytes(SOCK_DIAG_BY_FAMILY, payload);
}

EndedSocket EndIn(const std::vector<uint8_t>& bytes) {
  EndedSocket ended;
  EXPECT_THAT(VisitMessages(bytes,
                            [&](const NetlinkMessage& message) {
                              const auto parsed = ParseEnd(message);
                              if (parsed.ok()) ended = *parsed;
                              return parsed.status();
                            }),
              IsOk());
  return ended;
}

// Of a connection on which nothing came back.
tcp_info NothingKnown() {
  tcp_info known{};
  known.tcpi_min_rtt = ~uint32_t{0};
  return known;
}

TEST(ParseEndTest, EndOfTcpHasTcpsFacts) {
  tcp_info known = NothingKnown();
  known.tcpi_min_rtt = 20;
  const EndedSocket ended = EndIn(EndBytes(V4Socket(), &known));
  EXPECT_EQ(ended.socket.transport, Transport::kTcp);
  EXPECT_EQ(ended.socket.local_port, 51000);
  EXPECT_TRUE(ended.was_connected);
}

TEST(ParseEndTest, EndWithoutThemIsOfUdp) {
  const EndedSocket ended = EndIn(EndBytes(V4Socket()));
  EXPECT_EQ(ended.socket.transport, Transport::kUdp);
  EXPECT_FALSE(ended.was_connected);
}

TEST(ParseEndTest, AttemptOnWhichNothingCameBackWasNoConnection) {
  tcp_info known = NothingKnown();
  EXPECT_FALSE(EndIn(EndBytes(V4Socket(), &known)).was_connected);
  known.tcpi_bytes_acked = 1;
  EXPECT_TRUE(EndIn(EndBytes(V4Socket(), &known)).was_connected);
  known.tcpi_bytes_acked = 0;
  known.tcpi_bytes_received = 1;
  EXPECT_TRUE(EndIn(EndBytes(V4Socket(), &known)).was_connected);
}

TEST(ParseEndTest, SocketWithoutAnotherEndWasNoConnection) {
  tcp_info known{};
  inet_diag_msg socket = V4Socket();
  socket.id.idiag_dport = 0;
  EXPECT_FALSE(EndIn(EndBytes(socket, &known)).was_connected);
}

TEST(ParseEndTest, CutMessageIsRefused) {
  const inet_diag_msg socket = V4Socket();
  EXPECT_THAT(ParseEnd({.type = SOCK_DIAG_BY_FAMILY,
                        .payload = BytesOf(socket).subspan(0, 20)}),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(AskForSocketTest, NamesItByTupleInterfaceAndCookie) {
  DiagSocket socket;
  socket.family = SocketFamily::kIpv4;
  socket.transport = Transport::kTcp;
  socket.local_address = {10, 0, 0, 9};
  socket.local_port = 51000;
  socket.interface = 3;
  socket.cookie = 0x2200000011;
  const std::vector<uint8_t> bytes = AskForSocket(socket, 7);
  const auto header = LoadAs<nlmsghdr>(bytes);
  EXPECT_EQ(header.nlmsg_seq, 7u);
  EXPECT_EQ(header.nlmsg_flags, NLM_F_REQUEST);
  const auto request =
      LoadAs<inet_diag_req_v2>(Bytes(bytes).subspan(sizeof header));
  EXPECT_EQ(request.sdiag_family, AF_INET);
  EXPECT_EQ(request.sdiag_protocol, IPPROTO_TCP);
  EXPECT_EQ(request.id.idiag_src[0], htonl(0x0a000009));
  EXPECT_EQ(request.id.idiag_sport, htons(51000));
  EXPECT_EQ(request.id.idiag_if, 3u);
  EXPECT_EQ(request.id.idiag_cookie[0], 0x11u);
  EXPECT_EQ(request.id.idiag_cookie[1], 0x22u);
}

TEST(AskForSocketTest, WithoutACookieAnyWillDo) {
  const std::vector<uint8_t> bytes =
      AskForSocket({.family = SocketFamily::kIpv4}, 7);
  const auto request =
      LoadAs<inet_diag_req_v2>(Bytes(bytes).subspan(sizeof(nlmsghdr)));
  EXPECT_EQ(request.id.idiag_cookie[0], INET_DIAG_NOCOOKIE);
  EXPECT_EQ(request.id.idiag_cookie[1], INET_DIAG_NOCOOKIE);
}

}  // namespace
}  // namespace connreg
