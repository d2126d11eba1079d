#include "client/agent/roles.h"

#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

ListenerFacts ListenerAt(absl::string_view local, uint64_t cookie,
                         Transport transport = Transport::kTcp) {
  ListenerFacts facts{
      .socket = {}, .local = Endpoint::Parse(local).value(), .device = ""};
  facts.socket.transport = transport;
  facts.socket.cookie = cookie;
  facts.socket.family =
      facts.local.address().is_v4() ? SocketFamily::kIpv4 : SocketFamily::kIpv6;
  return facts;
}

ConnectionFacts ConnectionOf(absl::string_view local, absl::string_view remote,
                             Transport transport = Transport::kTcp) {
  ConnectionFacts facts{
      .socket = {},
      .tuple = FourTuple::Create(Endpoint::Parse(local).value(),
                                 Endpoint::Parse(remote).value())
                   .value()};
  facts.socket.transport = transport;
  return facts;
}

ConnectionFacts WithRole(ConnectionFacts connection,
                         const std::vector<ListenerFacts>& listeners) {
  AssignRoles(listeners, absl::MakeSpan(&connection, 1));
  return connection;
}

ConnectionFacts On(absl::string_view device, ConnectionFacts connection) {
  connection.device = std::string(device);
  return connection;
}

MATCHER_P3(HasRole, role, evidence, listener_cookie, "") {
  *result_listener << "role " << static_cast<int>(arg.role) << ", evidence "
                   << static_cast<int>(arg.evidence) << ", listener "
                   << arg.listener_cookie;
  return arg.role == role && arg.evidence == evidence &&
         arg.listener_cookie == static_cast<uint64_t>(listener_cookie);
}

MATCHER_P(IsServerOf, cookie, "") {
  return testing::ExplainMatchResult(
      HasRole(Role::kServer, RoleEvidence::kListener, cookie), arg,
      result_listener);
}

MATCHER(HasNoRole, "") {
  return testing::ExplainMatchResult(
      HasRole(Role::kUnknown, RoleEvidence::kUnknown, 0), arg, result_listener);
}

TEST(RolesTest, SocketAtAListenersEndpointIsTheServer) {
  const ConnectionFacts connection =
      ConnectionOf("10.0.0.5:5432", "10.0.0.9:51000");
  EXPECT_THAT(WithRole(connection, {ListenerAt("10.0.0.5:5432", 7)}),
              IsServerOf(7));
  EXPECT_THAT(WithRole(connection, {ListenerAt("0.0.0.0:5432", 7)}),
              IsServerOf(7));
  EXPECT_THAT(WithRole(connection, {ListenerAt("[::]:5432", 7)}),
              IsServerOf(7));
}

TEST(RolesTest, SocketWithoutAListenerHasNone) {
  const ConnectionFacts connection =
      ConnectionOf("10.0.0.9:800", "10.0.0.5:2049");
  EXPECT_THAT(WithRole(connection, {}), HasNoRole());
  EXPECT_THAT(WithRole(connection, {ListenerAt("0.0.0.0:2049", 7)}),
              HasNoRole());
  EXPECT_THAT(WithRole(connection, {ListenerAt("10.0.0.8:800", 7)}),
              HasNoRole());
}

TEST(RolesTest, ListenerOfIpv6OnlyTakesNoIpv4) {
  ListenerFacts listener = ListenerAt("[::]:443", 7);
  listener.v6_only = true;
  EXPECT_THAT(
      WithRole(ConnectionOf("10.0.0.5:443", "10.0.0.9:51000"), {listener}),
      HasNoRole());
}

TEST(RolesTest, MostExactListenerIsTheOne) {
  EXPECT_THAT(WithRole(ConnectionOf("10.0.0.5:443", "10.0.0.9:51000"),
                       {ListenerAt("[::]:443", 5), ListenerAt("0.0.0.0:443", 6),
                        ListenerAt("10.0.0.5:443", 7)}),
              IsServerOf(7));
}

TEST(RolesTest, OneOfSeveralListenersIsNotTold) {
  EXPECT_THAT(
      WithRole(ConnectionOf("10.0.0.5:443", "10.0.0.9:51000"),
               {ListenerAt("0.0.0.0:443", 6), ListenerAt("0.0.0.0:443", 7)}),
      IsServerOf(0));
}

TEST(RolesTest, DeviceOfAListenerLimitsItToItsZone) {
  ListenerFacts listener = ListenerAt("[::]:22", 7);
  listener.device = "eth0";
  EXPECT_THAT(WithRole(On("eth0", ConnectionOf("[fe80::1%eth0]:22",
                                               "[fe80::2%eth0]:5000")),
                       {listener}),
              IsServerOf(7));
  EXPECT_THAT(WithRole(On("eth1", ConnectionOf("[fe80::1%eth1]:22",
                                               "[fe80::2%eth1]:5000")),
                       {listener}),
              HasNoRole());
}

TEST(RolesTest, AcceptedSocketHasTheDeviceOfItsListener) {
  ListenerFacts on_device = ListenerAt("0.0.0.0:22", 7);
  on_device.device = "eth0";
  const std::vector<ListenerFacts> listeners = {on_device,
                                                ListenerAt("0.0.0.0:22", 8)};
  const ConnectionFacts connection =
      ConnectionOf("10.0.0.9:22", "10.0.0.5:5000");
  EXPECT_THAT(WithRole(On("eth0", connection), listeners), IsServerOf(7));
  EXPECT_THAT(WithRole(connection, listeners), IsServerOf(8));
  EXPECT_THAT(WithRole(On("eth1", connection), listeners), HasNoRole());
}

TEST(RolesTest, OfListenersThatShareAPortItIsTheOneThatItsProcessHolds) {
  std::vector<ListenerFacts> workers;
  for (int pid = 1; pid <= 3; ++pid) {
    workers.push_back(ListenerAt("0.0.0.0:80", pid));
    workers.back().socket.owners = Owners::Known({Process{.pid = pid}});
  }
  ConnectionFacts connection = ConnectionOf("10.0.0.9:80", "10.0.0.5:5000");
  EXPECT_THAT(WithRole(connection, workers), IsServerOf(0));
  connection.socket.owners = Owners::Known({Process{.pid = 2}});
  EXPECT_THAT(WithRole(connection, workers), IsServerOf(2));
  // A process with the same pid that started at another time is another.
  connection.socket.owners = Owners::Known(
      {Process{.pid = 2, .start_time = absl::FromUnixSeconds(9)}});
  EXPECT_THAT(WithRole(connection, workers), IsServerOf(0));
  // A parent that holds all of them tells nothing.
  for (ListenerFacts& worker : workers)
    worker.socket.owners = Owners::Known({Process{.pid = 2}});
  connection.socket.owners = Owners::Known({Process{.pid = 2}});
  EXPECT_THAT(WithRole(connection, workers), IsServerOf(0));
}

TEST(RolesTest, TwoEndsAtListenersEndpointsAreNotBothServers) {
  const std::vector<ListenerFacts> listeners = {ListenerAt("127.0.0.1:22", 7),
                                                ListenerAt("127.0.0.1:23", 8)};
  std::vector<ConnectionFacts> ends = {
      ConnectionOf("127.0.0.1:22", "127.0.0.1:23"),
      ConnectionOf("127.0.0.1:23", "127.0.0.1:22")};
  AssignRoles(listeners, absl::MakeSpan(ends));
  EXPECT_THAT(ends[0], HasNoRole());
  EXPECT_THAT(ends[1], HasNoRole());
}

TEST(RolesTest, LinkLocalSocketHasADeviceThoughItsListenerHasNone) {
  EXPECT_THAT(WithRole(On("eth0", ConnectionOf("[fe80::1%eth0]:22",
                                               "[fe80::2%eth0]:5000")),
                       {ListenerAt("[::]:22", 7)}),
              IsServerOf(7));
}

TEST(RolesTest, SynSentIsTheClientEvenAtAListenersEndpoint) {
  ConnectionFacts connection = ConnectionOf("10.0.0.9:22", "10.0.0.5:22");
  connection.state = ConnectionState::kSynSent;
  EXPECT_THAT(WithRole(connection, {ListenerAt("0.0.0.0:22", 7)}),
              HasRole(Role::kClient, RoleEvidence::kInitiated, 0));
}

TEST(RolesTest, SelfConnectIsBoth) {
  EXPECT_THAT(WithRole(ConnectionOf("127.0.0.1:4000", "127.0.0.1:4000"),
                       {ListenerAt("0.0.0.0:4000", 7)}),
              HasRole(Role::kBoth, RoleEvidence::kSelf, 0));
}

TEST(RolesTest, UdpIsNeverGuessedFromPorts) {
  const std::vector<ListenerFacts> listeners = {
      ListenerAt("0.0.0.0:53", 7, Transport::kUdp),
      ListenerAt("0.0.0.0:53", 8, Transport::kTcp)};
  EXPECT_THAT(
      WithRole(ConnectionOf("10.0.0.5:53", "10.0.0.9:40000", Transport::kUdp),
               listeners),
      HasNoRole());
}

TEST(RolesTest, UnacceptedConnectionHasItsListener) {
  ConnectionFacts connection = ConnectionOf("10.0.0.5:443", "10.0.0.9:51000");
  connection.socket.owners = Owners::Unknown(OwnerUnknownReason::kNotAccepted);
  EXPECT_THAT(WithRole(connection, {ListenerAt("0.0.0.0:443", 7)}),
              IsServerOf(7));
}

TEST(RolesTest, ConnectionsOfOneEndpointShareTheAnswer) {
  std::vector<ConnectionFacts> connections = {
      ConnectionOf("10.0.0.5:443", "10.0.0.9:51000"),
      ConnectionOf("10.0.0.5:443", "10.0.0.9:51001"),
      ConnectionOf("10.0.0.5:444", "10.0.0.9:51000")};
  AssignRoles({ListenerAt("0.0.0.0:443", 7)}, absl::MakeSpan(connections));
  EXPECT_THAT(connections,
              testing::ElementsAre(IsServerOf(7), IsServerOf(7), HasNoRole()));
}

}  // namespace
}  // namespace connreg
