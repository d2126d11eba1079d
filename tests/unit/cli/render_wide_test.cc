#include "client/cli/render.h"
#include "gmock/gmock.h"
#include "tests/unit/cli/formats.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

using testing::Contains;

// Joined() with all that its ends may tell.
v1::Connection Detailed() {
  v1::Connection connection = Joined();
  int number = 0;
  for (v1::Observation& side : *connection.mutable_observations()) {
    ++number;
    v1::Socket* const socket = side.mutable_socket();
    socket->set_uid(1000 + number);
    socket->set_cookie(0x10 + number);
    socket->set_inode(500 + number);
    socket->set_netns("4026");
    side.mutable_provenance()->mutable_reporter()->set_name("connreg-agent");
    side.mutable_provenance()->mutable_first_seen_time()->set_seconds(
        1700000000 + number);
    side.mutable_provenance()->mutable_change_time()->set_seconds(1700000010 +
                                                                  number);
  }
  connection.mutable_derived()->set_community_id(
      "1:SmAASlefIp2O8Kam70CCnxMgk+c=");
  connection.mutable_observations(0)->set_role_evidence(
      v1::ROLE_EVIDENCE_INITIATED);
  connection.mutable_observations(1)->set_role_evidence(
      v1::ROLE_EVIDENCE_LISTENER);
  return connection;
}

TEST(RenderWideTest, AConnectionTellsAllOfBothItsEnds) {
  auto row = RowByName(
      ConnectionsAsTable(Rows<v1::Connection>({Detailed()}), kAsWide));
  EXPECT_EQ(row["CLIENT"], "10.0.0.9:51000");
  EXPECT_EQ(row["HOST"], "web1 > db1");
  EXPECT_EQ(row["NETWORK"], "default");
  EXPECT_EQ(row["NETNS"], "4026 > 4026");
  EXPECT_EQ(row["ROLES BY"], "initiated > listener");
  EXPECT_EQ(row["UID"], "1001 > 1002");
  EXPECT_EQ(row["COOKIE"], "0x11 > 0x12");
  EXPECT_EQ(row["INODE"], "501 > 502");
  EXPECT_EQ(row["FIRST SEEN"], "2023-11-14T22:13:21Z > 2023-11-14T22:13:22Z");
  EXPECT_EQ(row["CHANGED"], "2023-11-14T22:13:31Z > 2023-11-14T22:13:32Z");
  EXPECT_EQ(row["REPORTER"], "connreg-agent > connreg-agent");
  EXPECT_EQ(row["COMMUNITY ID"], "1:SmAASlefIp2O8Kam70CCnxMgk+c=");
}

TEST(RenderWideTest, AllProcessesOfAnEndAreNamed) {
  v1::Connection connection = Joined();
  v1::Process* const second = connection.mutable_observations(0)
                                  ->mutable_socket()
                                  ->mutable_owners()
                                  ->add_processes();
  second->set_pid(813);
  second->set_display_name("nginx");

  EXPECT_EQ(RowByName(ConnectionsAsTable(Rows<v1::Connection>({connection}),
                                         kAsWide))["PROCESS"],
            "nginx,812; nginx,813 > postgres,990");
}

TEST(RenderWideTest, AnEndSaysWhoRunsWhatInWhichContainer) {
  v1::Connection connection = Joined();
  v1::Process* const client = connection.mutable_observations(0)
                                  ->mutable_socket()
                                  ->mutable_owners()
                                  ->mutable_processes(0);
  client->set_user("www-data");
  client->set_executable("/usr/sbin/nginx");
  client->set_container_id(std::string(64, 'c'));

  auto row = RowByName(
      ConnectionsAsTable(Rows<v1::Connection>({connection}), kAsWide));
  EXPECT_EQ(row["USER"], "www-data > ?");
  EXPECT_EQ(row["EXECUTABLE"], "/usr/sbin/nginx > ?");
  EXPECT_EQ(row["CONTAINER"], "cccccccccccc > ?");
}

TEST(RenderWideTest, WhatProcessesHaveInCommonIsSaidOnce) {
  v1::Listener listener = ListenerAt("0.0.0.0:80");
  v1::Owners* const owners = listener.mutable_socket()->mutable_owners();
  owners->mutable_processes(0)->set_user("root");
  owners->mutable_processes(0)->set_executable("/usr/sbin/nginx");
  for (int pid = 991; pid < 995; ++pid) {
    v1::Process* const worker = owners->add_processes();
    worker->set_pid(pid);
    worker->set_uid(33);
    worker->set_executable("/usr/sbin/nginx");
  }

  auto row =
      RowByName(ListenersAsTable(Rows<v1::Listener>({listener}), kAsWide));
  EXPECT_EQ(row["USER"], "root; uid 33");
  EXPECT_EQ(row["EXECUTABLE"], "/usr/sbin/nginx");
  EXPECT_EQ(row["CONTAINER"], "?");
}

TEST(RenderWideTest, WhatIsNotKnownOfAConnectionIsAQuestionMark) {
  auto row = RowByName(ConnectionsAsTable(
      Rows<v1::Connection>({OneSided(v1::ONE_SIDED_REASON_UNMANAGED)}),
      kAsWide));
  EXPECT_EQ(row["UID"], "? > ?");
  EXPECT_EQ(row["FIRST SEEN"], "? > ?");
  EXPECT_EQ(row["NOTES"], "");
}

TEST(RenderWideTest, AnEndHasItsExactTimeAmongTheNotes) {
  EXPECT_EQ(RowByName(ConnectionsAsTable(Rows<v1::Connection>({Ended()}),
                                         kAsWide))["NOTES"],
            "[closed 2023-11-14T22:13:21Z: lease ended]");
}

TEST(RenderWideTest, AListenerTellsItsSocketAndItsDevice) {
  v1::Listener listener = ListenerAt("[::]:443");
  listener.set_v6_only(true);
  listener.set_device("eth0");
  listener.mutable_socket()->set_uid(0);
  listener.mutable_provenance()->mutable_first_seen_time()->set_seconds(
      1700000000);
  listener.mutable_derived()->set_multi_host(true);
  MakeStale(listener.mutable_derived());

  auto row =
      RowByName(ListenersAsTable(Rows<v1::Listener>({listener}), kAsWide));
  EXPECT_EQ(row["ENDPOINT"], "[::]%eth0:443");
  EXPECT_EQ(row["V6ONLY"], "true");
  EXPECT_EQ(row["DEVICE"], "eth0");
  EXPECT_EQ(row["UID"], "0");
  EXPECT_EQ(row["FIRST SEEN"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(row["CHANGED"], "?");
  EXPECT_EQ(row["NETNS"], "?");
  EXPECT_EQ(row["NOTES"], "[multi-host] [stale]");
}

TEST(RenderWideTest, AnEndpointNamesAllListenersAndCountsByEveryState) {
  auto summary = FromText<v1::EndpointSummary>(R"(
    transport: TRANSPORT_TCP listener_count: 40 connection_count: 3
    states { state: CONNECTION_STATE_ESTABLISHED count: 3 })");
  *summary.mutable_endpoint() = At("10.0.0.5:5432");
  *summary.add_listeners() = ListenerAt("10.0.0.5:5432");
  *summary.add_listeners() = ListenerAt("0.0.0.0:5432");
  MakeStale(summary.mutable_listeners(1)->mutable_derived());

  auto row = RowByName(
      EndpointsAsTable(Rows<v1::EndpointSummary>({summary}), kAsWide));
  EXPECT_EQ(row["LISTENERS"], "postgres,990; postgres,990 [stale] (+38)");
  EXPECT_EQ(row["ESTAB"], "3");
  EXPECT_EQ(row["SYN-SENT"], "0");
  EXPECT_EQ(row["LAST-ACK"], "0");
}

TEST(RenderWideTest, AHostNamesAllReportersAndItsExactTimes) {
  auto host = FromText<v1::Host>(R"(
    name: "web1" state: HOST_STATE_LIVE netns_count: 2 reporter_count: 20
    state_time { seconds: 1700000000 nanos: 500000000 }
    reporters { name: "connreg-agent" } reporters { name: "deploy" })");

  auto row = RowByName(HostsAsTable(Rows<v1::Host>({host}), kAsWide));
  EXPECT_EQ(row["SINCE"], "2023-11-14T22:13:20.5Z");
  EXPECT_EQ(row["LAST REPORT"], "?");
  EXPECT_EQ(row["NAMESPACES"], "2");
  EXPECT_EQ(row["REPORTERS"], "connreg-agent; deploy (+18)");
  EXPECT_EQ(row["REFUSED"], "0");
}

TEST(RenderWideTest, AHostShowsTheSessionOfItsAgent) {
  auto host = FromText<v1::Host>(R"(
    name: "web1" state: HOST_STATE_LIVE
    session { epoch: 7 version: "0.1.0" boot_id: "b007" attached: true
              open_time { seconds: 1700000000 } interval { seconds: 5 }
              divergence_count: 2 })");

  auto row = RowByName(HostsAsTable(Rows<v1::Host>({host}), kAsWide));
  EXPECT_EQ(row["INTERVAL"], "5s");
  EXPECT_EQ(row["VERSION"], "0.1.0");
  EXPECT_EQ(row["DIVERGENCES"], "2");
  EXPECT_EQ(row["EPOCH"], "7");
  EXPECT_EQ(row["ATTACHED"], "true");
  EXPECT_EQ(row["OPENED"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(row["BOOT ID"], "b007");
}

TEST(RenderWideTest, AHostWithoutASessionHasDashes) {
  auto row = RowByName(HostsAsTable(Rows<v1::Host>({v1::Host()}), kAsWide));
  for (const char* name :
       {"INTERVAL", "CLOCK", "VERSION", "NAME CONFLICT", "DIVERGENCES", "EPOCH",
        "ATTACHED", "OPENED", "BOOT ID"})
    EXPECT_EQ(row[name], "-") << name;
}

TEST(RenderWideTest, NoColumnMayBeShortened) {
  for (const Table& table :
       {ConnectionsAsTable({}, kAsWide), ListenersAsTable({}, kAsWide),
        EndpointsAsTable({}, kAsWide), HostsAsTable({}, kAsWide)}) {
    for (const Column& column : table.columns)
      EXPECT_FALSE(column.may_shorten) << column.name;
    EXPECT_THAT(NamesOf(table), Contains("NETWORK"));
  }
}

}  // namespace
}  // namespace connreg::cli
