#include <optional>
#include <string>
#include <vector>

#include "client/cli/render.h"
#include "client/cli/table.h"
#include "gmock/gmock.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string Text(const std::vector<v1::EndpointSummary>& endpoints) {
  return FormatTable(EndpointsAsTable(Rows(endpoints), kAsTable), std::nullopt);
}

// Where db1's postgres listens, with 13 connections.
v1::EndpointSummary Served(const std::string& endpoint) {
  auto summary = FromText<v1::EndpointSummary>(R"(
    network: "default"
    transport: TRANSPORT_TCP
    host: "db1"
    netns: "4101"
    listener_count: 1
    connection_count: 13
    states { state: CONNECTION_STATE_ESTABLISHED count: 12 }
    states { state: CONNECTION_STATE_CLOSE_WAIT count: 1 })");
  *summary.mutable_endpoint() = At(endpoint);
  *summary.add_listeners() = ListenerAt(endpoint);
  return summary;
}

// The client's end of one connection.
v1::EndpointSummary Unserved() {
  auto summary = FromText<v1::EndpointSummary>(R"(
    network: "default"
    transport: TRANSPORT_TCP
    connection_count: 1
    states { state: CONNECTION_STATE_ESTABLISHED count: 1 })");
  *summary.mutable_endpoint() = At("10.0.0.9:51000");
  return summary;
}

TEST(RenderEndpointsTest, AnEndpointShowsItsListenerAndItsConnectionsByState) {
  EXPECT_EQ(
      Text({Served("10.0.0.5:5432"), Unserved()}),
      "PROTO  ENDPOINT        HOST  LISTENER      CONNECTIONS  STATES\n"
      "tcp    10.0.0.5:5432   db1   postgres,990  13           ESTAB 12, "
      "CLOSE-WAIT 1\n"
      "tcp    10.0.0.9:51000  ?     -             1            ESTAB 1\n");
}

TEST(RenderEndpointsTest, WithoutConnectionsThereAreNoStates) {
  v1::EndpointSummary summary = Served("10.0.0.5:5432");
  summary.clear_states();
  summary.set_connection_count(0);

  EXPECT_THAT(Text({summary}), HasSubstr("db1   postgres,990  0\n"));
}

TEST(RenderEndpointsTest, OfSeveralListenersTheOthersAreCounted) {
  v1::EndpointSummary summary = Served("10.0.0.5:5432");
  *summary.add_listeners() = ListenerAt("0.0.0.0:5432");
  summary.set_listener_count(40);

  EXPECT_THAT(Text({summary}), HasSubstr("  db1   postgres,990 (+39)  13"));
}

TEST(RenderEndpointsTest, ManyHoldersOfAListenerAreNotTakenForListeners) {
  v1::EndpointSummary summary = Served("10.0.0.5:5432");
  v1::Owners* const owners =
      summary.mutable_listeners(0)->mutable_socket()->mutable_owners();
  owners->add_processes()->set_pid(991);

  EXPECT_THAT(Text({summary}), HasSubstr("  db1   postgres,990  13"));
}

TEST(RenderEndpointsTest, AListenerOfASilentHostIsStale) {
  v1::EndpointSummary summary = Served("10.0.0.5:5432");
  MakeStale(summary.mutable_listeners(0)->mutable_derived());
  summary.set_listener_count(2);

  EXPECT_THAT(Text({summary}),
              HasSubstr("  db1   postgres,990 (+1) [stale]  "));
}

TEST(RenderEndpointsTest, AWildcardIsShownAsItsListenerIs) {
  v1::EndpointSummary v6_only = Served("[::]:443");
  v6_only.mutable_listeners(0)->set_v6_only(true);

  EXPECT_THAT(Text({Served("[::]:443")}), HasSubstr("  *:443  "));
  EXPECT_THAT(Text({v6_only}), HasSubstr("  [::]:443  "));
}

TEST(RenderEndpointsTest, AnotherNetworkBringsAColumn) {
  v1::EndpointSummary other = Unserved();
  other.set_network("site-b");

  EXPECT_EQ(Text({Unserved(), other}),
            "PROTO  ENDPOINT        NETWORK  HOST  LISTENER  CONNECTIONS  "
            "STATES\n"
            "tcp    10.0.0.9:51000  default  ?     -         1            "
            "ESTAB 1\n"
            "tcp    10.0.0.9:51000  site-b   ?     -         1            "
            "ESTAB 1\n");
}

TEST(RenderEndpointsTest, SeveralNamespacesOnAHostBringAColumn) {
  v1::EndpointSummary named = Served("10.0.0.5:5432");
  named.set_netns("4102");
  named.set_netns_name("blue");

  EXPECT_THAT(Text({Served("10.0.0.5:5432"), named}),
              AllOf(HasSubstr("  HOST  NETNS        LISTENER  "),
                    HasSubstr("  db1   4101         postgres,990  "),
                    HasSubstr("  db1   blue (4102)  postgres,990  ")));
}

TEST(RenderEndpointsTest, RowsStayInTheOrderOfTheService) {
  const Table table =
      EndpointsAsTable(Rows<v1::EndpointSummary>(
                           {Served("10.0.0.9:80"), Served("10.0.0.5:443")}),
                       kAsTable);

  EXPECT_EQ(table.rows[0][1].text, "10.0.0.9:80");
  EXPECT_EQ(table.rows[1][1].text, "10.0.0.5:443");
}

}  // namespace
}  // namespace connreg::cli
