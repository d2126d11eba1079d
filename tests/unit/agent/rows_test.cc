#include "client/agent/rows.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/agent/fake_host.h"

namespace connreg {
namespace {

std::string Names(uint32_t index) {
  if (index == 2) return "eth0";
  return index == 3 ? "br%d" : "";
}

absl::StatusOr<Row> RowFor(const DiagSocket& socket) {
  return RowOf(socket, "4101", Owners(), Names);
}

ConnectionFacts ConnectionFor(const DiagSocket& socket) {
  return std::get<ConnectionFacts>(RowFor(socket).value());
}

ListenerFacts ListenerFor(const DiagSocket& socket) {
  return std::get<ListenerFacts>(RowFor(socket).value());
}

DiagSocket TcpConnection() {
  return ConnectionV4(Transport::kTcp, 5432, 51000, 7);
}

TEST(RowsTest, ConnectionHasWhatTheKernelShows) {
  DiagSocket socket = TcpConnection();
  socket.uid = 33;
  const ConnectionFacts facts = ConnectionFor(socket);
  EXPECT_EQ(facts.tuple.ToString(), "10.0.0.5:5432 > 10.0.0.9:51000");
  EXPECT_EQ(facts.socket.netns, "4101");
  EXPECT_EQ(facts.socket.family, SocketFamily::kIpv4);
  EXPECT_EQ(facts.socket.cookie, 7u);
  EXPECT_EQ(facts.socket.inode, socket.inode);
  EXPECT_EQ(facts.socket.uid, 33u);
}

TEST(RowsTest, EveryStateOfAConnectionHasItsOwn) {
  const std::vector<std::pair<KernelState, ConnectionState>> states = {
      {KernelState::kEstablished, ConnectionState::kEstablished},
      {KernelState::kSynSent, ConnectionState::kSynSent},
      {KernelState::kSynReceived, ConnectionState::kSynReceived},
      {KernelState::kNewSynReceived, ConnectionState::kSynReceived},
      {KernelState::kFinWait1, ConnectionState::kFinWait1},
      {KernelState::kFinWait2, ConnectionState::kFinWait2},
      {KernelState::kCloseWait, ConnectionState::kCloseWait},
      {KernelState::kLastAck, ConnectionState::kLastAck},
      {KernelState::kClosing, ConnectionState::kClosing},
  };
  DiagSocket socket = TcpConnection();
  for (const auto& [kernel_state, state] : states) {
    socket.state = kernel_state;
    EXPECT_EQ(ConnectionFor(socket).state, state);
  }
}

TEST(RowsTest, UnknownStateIsRefused) {
  DiagSocket socket = TcpConnection();
  socket.state = static_cast<KernelState>(13);
  EXPECT_THAT(RowFor(socket), IsInvalid("STATE_UNKNOWN"));
}

TEST(RowsTest, TimeWaitAndIdleSocketsAreNeither) {
  DiagSocket socket = TcpConnection();
  EXPECT_TRUE(IsListenerOrConnection(socket));
  socket.state = KernelState::kTimeWait;
  EXPECT_FALSE(IsListenerOrConnection(socket));
  socket.state = KernelState::kClose;
  EXPECT_FALSE(IsListenerOrConnection(socket));
}

TEST(RowsTest, UdpSocketIsBoundOrConnected) {
  const DiagSocket bound = ListenerV4(Transport::kUdp, 53, 7);
  ASSERT_TRUE(IsListenerOrConnection(bound));
  EXPECT_EQ(ListenerFor(bound).state, ListenerState::kBound);
  EXPECT_EQ(ListenerFor(bound).local.ToString(), "0.0.0.0:53");
  const DiagSocket connected = ConnectionV4(Transport::kUdp, 40000, 53, 7);
  EXPECT_EQ(ConnectionFor(connected).state, ConnectionState::kEstablished);
}

TEST(RowsTest, UnboundUdpSocketIsNeither) {
  EXPECT_FALSE(IsListenerOrConnection(ListenerV4(Transport::kUdp, 0, 7)));
}

TEST(RowsTest, UdpSocketConnectedToPort0IsRefused) {
  EXPECT_THAT(RowFor(ConnectionV4(Transport::kUdp, 40000, 0, 7)),
              IsInvalid("PORT_ZERO"));
}

TEST(RowsTest, Ipv4OnAnIpv6SocketIsIpv4AndKeepsTheFamily) {
  DiagSocket socket = TcpConnection();
  socket.family = SocketFamily::kIpv6;
  socket.local_address = {0, 0, 0,    0,    0,  0, 0, 0,
                          0, 0, 0xff, 0xff, 10, 0, 0, 5};
  socket.remote_address = {0, 0, 0,    0,    0,  0, 0, 0,
                           0, 0, 0xff, 0xff, 10, 0, 0, 9};
  const ConnectionFacts facts = ConnectionFor(socket);
  EXPECT_EQ(facts.tuple.ToString(), "10.0.0.5:5432 > 10.0.0.9:51000");
  EXPECT_EQ(facts.socket.family, SocketFamily::kIpv6);
}

TEST(RowsTest, LinkLocalEndsCarryTheInterface) {
  DiagSocket socket = TcpConnection();
  socket.family = SocketFamily::kIpv6;
  socket.local_address = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  socket.remote_address = {0xfe, 0x80, 0, 0, 0, 0, 0, 0,
                           0,    0,    0, 0, 0, 0, 0, 2};
  socket.interface = 2;
  EXPECT_EQ(ConnectionFor(socket).tuple.ToString(),
            "[fe80::1%eth0]:5432 > [fe80::2%eth0]:51000");
}

TEST(RowsTest, DeviceIsTheInterfacesNameOrItsNumber) {
  DiagSocket socket = ListenerV4(Transport::kTcp, 22, 7);
  EXPECT_EQ(ListenerFor(socket).device, "");
  socket.interface = 2;
  EXPECT_EQ(ListenerFor(socket).device, "eth0");
  // This one's name could stand in no address.
  socket.interface = 3;
  EXPECT_EQ(ListenerFor(socket).device, "3");
  socket.interface = 4;
  EXPECT_EQ(ListenerFor(socket).device, "4");
}

TEST(RowsTest, V6OnlyIsKept) {
  DiagSocket socket = ListenerV4(Transport::kTcp, 22, 7);
  socket.family = SocketFamily::kIpv6;
  EXPECT_FALSE(ListenerFor(socket).v6_only);
  socket.v6_only = true;
  EXPECT_TRUE(ListenerFor(socket).v6_only);
  EXPECT_EQ(ListenerFor(socket).local.ToString(), "[::]:22");
}

TEST(RowsTest, SocketWithoutAnInodeHasNoUid) {
  DiagSocket socket = TcpConnection();
  socket.inode = 0;
  socket.uid = 0;
  EXPECT_EQ(ConnectionFor(socket).socket.uid, std::nullopt);
}

}  // namespace
}  // namespace connreg
