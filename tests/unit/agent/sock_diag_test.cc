#include "client/agent/sock_diag.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
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

}  // namespace
}  // namespace connreg
