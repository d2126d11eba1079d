#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class LookupTest : public ServiceTest {
 protected:
  // The texts of the connections found.
  std::vector<std::string> Connections(const v1::LookupRequest& request) {
    return Texts(Lookup(request).connections().connections());
  }
  std::vector<std::string> Listeners(const v1::LookupRequest& request) {
    return Texts(Lookup(request).listeners().listeners());
  }
};

// One server, and two clients of it.
class OneServerTest : public LookupTest {
 protected:
  static constexpr char kServer[] = "192.168.1.1:80";
  static constexpr char kClient1[] = "192.168.1.100:34567";
  static constexpr char kClient2[] = "192.168.1.101:45678";
  static constexpr char kStranger[] = "192.168.1.102:50000";

  OneServerTest() {
    Register(Report(web_, {.listeners = {Listening(kServer)},
                           .connections = {Accepted(kServer, kClient1),
                                           Accepted(kServer, kClient2)},
                           .addresses = {"192.168.1.1"}}));
  }

  const v1::Reporter web_ = Agent("web-1");
};

TEST_F(OneServerTest, HasOneListenerOneServerEndpointAndTwoConnections) {
  EXPECT_THAT(Texts(ListListeners().listeners()),
              ElementsAre("web-1 192.168.1.1:80"));
  const v1::ListConnectionsResponse listed = ListConnections();
  EXPECT_THAT(Texts(listed.connections()),
              UnorderedElementsAre("192.168.1.100:34567 > 192.168.1.1:80",
                                   "192.168.1.101:45678 > 192.168.1.1:80"));
  std::set<std::string> servers;
  for (const v1::Connection& connection : listed.connections())
    servers.insert(Text(connection.derived().server()));
  EXPECT_THAT(servers, ElementsAre(kServer));
}

TEST_F(OneServerTest, ConnectionsDoNotInterfere) {
  Deregister(Withdrawal(web_, {.connections = {Accepted(kServer, kClient1)}}));
  EXPECT_THAT(Connections(Asking(kClient1, kServer)), IsEmpty());
  EXPECT_THAT(Connections(Asking(kClient2, kServer)),
              ElementsAre("192.168.1.101:45678 > 192.168.1.1:80"));
  EXPECT_THAT(ListListeners().listeners(), SizeIs(1));
}

TEST_F(OneServerTest, EitherOrderOfTheEndsFindsTheSameConnection) {
  for (const char* client : {kClient1, kClient2}) {
    const v1::LookupResponse as_asked = Lookup(Asking(client, kServer));
    const v1::LookupResponse reversed = Lookup(Asking(kServer, client));
    ASSERT_THAT(as_asked.connections().connections(), SizeIs(1));
    ASSERT_THAT(reversed.connections().connections(), SizeIs(1));
    EXPECT_EQ(as_asked.connections().order(), v1::TUPLE_ORDER_AS_ASKED);
    EXPECT_EQ(reversed.connections().order(), v1::TUPLE_ORDER_REVERSED);
    EXPECT_TRUE(
        MessageDifferencer::Equals(as_asked.connections().connections(0),
                                   reversed.connections().connections(0)));
  }
}

TEST_F(OneServerTest, UnknownClientFallsToTheListener) {
  const v1::LookupResponse answer = Lookup(Asking(kStranger, kServer));
  EXPECT_THAT(Texts(answer.listeners().listeners()),
              ElementsAre("web-1 192.168.1.1:80"));
  EXPECT_EQ(Text(answer.listeners().endpoint()), kServer);
  EXPECT_EQ(answer.listeners().order(), v1::TUPLE_ORDER_AS_ASKED);

  const v1::LookupResponse reversed = Lookup(Asking(kServer, kStranger));
  EXPECT_THAT(Texts(reversed.listeners().listeners()),
              ElementsAre("web-1 192.168.1.1:80"));
  EXPECT_EQ(Text(reversed.listeners().endpoint()), kServer);
  EXPECT_EQ(reversed.listeners().order(), v1::TUPLE_ORDER_REVERSED);
}

TEST_F(OneServerTest, EndpointFindsAllItsConnections) {
  EXPECT_THAT(Connections(Asking(kServer)),
              UnorderedElementsAre("192.168.1.100:34567 > 192.168.1.1:80",
                                   "192.168.1.101:45678 > 192.168.1.1:80"));
  EXPECT_THAT(Connections(Asking(kClient1)),
              ElementsAre("192.168.1.100:34567 > 192.168.1.1:80"));
}

TEST_F(OneServerTest, MappedQuestionIsTheIpv4One) {
  EXPECT_TRUE(MessageDifferencer::Equals(
      Lookup(Asking("[::ffff:192.168.1.1]:80")), Lookup(Asking(kServer))));
  EXPECT_TRUE(MessageDifferencer::Equals(
      Lookup(Asking("[::ffff:192.168.1.100]:34567", "[::FFFF:C0A8:0101]:80")),
      Lookup(Asking(kClient1, kServer))));
}

TEST_F(OneServerTest, UnknownEndpointIsAbsentSinceMemoryBegan) {
  const v1::LookupResponse answer = Lookup(Asking("192.168.1.9:80"));
  EXPECT_EQ(answer.absent().reason(), v1::ABSENT_REASON_NOT_SEEN_SINCE);
  EXPECT_EQ(answer.absent().not_seen_since_time().seconds(),
            GetStatus().start_time().seconds());
}

TEST_F(OneServerTest, HostThatNobodyReportsForIsNamedAsTheReason) {
  v1::LookupRequest request = Asking(kServer);
  request.set_host("web-2");
  const v1::LookupResponse answer = Lookup(request);
  EXPECT_EQ(answer.absent().reason(), v1::ABSENT_REASON_NO_SUCH_HOST);
}

TEST_F(OneServerTest, AnswerTellsWhatItSpeaksFor) {
  const v1::Coverage coverage = Lookup(Asking(kServer)).coverage();
  EXPECT_THAT(coverage.run_id(), SizeIs(16));
  EXPECT_EQ(coverage.run_id(), GetStatus().coverage().run_id());
  EXPECT_EQ(coverage.revision(), GetStatus().coverage().revision());
  EXPECT_EQ(coverage.live_host_count(), 1u);
  EXPECT_FALSE(coverage.truncated());
}

// ---- Transports ----

TEST_F(LookupTest, SameFourTupleInTcpAndUdpIsTwoConnections) {
  v1::Observation tcp = Connected("10.0.0.9:5000", "10.0.0.5:443");
  v1::Observation udp = tcp;
  udp.mutable_socket()->set_transport(v1::TRANSPORT_UDP);
  Register(Report(Agent("app-1"), {.connections = {tcp, udp}}));

  v1::LookupRequest request = Asking("10.0.0.9:5000", "10.0.0.5:443");
  EXPECT_THAT(Lookup(request).connections().connections(), SizeIs(2));
  for (const v1::Transport transport : {v1::TRANSPORT_TCP, v1::TRANSPORT_UDP}) {
    request.set_transport(transport);
    const v1::LookupResponse answer = Lookup(request);
    ASSERT_THAT(answer.connections().connections(), SizeIs(1));
    EXPECT_EQ(answer.connections().connections(0).transport(), transport);
  }
}

TEST_F(LookupTest, UnconnectedUdpSocketIsBoundAndNotAConnection) {
  Register(Report(Agent("dns-1"), {.listeners = {Bound("0.0.0.0:53")},
                                   .addresses = {"10.0.0.53"}}));
  v1::LookupRequest request = Asking("10.0.0.53:53");
  request.set_transport(v1::TRANSPORT_UDP);
  const v1::LookupResponse answer = Lookup(request);
  ASSERT_THAT(answer.listeners().listeners(), SizeIs(1));
  EXPECT_EQ(answer.listeners().listeners(0).state(), v1::LISTENER_STATE_BOUND);

  request.set_transport(v1::TRANSPORT_TCP);
  EXPECT_TRUE(Lookup(request).has_absent());
}

// ---- Loopback ----

TEST_F(LookupTest, LoopbackListenerAnswersForEachHost) {
  Register(Report(Agent("db-1"), {.listeners = {Listening("127.0.0.1:6379")}}));
  Register(Report(Agent("db-2"), {.listeners = {Listening("127.0.0.1:6379")}}));

  v1::LookupRequest request = Asking("127.0.0.1:6379");
  const v1::LookupResponse answer = Lookup(request);
  EXPECT_THAT(
      Texts(answer.listeners().listeners()),
      UnorderedElementsAre("db-1 127.0.0.1:6379", "db-2 127.0.0.1:6379"));
  for (const v1::Listener& listener : answer.listeners().listeners())
    EXPECT_FALSE(listener.derived().multi_host());

  request.set_host("db-2");
  EXPECT_THAT(Listeners(request), ElementsAre("db-2 127.0.0.1:6379"));
}

TEST_F(LookupTest, LoopbackConnectionsOfTwoHostsStayApart) {
  for (const char* host : {"db-1", "db-2"}) {
    Register(Report(
        Agent(host),
        {.connections = {Accepted("127.0.0.1:6379", "127.0.0.1:40000"),
                         Initiated("127.0.0.1:40000", "127.0.0.1:6379")}}));
  }
  v1::LookupRequest request = Asking("127.0.0.1:40000", "127.0.0.1:6379");
  const v1::LookupResponse answer = Lookup(request);
  ASSERT_THAT(answer.connections().connections(), SizeIs(2));
  for (const v1::Connection& connection : answer.connections().connections()) {
    ASSERT_THAT(connection.observations(), SizeIs(2));
    EXPECT_EQ(Hosts(connection)[0], Hosts(connection)[1]);
  }
  request.set_host("db-1");
  EXPECT_THAT(Connections(request),
              ElementsAre("127.0.0.1:40000 > 127.0.0.1:6379"));
}

// ---- Wildcards ----

TEST_F(LookupTest, WildcardAnswersOnlyWhereItsHostOwnsTheAddress) {
  Register(Report(Agent("db-1"), {.listeners = {Listening("0.0.0.0:5432")},
                                  .addresses = {"10.0.0.5"}}));
  Register(Report(Agent("db-2"), {.listeners = {Listening("0.0.0.0:5432")},
                                  .addresses = {"10.0.0.6"}}));
  const v1::LookupResponse answer = Lookup(Asking("10.0.0.5:5432"));
  ASSERT_THAT(Texts(answer.listeners().listeners()),
              ElementsAre("db-1 0.0.0.0:5432"));
  const v1::DerivedListener& derived =
      answer.listeners().listeners(0).derived();
  EXPECT_FALSE(derived.address_unverified());
  EXPECT_FALSE(derived.multi_host());
  EXPECT_TRUE(Lookup(Asking("10.0.0.7:5432")).has_absent());
}

TEST_F(LookupTest, WildcardIsUnverifiedWhereAddressesAreNotTold) {
  Register(Report(Agent("db-1"), {.listeners = {Listening("0.0.0.0:5432")}}));
  Register(Report(Agent("db-2"), {.listeners = {Listening("0.0.0.0:5432")}}));
  const v1::LookupResponse answer = Lookup(Asking("10.0.0.5:5432"));
  EXPECT_THAT(answer.listeners().listeners(), SizeIs(2));
  for (const v1::Listener& listener : answer.listeners().listeners()) {
    EXPECT_TRUE(listener.derived().address_unverified());
    EXPECT_FALSE(listener.derived().multi_host());
  }
}

TEST_F(LookupTest, AddressOnTwoHostsIsAnsweredByBothAndSaidSo) {
  for (const char* host : {"lb-1", "lb-2"}) {
    Register(Report(Agent(host), {.listeners = {Listening("0.0.0.0:443")},
                                  .addresses = {"10.0.0.100"}}));
  }
  const v1::LookupResponse answer = Lookup(Asking("10.0.0.100:443"));
  EXPECT_THAT(Texts(answer.listeners().listeners()),
              UnorderedElementsAre("lb-1 0.0.0.0:443", "lb-2 0.0.0.0:443"));
  for (const v1::Listener& listener : answer.listeners().listeners()) {
    EXPECT_TRUE(listener.derived().multi_host());
    EXPECT_FALSE(listener.derived().address_unverified());
  }
}

TEST_F(LookupTest, DualStackWildcardTakesIpv4UnlessItIsV6Only) {
  v1::Listener v6_only = Listening("[::]:8443");
  v6_only.set_v6_only(true);
  Register(
      Report(Agent("web-1"), {.listeners = {Listening("[::]:443"), v6_only},
                              .addresses = {"10.0.0.5", "2001:db8::5"}}));
  EXPECT_THAT(Listeners(Asking("10.0.0.5:443")), ElementsAre("web-1 [::]:443"));
  EXPECT_THAT(Listeners(Asking("[2001:db8::5]:443")),
              ElementsAre("web-1 [::]:443"));
  EXPECT_TRUE(Lookup(Asking("10.0.0.5:8443")).has_absent());
  EXPECT_THAT(Listeners(Asking("[2001:db8::5]:8443")),
              ElementsAre("web-1 [::]:8443"));
}

TEST_F(LookupTest, ExactAddressHidesTheWildcard) {
  Register(Report(Agent("web-1"), {.listeners = {Listening("127.0.0.2:80"),
                                                 Listening("0.0.0.0:80")}}));
  EXPECT_THAT(Listeners(Asking("127.0.0.2:80")),
              ElementsAre("web-1 127.0.0.2:80"));
  EXPECT_THAT(Listeners(Asking("127.0.0.1:80")),
              ElementsAre("web-1 0.0.0.0:80"));
}

TEST_F(LookupTest, SocketsThatShareAPortAreAllAnswered) {
  Register(Report(
      Agent("web-1"),
      {.listeners = {Listening("10.0.0.5:80", 1), Listening("10.0.0.5:80", 2),
                     Listening("10.0.0.5:80", 3)}}));
  EXPECT_THAT(Listeners(Asking("10.0.0.5:80")), SizeIs(3));
}

// ---- Namespaces and networks ----

TEST_F(LookupTest, SameFourTupleInTwoNamespacesIsTwoConnections) {
  v1::Observation one = Connected("10.0.0.9:5000", "10.0.0.5:443", 1);
  v1::Observation two = Connected("10.0.0.9:5000", "10.0.0.5:443", 2);
  one.mutable_socket()->set_netns("4026531840");
  two.mutable_socket()->set_netns("4026532000");
  Register(Report(Agent("app-1"), {.connections = {one, two}}));
  const v1::LookupResponse answer =
      Lookup(Asking("10.0.0.9:5000", "10.0.0.5:443"));
  std::set<std::string> namespaces;
  for (const v1::Connection& connection : answer.connections().connections())
    namespaces.insert(connection.observations(0).socket().netns());
  EXPECT_THAT(namespaces, ElementsAre("4026531840", "4026532000"));
}

TEST_F(LookupTest, SameFourTupleInTwoNetworksIsNeverJoined) {
  Register(Report(Agent("app-1", "vpc-a"),
                  {.connections = {Initiated("10.0.0.9:5000", "10.0.0.5:443")},
                   .addresses = {"10.0.0.9"}}));
  Register(Report(Agent("db-1", "vpc-b"),
                  {.connections = {Accepted("10.0.0.5:443", "10.0.0.9:5000")},
                   .addresses = {"10.0.0.5"}}));
  v1::LookupRequest request = Asking("10.0.0.9:5000", "10.0.0.5:443");
  EXPECT_THAT(Lookup(request).connections().connections(), SizeIs(2));

  request.set_network("vpc-b");
  const v1::LookupResponse answer = Lookup(request);
  ASSERT_THAT(answer.connections().connections(), SizeIs(1));
  EXPECT_EQ(answer.connections().connections(0).network(), "vpc-b");
  EXPECT_THAT(Hosts(answer.connections().connections(0)), ElementsAre("db-1"));
}

// ---- Limits ----

TEST_F(LookupTest, MoreThanAThousandConnectionsAreCutAndSaidSo) {
  v1::RegisterRequest request = Report(Agent("web-1"));
  for (int i = 0; i <= 1000; ++i) {
    *request.add_connections() =
        Accepted("10.0.0.5:80", absl::StrCat("10.0.0.9:", 20'000 + i));
  }
  Register(request);
  const v1::LookupResponse answer = Lookup(Asking("10.0.0.5:80"));
  EXPECT_THAT(answer.connections().connections(), SizeIs(1000));
  EXPECT_TRUE(answer.coverage().truncated());
}

}  // namespace
}  // namespace connreg
