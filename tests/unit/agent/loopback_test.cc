// Sockets that these tests open themselves are seen through the real kernel.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "client/agent/collector.h"
#include "client/agent/files.h"
#include "client/agent/kernel.h"
#include "client/agent/proc.h"
#include "client/agent/process_directory.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/agent/loopback_sockets.h"

namespace connreg {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Field;
using ::testing::IsEmpty;

NetnsSnapshot Collect() {
  const OwnNetns namespaces;
  const ProcFs processes("/proc");
  return Collector(namespaces, processes, LinuxKernel().NetnsName().value())
      .Collect()
      .namespaces.at(0);
}

template <typename Row>
std::optional<Row> Find(const std::vector<Row>& rows, uint64_t cookie) {
  const auto found =
      std::find_if(rows.begin(), rows.end(),
                   [&](const Row& row) { return row.socket.cookie == cookie; });
  return found == rows.end() ? std::nullopt : std::optional<Row>(*found);
}

// The row of the other end of `connection`.
std::optional<ConnectionFacts> FindMirror(
    const std::vector<ConnectionFacts>& rows,
    const ConnectionFacts& connection) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const ConnectionFacts& row) {
        return row.tuple == connection.tuple.Mirror();
      });
  return found == rows.end() ? std::nullopt
                             : std::optional<ConnectionFacts>(*found);
}

MATCHER(IsNotAccepted, "") {
  return !arg.socket.owners.known() &&
         arg.socket.owners.unknown_reason() == OwnerUnknownReason::kNotAccepted;
}

MATCHER(IsHeldByThisProcess, "") {
  if (!arg.socket.owners.known()) {
    *result_listener << "unknown: "
                     << static_cast<int>(arg.socket.owners.unknown_reason());
    return false;
  }
  const ProcessRange processes = arg.socket.owners.processes();
  return processes.size() == 1 && processes[0].pid == getpid() &&
         processes[0].name.substr(0, 10) == "agent_test" &&
         processes[0].start_time > absl::UnixEpoch();
}

TEST(LoopbackTest, ListenerIsSeenWithItsOwner) {
  const Descriptor listener = Listening("127.0.0.1");
  const std::optional<ListenerFacts> row =
      Find(Collect().listeners, CookieOf(listener));
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->local,
            Endpoint::Create(IpAddress::V4({127, 0, 0, 1}), PortOf(listener))
                .value());
  EXPECT_EQ(row->state, ListenerState::kListen);
  EXPECT_EQ(row->socket.family, SocketFamily::kIpv4);
  EXPECT_EQ(row->socket.uid, geteuid());
  EXPECT_EQ(row->device, "");
  EXPECT_THAT(*row, IsHeldByThisProcess());
}

TEST(LoopbackTest, OwnerIsSeenWithItsUserAndWhatItRuns) {
  const Descriptor listener = Listening("127.0.0.1");
  const std::optional<ListenerFacts> row =
      Find(Collect().listeners, CookieOf(listener));
  ASSERT_TRUE(row.has_value());
  ASSERT_THAT(*row, IsHeldByThisProcess());
  const Process& process = row->socket.owners.processes()[0];
  EXPECT_EQ(process.uid, geteuid());
  EXPECT_EQ(process.executable, ReadLinkAt(AT_FDCWD, "/proc/self/exe").value());
  EXPECT_EQ(process.cgroup,
            ControlGroupIn(ReadFileAt(AT_FDCWD, "/proc/self/cgroup").value()));
  EXPECT_THAT(process.arguments, IsEmpty());
}

TEST(LoopbackTest, BothEndsOfAConnectionAreSeen) {
  const Descriptor listener = Listening("127.0.0.1");
  const Descriptor client =
      Connected("127.0.0.1", SOCK_STREAM, PortOf(listener));
  const Descriptor server = Accepted(listener);
  const NetnsSnapshot snapshot = Collect();
  const auto client_row = Find(snapshot.connections, CookieOf(client));
  const auto server_row = Find(snapshot.connections, CookieOf(server));
  ASSERT_TRUE(client_row && server_row);
  EXPECT_EQ(client_row->tuple, server_row->tuple.Mirror());
  EXPECT_EQ(client_row->state, ConnectionState::kEstablished);
  EXPECT_EQ(client_row->role, Role::kUnknown);
  EXPECT_EQ(server_row->role, Role::kServer);
  EXPECT_EQ(server_row->listener_cookie, CookieOf(listener));
  EXPECT_THAT(*client_row, IsHeldByThisProcess());
  EXPECT_THAT(*server_row, IsHeldByThisProcess());
}

TEST(LoopbackTest, UnacceptedConnectionHasItsListenerAndNoOwner) {
  const Descriptor listener = Listening("127.0.0.1");
  const Descriptor client =
      Connected("127.0.0.1", SOCK_STREAM, PortOf(listener));
  // The server's end is there once the listener can be read.
  pollfd readable{.fd = listener.get(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(poll(&readable, 1, 10'000), 1);
  const NetnsSnapshot snapshot = Collect();
  const auto client_row = Find(snapshot.connections, CookieOf(client));
  ASSERT_TRUE(client_row.has_value());
  const auto server_row = FindMirror(snapshot.connections, *client_row);
  ASSERT_TRUE(server_row.has_value());
  EXPECT_THAT(*server_row, IsNotAccepted());
  EXPECT_EQ(server_row->socket.inode, 0u);
  EXPECT_EQ(server_row->role, Role::kServer);
  EXPECT_EQ(server_row->listener_cookie, CookieOf(listener));
}

TEST(LoopbackTest, ConnectionRequestIsSeenBeforeItHasASocket) {
  const Descriptor listener = Listening("127.0.0.1");
  // The kernel leaves the request as it is until the client sends something.
  const int seconds = 30;
  ASSERT_EQ(setsockopt(listener.get(), IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds,
                       sizeof seconds),
            0);
  const Descriptor client =
      Connected("127.0.0.1", SOCK_STREAM, PortOf(listener));
  const NetnsSnapshot snapshot = Collect();
  const auto client_row = Find(snapshot.connections, CookieOf(client));
  ASSERT_TRUE(client_row.has_value());
  const auto server_row = FindMirror(snapshot.connections, *client_row);
  ASSERT_TRUE(server_row.has_value());
  EXPECT_EQ(server_row->state, ConnectionState::kSynReceived);
  EXPECT_EQ(server_row->socket.uid, std::nullopt);
  EXPECT_THAT(*server_row, IsNotAccepted());
  EXPECT_EQ(server_row->listener_cookie, CookieOf(listener));
}

TEST(LoopbackTest, ConnectionThatItsProcessClosedIsTheKernels) {
  const Descriptor listener = Listening("127.0.0.1");
  std::optional<Descriptor> client(
      Connected("127.0.0.1", SOCK_STREAM, PortOf(listener)));
  const Descriptor server = Accepted(listener);
  const uint64_t client_cookie = CookieOf(*client);
  client.reset();
  // The FIN has arrived once the server reads the end of the stream.
  char byte;
  ASSERT_EQ(recv(server.get(), &byte, 1, 0), 0);
  const NetnsSnapshot snapshot = Collect();
  const auto client_row = Find(snapshot.connections, client_cookie);
  const auto server_row = Find(snapshot.connections, CookieOf(server));
  ASSERT_TRUE(client_row && server_row);
  // The other end need not have acknowledged the FIN yet.
  EXPECT_THAT(client_row->state,
              AnyOf(ConnectionState::kFinWait1, ConnectionState::kFinWait2));
  ASSERT_FALSE(client_row->socket.owners.known());
  EXPECT_EQ(client_row->socket.owners.unknown_reason(),
            OwnerUnknownReason::kKernelOrphan);
  EXPECT_EQ(server_row->state, ConnectionState::kCloseWait);
}

TEST(LoopbackTest, SocketConnectedToItselfIsBoth) {
  const Descriptor socket = Bound("127.0.0.1", SOCK_STREAM);
  const SocketAddress self = AddressFor("127.0.0.1", PortOf(socket));
  ASSERT_EQ(connect(socket.get(), self.get(), self.size), 0);
  const auto row = Find(Collect().connections, CookieOf(socket));
  ASSERT_TRUE(row.has_value());
  EXPECT_TRUE(row->tuple.is_self());
  EXPECT_EQ(row->role, Role::kBoth);
}

TEST(LoopbackTest, ListenersThatShareAPortAreEachSeen) {
  const Descriptor first = Listening("127.0.0.1", 0, true);
  const Descriptor second = Listening("127.0.0.1", PortOf(first), true);
  const Descriptor client = Connected("127.0.0.1", SOCK_STREAM, PortOf(first));
  pollfd readable[] = {{.fd = first.get(), .events = POLLIN, .revents = 0},
                       {.fd = second.get(), .events = POLLIN, .revents = 0}};
  ASSERT_EQ(poll(readable, 2, 10'000), 1);
  const Descriptor server = Accepted(readable[0].revents != 0 ? first : second);
  const NetnsSnapshot snapshot = Collect();
  EXPECT_TRUE(Find(snapshot.listeners, CookieOf(first)).has_value());
  EXPECT_TRUE(Find(snapshot.listeners, CookieOf(second)).has_value());
  const auto server_row = Find(snapshot.connections, CookieOf(server));
  ASSERT_TRUE(server_row.has_value());
  EXPECT_EQ(server_row->role, Role::kServer);
  EXPECT_EQ(server_row->listener_cookie, 0u);
}

TEST(LoopbackTest, BoundTcpSocketThatDoesNotListenIsNotSeen) {
  const Descriptor socket = Bound("127.0.0.1", SOCK_STREAM);
  const NetnsSnapshot snapshot = Collect();
  EXPECT_EQ(Find(snapshot.listeners, CookieOf(socket)), std::nullopt);
  EXPECT_EQ(Find(snapshot.connections, CookieOf(socket)), std::nullopt);
}

TEST(LoopbackTest, UdpSocketIsBoundUntilItConnects) {
  const Descriptor server = Bound("127.0.0.1", SOCK_DGRAM);
  const Descriptor client = Connected("127.0.0.1", SOCK_DGRAM, PortOf(server));
  const NetnsSnapshot snapshot = Collect();
  const auto server_row = Find(snapshot.listeners, CookieOf(server));
  const auto client_row = Find(snapshot.connections, CookieOf(client));
  ASSERT_TRUE(server_row && client_row);
  EXPECT_EQ(server_row->state, ListenerState::kBound);
  EXPECT_EQ(client_row->state, ConnectionState::kEstablished);
  EXPECT_EQ(client_row->tuple.remote(), server_row->local);
  EXPECT_EQ(client_row->role, Role::kUnknown);
  EXPECT_THAT(*server_row, IsHeldByThisProcess());
  EXPECT_THAT(*client_row, IsHeldByThisProcess());
}

TEST(LoopbackTest, SendingToManyConnectsToNobody) {
  const Descriptor receiver = Bound("127.0.0.1", SOCK_DGRAM);
  const Descriptor sender = Bound("127.0.0.1", SOCK_DGRAM);
  const SocketAddress to = AddressFor("127.0.0.1", PortOf(receiver));
  ASSERT_EQ(sendto(sender.get(), "x", 1, 0, to.get(), to.size), 1);
  const NetnsSnapshot snapshot = Collect();
  EXPECT_EQ(Find(snapshot.connections, CookieOf(sender)), std::nullopt);
  EXPECT_TRUE(Find(snapshot.listeners, CookieOf(sender)).has_value());
}

TEST(LoopbackTest, LoopbackNetIsLocal) {
  const NetnsSnapshot snapshot = Collect();
  ASSERT_TRUE(snapshot.addresses.has_value());
  EXPECT_EQ(snapshot.addresses->netns, snapshot.netns);
  EXPECT_THAT(
      snapshot.addresses->prefixes,
      Contains(LocalPrefix{Prefix::Parse("127.0.0.0/8").value(), "lo"}));
}

TEST(LoopbackTest, NamespaceIsTheKernelsCookie) {
  const Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  if (getsockopt(socket.get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size))
    GTEST_SKIP() << "the kernel does not tell it";
  uint64_t told = 0;
  ASSERT_TRUE(absl::SimpleAtoi(Collect().netns, &told));
  EXPECT_EQ(told, cookie);
}

class LoopbackV6Test : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasIpv6()) GTEST_SKIP() << "no IPv6 here";
  }
};

TEST_F(LoopbackV6Test, BothEndsOfAConnectionAreSeen) {
  const Descriptor listener = Listening("::1");
  const Descriptor client = Connected("::1", SOCK_STREAM, PortOf(listener));
  const Descriptor server = Accepted(listener);
  const NetnsSnapshot snapshot = Collect();
  const auto client_row = Find(snapshot.connections, CookieOf(client));
  const auto server_row = Find(snapshot.connections, CookieOf(server));
  ASSERT_TRUE(client_row && server_row);
  EXPECT_EQ(client_row->tuple, server_row->tuple.Mirror());
  EXPECT_TRUE(client_row->tuple.local().address().is_v6());
  EXPECT_EQ(server_row->socket.family, SocketFamily::kIpv6);
  EXPECT_EQ(server_row->listener_cookie, CookieOf(listener));
}

TEST_F(LoopbackV6Test, Ipv4ClientOfADualStackListenerMeetsItsMirror) {
  const Descriptor listener(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int off = 0;
  setsockopt(listener.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  const SocketAddress wildcard = AddressFor("::", 0);
  ASSERT_EQ(bind(listener.get(), wildcard.get(), wildcard.size), 0);
  ASSERT_EQ(listen(listener.get(), 8), 0);
  const Descriptor client =
      Connected("127.0.0.1", SOCK_STREAM, PortOf(listener));
  const Descriptor server = Accepted(listener);

  const NetnsSnapshot snapshot = Collect();
  const auto client_row = Find(snapshot.connections, CookieOf(client));
  const auto server_row = Find(snapshot.connections, CookieOf(server));
  const auto listener_row = Find(snapshot.listeners, CookieOf(listener));
  ASSERT_TRUE(client_row && server_row && listener_row);
  EXPECT_EQ(client_row->tuple, server_row->tuple.Mirror());
  EXPECT_TRUE(server_row->tuple.local().address().is_v4());
  EXPECT_EQ(client_row->socket.family, SocketFamily::kIpv4);
  EXPECT_EQ(server_row->socket.family, SocketFamily::kIpv6);
  EXPECT_FALSE(listener_row->v6_only);
  EXPECT_EQ(server_row->listener_cookie, CookieOf(listener));
}

TEST_F(LoopbackV6Test, V6OnlyIsSeen) {
  const Descriptor listener(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  setsockopt(listener.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  const SocketAddress wildcard = AddressFor("::", 0);
  ASSERT_EQ(bind(listener.get(), wildcard.get(), wildcard.size), 0);
  ASSERT_EQ(listen(listener.get(), 8), 0);
  const auto row = Find(Collect().listeners, CookieOf(listener));
  ASSERT_TRUE(row.has_value());
  EXPECT_TRUE(row->v6_only);
  EXPECT_TRUE(row->local.address().is_unspecified());
}

}  // namespace
}  // namespace connreg
