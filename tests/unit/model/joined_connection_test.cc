// What Join() derives of a connection once it has its ends.

#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "service/model/join.h"
#include "tests/unit/model/joined.h"
#include "tests/unit/model/rows.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using testing::UnorderedElementsAre;

// ---- Roles ----

std::vector<Connection> OnOneHost(Role client, RoleEvidence client_evidence,
                                  Role server, RoleEvidence server_evidence) {
  return Joined({WithRole(Server(kS), server, server_evidence),
                 WithRole(Client(kS), client, client_evidence)});
}

MATCHER_P(HasRolesBy, evidence, "") {
  return arg.client == EndpointOf("10.0.0.9:51000") &&
         arg.server == EndpointOf("10.0.0.5:5432") &&
         arg.evidence == evidence && arg.conflicts.empty() &&
         arg.first.facts.tuple.local() == arg.client;
}

MATCHER_P(HasNoRolesBut, evidence, "") {
  return !arg.client && !arg.server && arg.evidence == evidence;
}

TEST(JoinedConnectionTest, KnowsTheRolesFromTheServersListener) {
  EXPECT_THAT(OnOneHost(Role::kUnknown, RoleEvidence::kUnknown, Role::kServer,
                        RoleEvidence::kListener),
              ElementsAre(HasRolesBy(RoleEvidence::kListener)));
}

TEST(JoinedConnectionTest, KnowsTheRolesFromTheClientsSyn) {
  EXPECT_THAT(OnOneHost(Role::kClient, RoleEvidence::kInitiated, Role::kUnknown,
                        RoleEvidence::kUnknown),
              ElementsAre(HasRolesBy(RoleEvidence::kInitiated)));
}

TEST(JoinedConnectionTest, KnowsTheRolesFromBothEnds) {
  EXPECT_THAT(OnOneHost(Role::kClient, RoleEvidence::kInitiated, Role::kServer,
                        RoleEvidence::kListener),
              ElementsAre(HasRolesBy(RoleEvidence::kInitiated)));
}

TEST(JoinedConnectionTest, KnowsTheRolesOfAOneSidedConnection) {
  EXPECT_THAT(
      Joined({WithRole(Client(), Role::kClient, RoleEvidence::kInitiated)}),
      ElementsAre(HasRolesBy(RoleEvidence::kInitiated)));

  const std::vector<Connection> seen_by_server =
      Joined({WithRole(Server(), Role::kServer, RoleEvidence::kListener)});
  ASSERT_EQ(seen_by_server.size(), 1);
  EXPECT_THAT(seen_by_server[0].client, Optional(EndpointOf("10.0.0.9:51000")));
  EXPECT_THAT(seen_by_server[0].server, Optional(EndpointOf("10.0.0.5:5432")));
}

TEST(JoinedConnectionTest, NeverGuessesRolesFromPorts) {
  const std::vector<Connection> connections =
      OnOneHost(Role::kUnknown, RoleEvidence::kUnknown, Role::kUnknown,
                RoleEvidence::kUnknown);

  ASSERT_THAT(connections, ElementsAre(HasNoRolesBut(RoleEvidence::kUnknown)));
  EXPECT_THAT(connections[0].conflicts, IsEmpty());
  EXPECT_EQ(connections[0].first.facts.tuple.local(),
            EndpointOf("10.0.0.5:5432"))
      << "the lower endpoint comes first";
}

TEST(JoinedConnectionTest, TakesAClientOnALowPortForTheClient) {
  const std::vector<Connection> connections =
      Joined({WithRole(End(kC, "10.0.0.9:800", "10.0.0.5:2049"), Role::kClient,
                       RoleEvidence::kInitiated)});

  ASSERT_EQ(connections.size(), 1);
  EXPECT_THAT(connections[0].client, Optional(EndpointOf("10.0.0.9:800")));
}

TEST(JoinedConnectionTest, ShowsThatBothEndsClaimToBeTheServer) {
  const std::vector<Connection> connections =
      OnOneHost(Role::kServer, RoleEvidence::kListener, Role::kServer,
                RoleEvidence::kListener);

  ASSERT_THAT(connections, ElementsAre(HasNoRolesBut(RoleEvidence::kUnknown)));
  EXPECT_THAT(connections[0].conflicts, ElementsAre(Conflict::kRolesDisagree));
}

TEST(JoinedConnectionTest,
     ShowsThatBothEndsClaimToBeTheClientOneByDeclaration) {
  for (const auto& [one, other] :
       {std::pair(RoleEvidence::kDeclared, RoleEvidence::kInitiated),
        std::pair(RoleEvidence::kInitiated, RoleEvidence::kDeclared),
        std::pair(RoleEvidence::kDeclared, RoleEvidence::kDeclared)}) {
    const std::vector<Connection> connections =
        OnOneHost(Role::kClient, one, Role::kClient, other);

    ASSERT_THAT(connections,
                ElementsAre(HasNoRolesBut(RoleEvidence::kUnknown)));
    EXPECT_THAT(connections[0].conflicts,
                ElementsAre(Conflict::kRolesDisagree));
  }
}

TEST(JoinedConnectionTest, TakesTwoEndsThatBothInitiatedForASimultaneousOpen) {
  const std::vector<Connection> connections =
      OnOneHost(Role::kClient, RoleEvidence::kInitiated, Role::kClient,
                RoleEvidence::kInitiated);

  ASSERT_THAT(connections,
              ElementsAre(HasNoRolesBut(RoleEvidence::kSimultaneous)));
  EXPECT_THAT(connections[0].conflicts, IsEmpty());
  EXPECT_TRUE(connections[0].second);
}

TEST(JoinedConnectionTest, BelievesAnEndThatSawTheSimultaneousOpen) {
  EXPECT_THAT(OnOneHost(Role::kBoth, RoleEvidence::kSimultaneous,
                        Role::kUnknown, RoleEvidence::kUnknown),
              ElementsAre(HasNoRolesBut(RoleEvidence::kSimultaneous)));
}

// ---- A socket connected to itself ----

TEST(JoinedConnectionTest, MakesOneConnectionOfASelfConnect) {
  const Observation row = End(kS, "127.0.0.1:8088", "127.0.0.1:8088");

  for (const auto& [role, evidence] :
       {std::pair(Role::kBoth, RoleEvidence::kSelf),
        std::pair(Role::kClient, RoleEvidence::kDeclared),
        std::pair(Role::kUnknown, RoleEvidence::kUnknown)}) {
    const Observation with_role = WithRole(row, role, evidence);
    const std::vector<Connection> connections = Joined({with_role});

    ASSERT_THAT(connections, ElementsAre(IsWholeIn(with_role)));
    EXPECT_THAT(connections[0].client, Optional(EndpointOf("127.0.0.1:8088")));
    EXPECT_THAT(connections[0].server, Optional(EndpointOf("127.0.0.1:8088")));
    EXPECT_EQ(connections[0].evidence, RoleEvidence::kSelf);
    EXPECT_THAT(connections[0].conflicts, IsEmpty());
  }
}

TEST(JoinedConnectionTest, KeepsTheSelfConnectsOfTwoNamespacesApart) {
  const Observation one = End(On("s", "1"), "10.0.0.5:88", "10.0.0.5:88");
  const Observation two = End(On("s", "2"), "10.0.0.5:88", "10.0.0.5:88");

  EXPECT_THAT(Joined({one, two}),
              UnorderedElementsAre(IsWholeIn(one), IsWholeIn(two)));
}

// ---- Half-closed ----

std::vector<Conflict> ConflictsOf(ConnectionState client,
                                  ConnectionState server) {
  const std::vector<Connection> connections =
      Joined({InState(Client(kS), client), InState(Server(kS), server)});
  EXPECT_EQ(connections.size(), 1);
  return connections.at(0).conflicts;
}

TEST(JoinedConnectionTest, ShowsThatOneDirectionIsClosed) {
  using enum ConnectionState;
  for (const auto& [client, server] :
       {std::pair(kFinWait2, kCloseWait), std::pair(kFinWait1, kCloseWait),
        std::pair(kFinWait1, kEstablished), std::pair(kFinWait2, kEstablished),
        std::pair(kEstablished, kCloseWait),
        std::pair(kCloseWait, kFinWait2)}) {
    EXPECT_THAT(ConflictsOf(client, server), ElementsAre(Conflict::kHalfClosed))
        << static_cast<int>(client) << " and " << static_cast<int>(server);
  }
}

TEST(JoinedConnectionTest,
     ShowsNoHalfWhereBothDirectionsAreOpenOrBothAreClosed) {
  using enum ConnectionState;
  for (const auto& [client, server] :
       {std::pair(kEstablished, kEstablished),
        std::pair(kSynSent, kSynReceived), std::pair(kFinWait2, kLastAck),
        std::pair(kClosing, kClosing), std::pair(kFinWait1, kFinWait1),
        std::pair(kFinWait1, kClosing), std::pair(kCloseWait, kCloseWait),
        std::pair(kLastAck, kCloseWait)}) {
    EXPECT_THAT(ConflictsOf(client, server), IsEmpty())
        << static_cast<int>(client) << " and " << static_cast<int>(server);
  }
}

TEST(JoinedConnectionTest, ShowsAHalfClosedConnectionFromOneEnd) {
  const std::vector<Connection> connections =
      Joined({InState(Client(), ConnectionState::kCloseWait)});

  ASSERT_EQ(connections.size(), 1);
  EXPECT_THAT(connections[0].conflicts, ElementsAre(Conflict::kHalfClosed));
}

// ---- Silent hosts ----

TEST(JoinedConnectionTest, ShowsThatOneOfItsEndsIsStale) {
  for (const auto& [client, server] : {std::pair(Client(), Stale(Server())),
                                       std::pair(Stale(Client()), Server())}) {
    const std::vector<Connection> connections =
        Joined({client, server}, EachItsOwn());

    ASSERT_EQ(connections.size(), 1);
    EXPECT_TRUE(connections[0].second);
    EXPECT_THAT(connections[0].conflicts, ElementsAre(Conflict::kOneEndStale));
  }
}

TEST(JoinedConnectionTest, ShowsNoConflictOfTwoStaleEndsOrOfALoneOne) {
  const std::vector<Connection> both =
      Joined({Stale(Client()), Stale(Server())}, EachItsOwn());
  ASSERT_EQ(both.size(), 1);
  EXPECT_TRUE(both[0].second);
  EXPECT_THAT(both[0].conflicts, IsEmpty());

  const std::vector<Connection> lone = Joined({Stale(Client())}, EachItsOwn());
  ASSERT_EQ(lone.size(), 1);
  EXPECT_THAT(lone[0].conflicts, IsEmpty());
}

}  // namespace
}  // namespace connreg
