#include "gmock/gmock.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kClient[] = "10.0.0.9:51000";
constexpr char kServer[] = "10.0.0.5:5432";

// A client on the host app-1, and a server on the host db-1.
class TwoSidedTest : public ServiceTest {
 protected:
  void ReportClient(const v1::Observation& row) {
    Register(Report(app_, {.connections = {row}, .addresses = {"10.0.0.9"}}));
  }
  void ReportServer(const v1::Observation& row) {
    Register(Report(db_, {.connections = {row}, .addresses = {"10.0.0.5"}}));
  }

  // The only connection there is.
  v1::Connection Only() {
    const v1::ListConnectionsResponse listed = ListConnections();
    EXPECT_THAT(listed.connections(), SizeIs(1));
    return listed.connections_size() == 1 ? listed.connections(0)
                                          : v1::Connection();
  }

  const v1::Reporter app_ = Agent("app-1");
  const v1::Reporter db_ = Agent("db-1");
};

TEST_F(TwoSidedTest, BothEndsMakeOneConnectionWithTheClientFirst) {
  ReportServer(Accepted(kServer, kClient));
  ReportClient(Initiated(kClient, kServer));

  const v1::Connection connection = Only();
  EXPECT_THAT(Hosts(connection), ElementsAre("app-1", "db-1"));
  EXPECT_EQ(Text(connection.derived().client()), kClient);
  EXPECT_EQ(Text(connection.derived().server()), kServer);
  EXPECT_NE(connection.derived().role_evidence(),
            v1::ROLE_EVIDENCE_UNSPECIFIED);
  EXPECT_EQ(connection.derived().one_sided_reason(),
            v1::ONE_SIDED_REASON_UNSPECIFIED);
  EXPECT_THAT(connection.derived().conflicts(), IsEmpty());
}

TEST_F(TwoSidedTest, LookupFindsTheOneFromEitherEnd) {
  ReportServer(Accepted(kServer, kClient));
  ReportClient(Connected(kClient, kServer));
  for (const v1::LookupRequest& request :
       {Asking(kClient, kServer), Asking(kServer, kClient), Asking(kClient),
        Asking(kServer)}) {
    const v1::LookupResponse answer = Lookup(request);
    ASSERT_THAT(answer.connections().connections(), SizeIs(1));
    EXPECT_THAT(answer.connections().connections(0).observations(), SizeIs(2));
  }
}

TEST_F(TwoSidedTest, OneEndsRoleTellsTheOthers) {
  ReportClient(Connected(kClient, kServer));
  ReportServer(Accepted(kServer, kClient));
  const v1::Connection connection = Only();
  EXPECT_EQ(Text(connection.derived().client()), kClient);
  EXPECT_EQ(connection.derived().role_evidence(), v1::ROLE_EVIDENCE_LISTENER);
}

TEST_F(TwoSidedTest, RolesAreNotGuessedFromPorts) {
  ReportClient(Connected(kClient, kServer));
  ReportServer(Connected(kServer, kClient));
  const v1::Connection connection = Only();
  EXPECT_FALSE(connection.derived().has_client());
  EXPECT_FALSE(connection.derived().has_server());
}

TEST_F(TwoSidedTest, EndThatGoesLeavesTheOtherNotReported) {
  ReportClient(Initiated(kClient, kServer));
  ReportServer(Accepted(kServer, kClient));
  Deregister(Withdrawal(db_, {.connections = {Accepted(kServer, kClient)}}));

  const v1::Connection connection = Only();
  EXPECT_THAT(Hosts(connection), ElementsAre("app-1"));
  EXPECT_EQ(connection.derived().one_sided_reason(),
            v1::ONE_SIDED_REASON_NOT_REPORTED);
}

TEST_F(TwoSidedTest, HostThatGoesLeavesTheOtherEndUnmanaged) {
  ReportClient(Initiated(kClient, kServer));
  ReportServer(Accepted(kServer, kClient));
  Deregister(WithdrawalOfAll(db_));

  const v1::Connection connection = Only();
  EXPECT_THAT(Hosts(connection), ElementsAre("app-1"));
  EXPECT_EQ(connection.derived().one_sided_reason(),
            v1::ONE_SIDED_REASON_UNMANAGED);
}

TEST_F(TwoSidedTest, PeerWithoutAnAgentIsUnmanaged) {
  ReportClient(Initiated(kClient, "8.8.8.8:53"));
  EXPECT_EQ(Only().derived().one_sided_reason(),
            v1::ONE_SIDED_REASON_UNMANAGED);
}

TEST_F(TwoSidedTest, EndsOfHostsThatToldNoAddressesAreAmbiguous) {
  Register(Report(app_, {.connections = {Initiated(kClient, kServer)}}));
  Register(Report(db_, {.connections = {Accepted(kServer, kClient)}}));
  const v1::ListConnectionsResponse listed = ListConnections();
  ASSERT_THAT(listed.connections(), SizeIs(2));
  for (const v1::Connection& connection : listed.connections()) {
    EXPECT_EQ(connection.derived().one_sided_reason(),
              v1::ONE_SIDED_REASON_AMBIGUOUS);
  }
}

TEST_F(TwoSidedTest, AddressOfTwoHostsIsAmbiguous) {
  ReportClient(Initiated(kClient, kServer));
  ReportServer(Accepted(kServer, kClient));
  Register(Report(Agent("db-2"), {.addresses = {"10.0.0.5"}}));
  const v1::ListConnectionsResponse listed = ListConnections();
  ASSERT_THAT(listed.connections(), SizeIs(2));
  for (const v1::Connection& connection : listed.connections()) {
    EXPECT_THAT(connection.observations(), SizeIs(1));
    EXPECT_EQ(connection.derived().one_sided_reason(),
              v1::ONE_SIDED_REASON_AMBIGUOUS);
  }
}

TEST_F(TwoSidedTest, SocketConnectedToItselfIsOneConnection) {
  v1::Observation self = Connected("127.0.0.1:8088", "127.0.0.1:8088");
  self.set_role(v1::ROLE_BOTH);
  self.set_role_evidence(v1::ROLE_EVIDENCE_SELF);
  ReportClient(self);

  const v1::Connection connection = Only();
  EXPECT_THAT(connection.observations(), SizeIs(1));
  EXPECT_EQ(Text(connection.derived().client()), "127.0.0.1:8088");
  EXPECT_EQ(Text(connection.derived().server()), "127.0.0.1:8088");
  EXPECT_EQ(connection.derived().role_evidence(), v1::ROLE_EVIDENCE_SELF);
  EXPECT_EQ(connection.derived().one_sided_reason(),
            v1::ONE_SIDED_REASON_UNSPECIFIED);
  EXPECT_THAT(Lookup(Asking("127.0.0.1:8088", "127.0.0.1:8088"))
                  .connections()
                  .connections(),
              SizeIs(1));
}

TEST_F(TwoSidedTest, SimultaneousOpenIsOneConnection) {
  ReportClient(Initiated(kClient, kServer));
  ReportServer(Initiated(kServer, kClient));
  const v1::Connection connection = Only();
  EXPECT_EQ(connection.derived().role_evidence(),
            v1::ROLE_EVIDENCE_SIMULTANEOUS);
  EXPECT_FALSE(connection.derived().has_client());
  EXPECT_THAT(connection.derived().conflicts(), IsEmpty());
}

TEST_F(TwoSidedTest, TwoServersDisagree) {
  ReportClient(Accepted(kClient, kServer));
  ReportServer(Accepted(kServer, kClient));
  EXPECT_THAT(Only().derived().conflicts(),
              ElementsAre(v1::CONNECTION_CONFLICT_ROLES_DISAGREE));
}

TEST_F(TwoSidedTest, EndThatClosedItsDirectionLeavesItHalfClosed) {
  v1::Observation client = Initiated(kClient, kServer);
  client.set_state(v1::CONNECTION_STATE_FIN_WAIT_2);
  v1::Observation server = Accepted(kServer, kClient);
  server.set_state(v1::CONNECTION_STATE_CLOSE_WAIT);
  ReportClient(client);
  ReportServer(server);
  const v1::Connection connection = Only();
  EXPECT_THAT(connection.derived().conflicts(),
              ElementsAre(v1::CONNECTION_CONFLICT_HALF_CLOSED));
  ASSERT_THAT(connection.observations(), SizeIs(2));
  EXPECT_EQ(connection.observations(0).state(),
            v1::CONNECTION_STATE_FIN_WAIT_2);
  EXPECT_EQ(connection.observations(1).state(),
            v1::CONNECTION_STATE_CLOSE_WAIT);
}

TEST_F(TwoSidedTest, MappedEndAndPlainEndMeet) {
  v1::Observation server =
      Accepted("[::ffff:10.0.0.5]:5432", "[::ffff:10.0.0.9]:51000");
  server.mutable_socket()->set_family(v1::SOCKET_FAMILY_IPV6);
  v1::Observation client = Initiated(kClient, kServer);
  client.mutable_socket()->set_family(v1::SOCKET_FAMILY_IPV4);
  ReportClient(client);
  ReportServer(server);

  const v1::Connection connection = Only();
  ASSERT_THAT(connection.observations(), SizeIs(2));
  EXPECT_EQ(Text(connection.observations(1).local()), kServer);
  EXPECT_EQ(connection.observations(0).socket().family(),
            v1::SOCKET_FAMILY_IPV4);
  EXPECT_EQ(connection.observations(1).socket().family(),
            v1::SOCKET_FAMILY_IPV6);
}

}  // namespace
}  // namespace connreg
