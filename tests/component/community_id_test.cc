// Connections by the name that flow logs have for them.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kClient[] = "10.0.0.9:51000";
constexpr char kServer[] = "10.0.0.5:5432";
// Of the two.
constexpr char kOfTcp[] = "1:SmAASlefIp2O8Kam70CCnxMgk+c=";
constexpr char kOfUdp[] = "1:+2qoON3gl3m3EOcGmHqFhq+Fj8g=";

v1::LookupRequest AskingBy(const std::string& community_id) {
  v1::LookupRequest request;
  request.set_community_id(community_id);
  return request;
}

class CommunityIdTest : public ServiceTest {
 protected:
  CommunityIdTest() {
    Register(Report(web_, {.connections = {Initiated(kClient, kServer)},
                           .addresses = {"10.0.0.9"}}));
    Register(Report(db_, {.listeners = {Listening(kServer, 77)},
                          .connections = {Accepted()},
                          .addresses = {"10.0.0.5"}}));
  }

  // What db1 has from its listener.
  static v1::Observation Accepted() {
    v1::Observation side = connreg::Accepted(kServer, kClient);
    side.set_listener_cookie(77);
    return side;
  }
  void EndBothSides() {
    Deregister(
        Withdrawal(web_, {.connections = {Initiated(kClient, kServer)}}));
    Deregister(Withdrawal(db_, {.connections = {Accepted()}}));
  }

  const v1::Reporter web_ = Agent("web1");
  const v1::Reporter db_ = Agent("db1");
};

TEST_F(CommunityIdTest, StandsAtConnectionsInEveryAnswer) {
  const auto of = [](const auto& connections) {
    std::vector<std::string> ids;
    for (const v1::Connection& connection : connections)
      ids.push_back(connection.derived().community_id());
    return ids;
  };
  EXPECT_THAT(of(ListConnections().connections()), ElementsAre(kOfTcp));
  EXPECT_THAT(of(Lookup(Asking(kServer)).connections().connections()),
              ElementsAre(kOfTcp));
  EndBothSides();
  v1::ListConnectionsRequest closed;
  closed.set_show_closed(true);
  EXPECT_THAT(of(ListConnections(closed).connections()), ElementsAre(kOfTcp));
  EXPECT_THAT(of(Lookup(Asking(kClient, kServer)).listeners().closed()),
              ElementsAre(kOfTcp));
}

TEST_F(CommunityIdTest, FindsTheConnectionWithBothItsEnds) {
  const v1::LookupResponse answer = Lookup(AskingBy(kOfTcp));
  ASSERT_THAT(Texts(answer.connections().connections()),
              ElementsAre("10.0.0.9:51000 > 10.0.0.5:5432"));
  EXPECT_THAT(Hosts(answer.connections().connections(0)),
              ElementsAre("web1", "db1"));
  EXPECT_EQ(answer.connections().order(), v1::TUPLE_ORDER_UNSPECIFIED);
  EXPECT_EQ(answer.coverage().live_host_count(), 2);
}

TEST_F(CommunityIdTest, OfTheOtherTransportFindsNothing) {
  const v1::LookupResponse answer = Lookup(AskingBy(kOfUdp));
  EXPECT_EQ(answer.absent().reason(), v1::ABSENT_REASON_NOT_SEEN_SINCE);
  EXPECT_TRUE(answer.absent().has_not_seen_since_time());
  v1::LookupRequest of_udp = AskingBy(kOfTcp);
  of_udp.set_transport(v1::TRANSPORT_UDP);
  EXPECT_TRUE(Lookup(of_udp).has_absent());
}

TEST_F(CommunityIdTest, FindsWhatHasEnded) {
  EndBothSides();
  const v1::LookupResponse answer = Lookup(AskingBy(kOfTcp));
  EXPECT_THAT(Texts(answer.listeners().listeners()),
              ElementsAre("db1 10.0.0.5:5432"));
  EXPECT_THAT(answer.listeners().closed(), SizeIs(1));
}

TEST_F(CommunityIdTest, OfAHostThatNobodyReportsForSaysSo) {
  v1::LookupRequest request = AskingBy(kOfTcp);
  request.set_host("web9");
  EXPECT_EQ(Lookup(request).absent().reason(), v1::ABSENT_REASON_NO_SUCH_HOST);
}

TEST_F(CommunityIdTest, TheListenerThatAcceptedStandsBesideTheConnection) {
  const auto listeners = [&] {
    return Texts(Lookup(AskingBy(kOfTcp)).connections().listeners());
  };
  EXPECT_THAT(listeners(), ElementsAre("db1 10.0.0.5:5432"));
  Deregister(Withdrawal(db_, {.listeners = {Listening(kServer, 77)}}));
  EXPECT_THAT(listeners(), IsEmpty());
}

}  // namespace
}  // namespace connreg
