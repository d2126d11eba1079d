#include <optional>
#include <string>

#include "client/cli/render.h"
#include "client/cli/table.h"
#include "gmock/gmock.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

using testing::HasSubstr;

std::string Text(const std::vector<v1::Connection>& connections) {
  return FormatTable(ConnectionsAsTable(Rows(connections), kAsTable),
                     std::nullopt);
}

TEST(RenderConnectionsTest, AJoinedConnectionShowsBothEnds) {
  EXPECT_EQ(Text({Joined()}),
            "PROTO  STATE  CLIENT             SERVER         HOST        "
            "PROCESS\n"
            "tcp    ESTAB  10.0.0.9:51000  >  10.0.0.5:5432  web1 > db1  "
            "nginx,812 > postgres,990\n");
}

TEST(RenderConnectionsTest, AMissingServerShowsItsReason) {
  EXPECT_THAT(Text({OneSided(v1::ONE_SIDED_REASON_UNMANAGED)}),
              HasSubstr("web1 > (unmanaged)  nginx,812 > ?\n"));
  EXPECT_THAT(Text({OneSided(v1::ONE_SIDED_REASON_NOT_REPORTED)}),
              HasSubstr("web1 > (not reported)  nginx,812 > ?\n"));
  EXPECT_THAT(Text({OneSided(v1::ONE_SIDED_REASON_AMBIGUOUS)}),
              HasSubstr("web1 > (ambiguous)  nginx,812 > ?\n"));
  EXPECT_THAT(Text({OneSided(v1::ONE_SIDED_REASON_STALE)}),
              HasSubstr("web1 > (stale)  nginx,812 > ?\n"));
  EXPECT_THAT(Text({OneSided(v1::ONE_SIDED_REASON_NAT_SUSPECTED)}),
              HasSubstr("web1 > (nat suspected)  nginx,812 > ?\n"));
}

TEST(RenderConnectionsTest, AMissingClientStandsInFront) {
  v1::Connection connection = Joined();
  connection.mutable_observations()->DeleteSubrange(0, 1);
  connection.mutable_derived()->set_one_sided_reason(
      v1::ONE_SIDED_REASON_UNMANAGED);

  EXPECT_THAT(Text({connection}),
              HasSubstr("10.0.0.9:51000  >  10.0.0.5:5432  (unmanaged) > db1  "
                        "? > postgres,990\n"));
}

TEST(RenderConnectionsTest, WithoutRolesTheSignIsNeutral) {
  v1::Connection connection = Joined();
  connection.mutable_derived()->clear_client();
  connection.mutable_derived()->clear_server();

  EXPECT_THAT(Text({connection}),
              HasSubstr("10.0.0.9:51000  -  10.0.0.5:5432  web1 - db1  "
                        "nginx,812 - postgres,990\n"));
}

TEST(RenderConnectionsTest, WithoutRolesTheOnlyObservationIsTheFirstEnd) {
  v1::Connection connection = OneSided(v1::ONE_SIDED_REASON_NOT_REPORTED);
  connection.mutable_derived()->clear_client();
  connection.mutable_derived()->clear_server();

  EXPECT_THAT(Text({connection}), HasSubstr("web1 - (not reported)"));
}

TEST(RenderConnectionsTest, AConnectionWithinAHostNamesItOnce) {
  v1::Connection connection = Joined();
  connection.mutable_observations(1)
      ->mutable_provenance()
      ->mutable_reporter()
      ->set_host("web1");

  EXPECT_THAT(Text({connection}),
              HasSubstr("5432  web1  nginx,812 > postgres,990\n"));
}

TEST(RenderConnectionsTest, ASocketConnectedToItselfIsShownOnce) {
  v1::Connection connection;
  *connection.add_observations() =
      Side("web1", "127.0.0.1:5000", "127.0.0.1:5000", "nc", 7);
  *connection.mutable_derived()->mutable_client() = At("127.0.0.1:5000");
  *connection.mutable_derived()->mutable_server() = At("127.0.0.1:5000");

  EXPECT_THAT(Text({connection}),
              HasSubstr("127.0.0.1:5000  >  127.0.0.1:5000  web1  nc,7\n"));
}

TEST(RenderConnectionsTest, StatesThatDifferAreBothShown) {
  v1::Connection connection = Joined();
  connection.mutable_observations(1)->set_state(
      v1::CONNECTION_STATE_CLOSE_WAIT);

  EXPECT_THAT(Text({connection}), HasSubstr("tcp    ESTAB/CLOSE-WAIT  "));
}

TEST(RenderConnectionsTest, TheStateOfAMissingEndIsNotShown) {
  v1::Connection connection = OneSided(v1::ONE_SIDED_REASON_UNMANAGED);
  connection.mutable_observations(0)->set_state(
      v1::CONNECTION_STATE_FIN_WAIT_2);

  EXPECT_THAT(Text({connection}), HasSubstr("tcp    FIN-WAIT-2  10."));
}

TEST(RenderConnectionsTest, ConflictsAreAppended) {
  v1::Connection connection = Joined();
  connection.mutable_derived()->add_conflicts(
      v1::CONNECTION_CONFLICT_HALF_CLOSED);
  connection.mutable_derived()->add_conflicts(
      v1::CONNECTION_CONFLICT_ROLES_DISAGREE);

  EXPECT_THAT(Text({connection}),
              HasSubstr("postgres,990 [half-closed] [roles disagree]\n"));
}

TEST(RenderConnectionsTest, OneSilentHostIsNamed) {
  v1::Connection connection = Joined();
  MakeStale(connection.mutable_observations(0)->mutable_derived());
  connection.mutable_derived()->add_conflicts(
      v1::CONNECTION_CONFLICT_ONE_END_STALE);

  EXPECT_THAT(Text({connection}),
              HasSubstr("  nginx,812 > postgres,990 [web1 stale]\n"));
}

TEST(RenderConnectionsTest, WhereAllHostsAreSilentNoneIsNamed) {
  v1::Connection connection = Joined();
  for (v1::Observation& side : *connection.mutable_observations())
    MakeStale(side.mutable_derived());
  v1::Connection one_sided = OneSided(v1::ONE_SIDED_REASON_UNMANAGED);
  MakeStale(one_sided.mutable_observations(0)->mutable_derived());

  EXPECT_THAT(Text({connection}), HasSubstr("postgres,990 [stale]\n"));
  EXPECT_THAT(Text({one_sided}), HasSubstr("nginx,812 > ? [stale]\n"));
}

TEST(RenderConnectionsTest, AStaleEndIsToldEvenIfItIsNotToldWhich) {
  v1::Connection connection = Joined();
  connection.mutable_derived()->add_conflicts(
      v1::CONNECTION_CONFLICT_ONE_END_STALE);

  EXPECT_THAT(Text({connection}), HasSubstr("postgres,990 [one end stale]\n"));
}

TEST(RenderConnectionsTest, AConflictOfANewerServiceIsAQuestionMark) {
  v1::Connection connection = Joined();
  connection.mutable_derived()->add_conflicts(
      static_cast<v1::ConnectionConflict>(99));

  EXPECT_THAT(Text({connection}), HasSubstr("postgres,990 [?]\n"));
}

TEST(RenderConnectionsTest, AnEndedConnectionSaysWhenItsLastEndWentAndWhy) {
  EXPECT_THAT(Text({Ended()}),
              HasSubstr("tcp    CLOSED  10.0.0.9:51000  >  10.0.0.5:5432  "
                        "web1 > db1  nginx,812 > postgres,990 "
                        "[closed 1m59s ago: lease ended]\n"));
}

TEST(RenderConnectionsTest, AnEndedConnectionFollowsTheLiveOneOfItsFourTuple) {
  const Table table =
      ConnectionsAsTable(Rows<v1::Connection>({Joined(), Ended()}), kAsTable);

  EXPECT_EQ(table.rows[0][1].text, "ESTAB");
  EXPECT_EQ(table.rows[1][1].text, "CLOSED");
}

TEST(RenderConnectionsTest, OwnersThatAreNotKnownHaveTheirReason) {
  v1::Connection connection = Joined();
  v1::Owners* const owners =
      connection.mutable_observations(1)->mutable_socket()->mutable_owners();
  owners->Clear();
  owners->set_unknown_reason(v1::OWNER_UNKNOWN_REASON_NOT_PERMITTED);

  EXPECT_THAT(Text({connection}), HasSubstr("nginx,812 > (not permitted)\n"));
}

TEST(RenderConnectionsTest, AHostNameCannotCarryControlCharacters) {
  v1::Connection connection = Joined();
  connection.mutable_observations(0)
      ->mutable_provenance()
      ->mutable_reporter()
      ->set_host("a\x1b[2J");

  EXPECT_THAT(Text({connection}), HasSubstr("  a\\033[2J > db1  "));
}

TEST(RenderConnectionsTest, AHostNameCannotHideOrTurnText) {
  v1::Connection connection = Joined();
  connection.mutable_observations(0)
      ->mutable_provenance()
      ->mutable_reporter()
      ->set_host("a\u202E\u0378");

  EXPECT_THAT(Text({connection}),
              HasSubstr("  a\\342\\200\\256\\315\\270 > db1  "));
}

TEST(RenderConnectionsTest, AnotherNetworkBringsAColumn) {
  v1::Connection connection = Joined();
  connection.set_network("site-b");
  for (v1::Observation& side : *connection.mutable_observations())
    side.mutable_provenance()->mutable_reporter()->set_network("site-b");

  EXPECT_EQ(Text({connection}),
            "PROTO  STATE  CLIENT             SERVER         NETWORK  "
            "HOST        PROCESS\n"
            "tcp    ESTAB  10.0.0.9:51000  >  10.0.0.5:5432  site-b   "
            "web1 > db1  nginx,812 > postgres,990\n");
}

TEST(RenderConnectionsTest, SeveralNamespacesOnAHostBringAColumn) {
  v1::Connection connection = Joined();
  for (v1::Observation& side : *connection.mutable_observations())
    side.mutable_provenance()->mutable_reporter()->set_host("web1");
  connection.mutable_observations(0)->mutable_socket()->set_netns("1");
  connection.mutable_observations(1)->mutable_socket()->set_netns("4026");

  EXPECT_EQ(Text({connection}),
            "PROTO  STATE  CLIENT             SERVER         HOST  NETNS     "
            "PROCESS\n"
            "tcp    ESTAB  10.0.0.9:51000  >  10.0.0.5:5432  web1  1 > 4026  "
            "nginx,812 > postgres,990\n");
}

TEST(RenderConnectionsTest, OneNamespaceOnEachHostBringsNoColumn) {
  v1::Connection connection = Joined();
  connection.mutable_observations(0)->mutable_socket()->set_netns("1");
  connection.mutable_observations(1)->mutable_socket()->set_netns("4026");

  EXPECT_THAT(Text({connection}), testing::Not(HasSubstr("NETNS")));
}

TEST(RenderConnectionsTest, RowsAreOrderedByServerThenClientAsNumbers) {
  const auto connection = [](const std::string& client,
                             const std::string& server) {
    v1::Connection one = Joined();
    *one.mutable_derived()->mutable_client() = At(client);
    *one.mutable_derived()->mutable_server() = At(server);
    return one;
  };
  const Table table = ConnectionsAsTable(
      Rows<v1::Connection>({connection("10.0.0.1:9", "10.0.0.10:80"),
                            connection("10.0.0.10:9", "10.0.0.9:80"),
                            connection("10.0.0.2:9", "10.0.0.9:80"),
                            connection("[::1]:9", "[::1]:80"),
                            connection("10.0.0.2:9", "10.0.0.9:9")}),
      kAsTable);

  std::vector<std::string> order;
  for (const auto& row : table.rows)
    order.push_back(row[2].text + ">" + row[4].text);
  EXPECT_THAT(order, testing::ElementsAre(
                         "10.0.0.2:9>10.0.0.9:9", "10.0.0.2:9>10.0.0.9:80",
                         "10.0.0.10:9>10.0.0.9:80", "10.0.0.1:9>10.0.0.10:80",
                         "[::1]:9>[::1]:80"));
}

TEST(RenderConnectionsTest, AConnectionThatNobodyReportsIsShownAllTheSame) {
  EXPECT_THAT(Text({v1::Connection()}), HasSubstr("?      ?      :0"));
}

}  // namespace
}  // namespace connreg::cli
