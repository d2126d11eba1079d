#include <optional>
#include <string>
#include <vector>

#include "client/cli/render.h"
#include "client/cli/table.h"
#include "gmock/gmock.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

using testing::HasSubstr;

std::string Text(const std::vector<v1::Listener>& listeners) {
  return FormatTable(ListenersAsTable(Rows(listeners), kAsTable), std::nullopt);
}

TEST(RenderListenersTest, AListenerShowsItsEndpointHostAndProcess) {
  EXPECT_EQ(Text({ListenerAt("10.0.0.5:5432")}),
            "PROTO  STATE   ENDPOINT       HOST  PROCESS\n"
            "tcp    LISTEN  10.0.0.5:5432  db1   postgres,990\n");
}

TEST(RenderListenersTest, AnUnconnectedUdpSocketIsBound) {
  v1::Listener listener = ListenerAt("0.0.0.0:53");
  listener.mutable_socket()->set_transport(v1::TRANSPORT_UDP);
  listener.set_state(v1::LISTENER_STATE_BOUND);

  EXPECT_THAT(Text({listener}), HasSubstr("udp    BOUND  0.0.0.0:53  db1"));
}

TEST(RenderListenersTest, TheWildcardOfBothFamiliesIsAStar) {
  EXPECT_THAT(Text({ListenerAt("[::]:443")}), HasSubstr("  *:443  "));
}

TEST(RenderListenersTest, TheWildcardOfIpv6AloneIsInBrackets) {
  v1::Listener listener = ListenerAt("[::]:443");
  listener.set_v6_only(true);

  EXPECT_THAT(Text({listener}), HasSubstr("  [::]:443  "));
}

TEST(RenderListenersTest, TheDeviceStandsBeforeThePort) {
  v1::Listener dhcp = ListenerAt("0.0.0.0:68");
  dhcp.set_device("eth0");
  v1::Listener web = ListenerAt("[::]:443");
  web.set_device("eth0");

  EXPECT_THAT(Text({dhcp}), HasSubstr("  0.0.0.0%eth0:68  "));
  EXPECT_THAT(Text({web}), HasSubstr("  *%eth0:443  "));
}

TEST(RenderListenersTest, AZoneIsNotSaidTwice) {
  v1::Listener listener = ListenerAt("[fe80::1%eth0]:22");
  listener.set_device("eth0");

  EXPECT_THAT(Text({listener}), HasSubstr("  [fe80::1%eth0]:22  "));
}

TEST(RenderListenersTest, WhatFollowsForTheEndpointIsAppendedToTheHost) {
  v1::Listener listener = ListenerAt("0.0.0.0:80");
  listener.mutable_derived()->set_address_unverified(true);
  listener.mutable_derived()->set_multi_host(true);

  EXPECT_THAT(Text({listener}),
              HasSubstr("db1 [unverified] [multi-host]  postgres,990\n"));
}

TEST(RenderListenersTest, AListenerOfASilentHostIsStale) {
  v1::Listener listener = ListenerAt("0.0.0.0:80");
  MakeStale(listener.mutable_derived());

  EXPECT_THAT(Text({listener}), HasSubstr("db1 [stale]  postgres,990\n"));
}

TEST(RenderListenersTest, AnotherNetworkBringsAColumn) {
  v1::Listener listener = ListenerAt("0.0.0.0:80");
  listener.mutable_provenance()->mutable_reporter()->set_network("site-b");

  EXPECT_EQ(Text({listener, ListenerAt("0.0.0.0:443")}),
            "PROTO  STATE   ENDPOINT     NETWORK  HOST  PROCESS\n"
            "tcp    LISTEN  0.0.0.0:80   site-b   db1   postgres,990\n"
            "tcp    LISTEN  0.0.0.0:443  default  db1   postgres,990\n");
}

TEST(RenderListenersTest, SeveralNamespacesOnAHostBringAColumn) {
  v1::Listener one = ListenerAt("0.0.0.0:80");
  one.mutable_socket()->set_netns("1");
  v1::Listener other = ListenerAt("0.0.0.0:80");
  other.mutable_socket()->set_netns("4026");
  v1::Listener any = ListenerAt("0.0.0.0:81");

  EXPECT_EQ(Text({one, other, any}),
            "PROTO  STATE   ENDPOINT    HOST  NETNS  PROCESS\n"
            "tcp    LISTEN  0.0.0.0:80  db1   1      postgres,990\n"
            "tcp    LISTEN  0.0.0.0:80  db1   4026   postgres,990\n"
            "tcp    LISTEN  0.0.0.0:81  db1   ?      postgres,990\n");
}

TEST(RenderListenersTest, ANamedNamespaceBringsAColumnThoughItIsAlone) {
  v1::Listener listener = ListenerAt("0.0.0.0:80");
  listener.mutable_socket()->set_netns("4026");
  listener.mutable_socket()->set_netns_name("blue");

  EXPECT_EQ(Text({listener}),
            "PROTO  STATE   ENDPOINT    HOST  NETNS        PROCESS\n"
            "tcp    LISTEN  0.0.0.0:80  db1   blue (4026)  postgres,990\n");
}

TEST(RenderListenersTest, RowsAreOrderedByEndpointThenHost) {
  v1::Listener other_host = ListenerAt("10.0.0.9:80");
  other_host.mutable_provenance()->mutable_reporter()->set_host("a1");
  const Table table = ListenersAsTable(
      Rows<v1::Listener>({ListenerAt("[::]:22"), ListenerAt("10.0.0.10:80"),
                          ListenerAt("10.0.0.9:443"), ListenerAt("10.0.0.9:80"),
                          other_host}),
      kAsTable);

  std::vector<std::string> order;
  for (const auto& row : table.rows)
    order.push_back(row[2].text + " " + row[3].text);
  EXPECT_THAT(order, testing::ElementsAre("10.0.0.9:80 a1", "10.0.0.9:80 db1",
                                          "10.0.0.9:443 db1",
                                          "10.0.0.10:80 db1", "*:22 db1"));
}

}  // namespace
}  // namespace connreg::cli
