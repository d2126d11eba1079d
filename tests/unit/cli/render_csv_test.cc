#include <set>
#include <string>

#include "client/cli/csv.h"
#include "client/cli/render.h"
#include "gmock/gmock.h"
#include "tests/unit/cli/formats.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

v1::LookupResponse AbsentWith(const std::string& text) {
  return FromText<v1::LookupResponse>("absent { " + text + " }");
}

auto RowOf(const v1::Connection& connection) {
  return RowByName(
      ConnectionsAsTable(Rows<v1::Connection>({connection}), kAsCsv));
}

TEST(RenderCsvTest, ColumnsDoNotDependOnTheRows) {
  EXPECT_EQ(
      NamesOf(ConnectionsAsTable({}, kAsCsv)),
      NamesOf(ConnectionsAsTable(Rows<v1::Connection>({Ended()}), kAsCsv)));
  EXPECT_EQ(NamesOf(ListenersAsTable({}, kAsCsv)),
            NamesOf(ListenersAsTable(
                Rows<v1::Listener>({ListenerAt("0.0.0.0:80")}), kAsCsv)));
}

TEST(RenderCsvTest, EveryColumnHasANameOfItsOwnInSnakeCase) {
  for (const Table& table :
       {ConnectionsAsTable({}, kAsCsv), ListenersAsTable({}, kAsCsv),
        EndpointsAsTable({}, kAsCsv), HostsAsTable({}, kAsCsv),
        AbsentAsTable({}, kAsCsv)}) {
    const std::vector<std::string> names = NamesOf(table);
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(),
              names.size());
    for (const std::string& name : names)
      EXPECT_THAT(name, MatchesRegex("[a-z][a-z0-9_]*"));
  }
}

TEST(RenderCsvTest, AClockThatIsBehindIsANumber) {
  v1::Host host;
  host.mutable_session()->mutable_clock_offset()->set_seconds(-4);

  const Table table = HostsAsTable(Rows<v1::Host>({host}), kAsCsv);
  EXPECT_THAT(CsvRows(table), HasSubstr(",-4,"));
}

TEST(RenderCsvTest, AConnectionTellsItsEndsApart) {
  auto row = RowOf(Joined());
  EXPECT_EQ(row["network"], "default");
  EXPECT_EQ(row["transport"], "tcp");
  EXPECT_EQ(row["roles_known"], "true");
  EXPECT_EQ(row["client_address"], "10.0.0.9");
  EXPECT_EQ(row["client_port"], "51000");
  EXPECT_EQ(row["client_host"], "web1");
  EXPECT_EQ(row["client_state"], "established");
  EXPECT_EQ(row["client_pids"], "812");
  EXPECT_EQ(row["client_process_names"], "nginx");
  EXPECT_EQ(row["server_address"], "10.0.0.5");
  EXPECT_EQ(row["server_port"], "5432");
  EXPECT_EQ(row["server_host"], "db1");
  EXPECT_EQ(row["server_process_names"], "postgres");
  EXPECT_EQ(row["close_time"], "");
}

TEST(RenderCsvTest, AConnectionHasItsCommunityId) {
  v1::Connection connection = Joined();
  connection.mutable_derived()->set_community_id(
      "1:SmAASlefIp2O8Kam70CCnxMgk+c=");
  EXPECT_EQ(RowOf(connection)["community_id"],
            "1:SmAASlefIp2O8Kam70CCnxMgk+c=");
}

TEST(RenderCsvTest, AMissingEndHasItsEndpointAndNothingElse) {
  auto row = RowOf(OneSided(v1::ONE_SIDED_REASON_NAT_SUSPECTED));
  EXPECT_EQ(row["client_host"], "web1");
  EXPECT_EQ(row["server_address"], "10.0.0.5");
  EXPECT_EQ(row["server_host"], "");
  EXPECT_EQ(row["server_state"], "");
  EXPECT_EQ(row["one_sided_reason"], "nat_suspected");
}

TEST(RenderCsvTest, EndsWithoutRolesSayThatTheyHaveNone) {
  v1::Connection connection = Joined();
  connection.mutable_derived()->clear_client();
  connection.mutable_derived()->clear_server();

  auto row = RowOf(connection);
  EXPECT_EQ(row["roles_known"], "false");
  EXPECT_EQ(row["client_host"], "web1");
  EXPECT_EQ(row["server_host"], "db1");
}

TEST(RenderCsvTest, ASocketConnectedToItselfStandsAtBothEnds) {
  v1::Connection connection;
  *connection.add_observations() =
      Side("web1", "127.0.0.1:5000", "127.0.0.1:5000", "nc", 7);
  *connection.mutable_derived()->mutable_client() = At("127.0.0.1:5000");
  *connection.mutable_derived()->mutable_server() = At("127.0.0.1:5000");

  auto row = RowOf(connection);
  EXPECT_EQ(row["client_pids"], "7");
  EXPECT_EQ(row["server_pids"], "7");
}

TEST(RenderCsvTest, WhatHasEndedSaysWhenAndWhy) {
  v1::Connection connection = Ended();
  connection.mutable_derived()->add_conflicts(
      v1::CONNECTION_CONFLICT_HALF_CLOSED);
  connection.mutable_derived()->add_conflicts(
      v1::CONNECTION_CONFLICT_ROLES_DISAGREE);

  auto row = RowOf(connection);
  EXPECT_EQ(row["close_time"], "2023-11-14T22:13:21Z");
  EXPECT_EQ(row["close_reason"], "lease_ended");
  EXPECT_EQ(row["conflicts"], "half_closed;roles_disagree");
}

TEST(RenderCsvTest, RowsStayInTheOrderOfTheService) {
  const Table table =
      ListenersAsTable(Rows<v1::Listener>({ListenerAt("10.0.0.9:80"),
                                           ListenerAt("10.0.0.5:80")}),
                       kAsCsv);

  EXPECT_EQ(RowByName(table, 0)["address"], "10.0.0.9");
  EXPECT_EQ(RowByName(table, 1)["address"], "10.0.0.5");
}

TEST(RenderCsvTest, AListenerHasItsFacts) {
  v1::Listener listener = ListenerAt("[::]:443");
  MakeStale(listener.mutable_derived());

  auto row =
      RowByName(ListenersAsTable(Rows<v1::Listener>({listener}), kAsCsv));
  EXPECT_EQ(row["address"], "::");
  EXPECT_EQ(row["port"], "443");
  EXPECT_EQ(row["state"], "listen");
  EXPECT_EQ(row["v6_only"], "false");
  EXPECT_EQ(row["pids"], "990");
  EXPECT_EQ(row["uid"], "");
  EXPECT_EQ(row["stale_since_time"], "2023-11-14T22:13:20Z");
}

TEST(RenderCsvTest, AnEndpointHasAColumnForEachState) {
  auto summary = FromText<v1::EndpointSummary>(R"(
    transport: TRANSPORT_TCP host: "db1" netns: "4102" netns_name: "blue"
    listener_count: 2 connection_count: 3
    states { state: CONNECTION_STATE_CLOSE_WAIT count: 3 })");
  *summary.mutable_endpoint() = At("10.0.0.5:5432");
  *summary.add_listeners() = ListenerAt("10.0.0.5:5432");
  *summary.add_listeners() = ListenerAt("0.0.0.0:5432");

  auto row =
      RowByName(EndpointsAsTable(Rows<v1::EndpointSummary>({summary}), kAsCsv));
  EXPECT_EQ(row["address"], "10.0.0.5");
  EXPECT_EQ(row["host"], "db1");
  EXPECT_EQ(row["netns"], "4102");
  EXPECT_EQ(row["netns_name"], "blue");
  EXPECT_EQ(row["listener_pids"], "990;990");
  EXPECT_EQ(row["close_wait"], "3");
  EXPECT_EQ(row["established"], "0");
}

TEST(RenderCsvTest, AHostHasItsFacts) {
  auto row = RowByName(HostsAsTable(Rows<v1::Host>({FromText<v1::Host>(R"(
    name: "web1" state: HOST_STATE_NO_AGENT reporter_count: 20
    reporters { name: "a" } reporters { name: "b;c" })")}),
                                    kAsCsv));
  EXPECT_EQ(row["host"], "web1");
  EXPECT_EQ(row["state"], "no_agent");
  EXPECT_EQ(row["state_time"], "");
  EXPECT_EQ(row["reporters"], "a;b\\073c");
  EXPECT_EQ(row["reporter_count"], "20");
  EXPECT_EQ(row["epoch"], "");
  EXPECT_EQ(row["divergence_count"], "");
}

TEST(RenderCsvTest, AHostHasTheFactsOfItsAgentsSession) {
  auto row = RowByName(HostsAsTable(Rows<v1::Host>({FromText<v1::Host>(R"(
    name: "web1" state: HOST_STATE_SYNCING
    session { epoch: 7 version: "0.1.0" boot_id: "b007" attached: true
              open_time { seconds: 1700000000 } interval { seconds: 5 }
              divergence_count: 2 })")}),
                                    kAsCsv));
  EXPECT_EQ(row["state"], "syncing");
  EXPECT_EQ(row["interval_seconds"], "5");
  EXPECT_EQ(row["agent_version"], "0.1.0");
  EXPECT_EQ(row["name_conflict_time"], "");
  EXPECT_EQ(row["divergence_count"], "2");
  EXPECT_EQ(row["epoch"], "7");
  EXPECT_EQ(row["attached"], "true");
  EXPECT_EQ(row["open_time"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(row["boot_id"], "b007");
}

TEST(RenderCsvTest, WhatIsAbsentHasItsReason) {
  auto row = RowByName(AbsentAsTable(AbsentWith(R"(
                      reason: ABSENT_REASON_HOST_STALE
                      stale_hosts { host: "db1" } stale_hosts { host: "db2" })")
                                         .absent(),
                                     kAsCsv));
  EXPECT_EQ(row["absent_reason"], "host_stale");
  EXPECT_EQ(row["stale_hosts"], "db1;db2");
}

}  // namespace
}  // namespace connreg::cli
