#include "client/cli/connection_block.h"

#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

v1::Observation& ClientOf(v1::Connection& connection) {
  return *connection.mutable_observations(0);
}
v1::Observation& ServerOf(v1::Connection& connection) {
  return *connection.mutable_observations(1);
}

// Joined() with all that a person asks of it.
v1::Connection Detailed() {
  v1::Connection connection = Joined();
  for (v1::Observation& side : *connection.mutable_observations()) {
    v1::Provenance* const provenance = side.mutable_provenance();
    provenance->mutable_first_seen_time()->set_seconds(1700000000);
    provenance->mutable_change_time()->set_seconds(1700000000);
  }
  ClientOf(connection).set_role(v1::ROLE_CLIENT);
  ClientOf(connection).set_role_evidence(v1::ROLE_EVIDENCE_INITIATED);
  ServerOf(connection).set_role(v1::ROLE_SERVER);
  ServerOf(connection).set_role_evidence(v1::ROLE_EVIDENCE_LISTENER);
  ServerOf(connection).set_listener_cookie(77);
  connection.mutable_derived()->set_community_id(
      "1:SmAASlefIp2O8Kam70CCnxMgk+c=");
  return connection;
}

// That the server's end of Detailed() was accepted from.
v1::Listener Waiting() {
  v1::Listener listener = ListenerAt("0.0.0.0:5432");
  listener.mutable_socket()->set_cookie(77);
  return listener;
}

std::string Block(const v1::Connection& connection,
                  const std::vector<v1::Listener>& waiting = {Waiting()}) {
  const auto listeners = Rows(waiting);
  return ConnectionBlock(connection, &listeners, kAsTable, std::nullopt);
}

// The block of a connection of which nobody looked for listeners.
std::string LoneBlock(const v1::Connection& connection) {
  return ConnectionBlock(connection, nullptr, kAsTable, std::nullopt);
}

TEST(ConnectionBlockTest, BothEndsAreShownWithWhatIsKnownOfThem) {
  EXPECT_EQ(
      Block(Detailed()),
      "tcp connection, ESTAB\n"
      "client        10.0.0.9:51000 on web1\n"
      "  process     nginx,812\n"
      "  role        client: seen in SYN-SENT\n"
      "  first seen  2m ago\n"
      "server        10.0.0.5:5432 on db1\n"
      "  process     postgres,990\n"
      "  role        server: accepted from the listener 0.0.0.0:5432, which "
      "still waits\n"
      "  first seen  2m ago\n"
      "community id  1:SmAASlefIp2O8Kam70CCnxMgk+c=\n");
}

// ---- States, times, places ----

TEST(ConnectionBlockTest, StatesThatDifferStandAtTheirEnds) {
  v1::Connection connection = Detailed();
  ClientOf(connection).set_state(v1::CONNECTION_STATE_FIN_WAIT_2);
  ServerOf(connection).set_state(v1::CONNECTION_STATE_CLOSE_WAIT);
  connection.mutable_derived()->add_conflicts(
      v1::CONNECTION_CONFLICT_HALF_CLOSED);
  EXPECT_THAT(
      Block(connection),
      AllOf(StartsWith("tcp connection, FIN-WAIT-2/CLOSE-WAIT\n"),
            HasSubstr("on web1\n  state       FIN-WAIT-2\n"),
            HasSubstr("on db1\n  state       CLOSE-WAIT\n"),
            HasSubstr("\nnote          half-closed: one direction is closed, "
                      "and data may still flow in\n"
                      "              the other\n")));
}

TEST(ConnectionBlockTest, AChangeHasATimeOfItsOwn) {
  v1::Connection connection = Detailed();
  ClientOf(connection)
      .mutable_provenance()
      ->mutable_change_time()
      ->set_seconds(1700000060);
  EXPECT_THAT(Block(connection),
              HasSubstr("  first seen  2m ago, changed 1m ago\n"));
}

TEST(ConnectionBlockTest, ASimultaneousOpenIsSaidToBeOne) {
  v1::Connection connection = Detailed();
  connection.mutable_derived()->set_role_evidence(
      v1::ROLE_EVIDENCE_SIMULTANEOUS);
  EXPECT_THAT(Block(connection),
              HasSubstr("note          simultaneous open: "));
}

TEST(ConnectionBlockTest, AnInterfaceIsShownUnlessItIsTheAddressesZone) {
  v1::Connection connection = Detailed();
  ServerOf(connection).set_device("eth0");
  EXPECT_THAT(Block(connection),
              HasSubstr("10.0.0.5:5432 on db1, interface eth0\n"));
  ServerOf(connection).mutable_local()->set_address("fe80::1%eth0");
  EXPECT_THAT(Block(connection), Not(HasSubstr("interface")));
}

TEST(ConnectionBlockTest, ANamespaceIsShownWithItsName) {
  v1::Connection connection = Detailed();
  ClientOf(connection).mutable_socket()->set_netns("4026531841");
  ServerOf(connection).mutable_socket()->set_netns("7");
  ServerOf(connection).mutable_socket()->set_netns_name("blue");
  EXPECT_THAT(Block(connection),
              AllOf(HasSubstr("10.0.0.9:51000 on web1, netns 4026531841\n"),
                    HasSubstr("10.0.0.5:5432 on db1, netns blue (7)\n")));
}

TEST(ConnectionBlockTest, ANetworkOtherThanTheDefaultIsNamed) {
  v1::Connection connection = Detailed();
  connection.set_network("vpc-a");
  connection.set_transport(v1::TRANSPORT_UDP);
  EXPECT_THAT(Block(connection),
              StartsWith("udp connection in network vpc-a, ESTAB\n"));
}

TEST(ConnectionBlockTest, ASilentHostIsToldAtItsEnd) {
  v1::Connection connection = Detailed();
  MakeStale(ServerOf(connection).mutable_derived());
  connection.mutable_derived()->add_conflicts(
      v1::CONNECTION_CONFLICT_ONE_END_STALE);
  EXPECT_THAT(Block(connection),
              AllOf(HasSubstr("  stale       its host fell silent 2m ago; this "
                              "is what it said last\ncommunity"),
                    Not(HasSubstr("note"))));
}

TEST(ConnectionBlockTest, OneThatHasEndedSaysOfEachEndWhenAndWhy) {
  v1::Connection connection = Ended();
  connection.mutable_observations(0)->set_state(v1::CONNECTION_STATE_SYN_SENT);
  EXPECT_THAT(LoneBlock(connection),
              AllOf(StartsWith("tcp connection, CLOSED\n"),
                    HasSubstr("  state       SYN-SENT at the last\n"),
                    HasSubstr(", closed 2m ago (reported gone)\n"),
                    HasSubstr(", closed 1m59s ago (lease ended)\n"),
                    Not(HasSubstr("ESTAB"))));
}

// ---- Processes ----

TEST(ConnectionBlockTest, AProcessIsShownWithUserFileAndContainer) {
  v1::Connection connection = Detailed();
  v1::Process* const process = ServerOf(connection)
                                   .mutable_socket()
                                   ->mutable_owners()
                                   ->mutable_processes(0);
  process->set_user("pg");
  process->set_executable("/usr/bin/postgres");
  process->set_container_id(std::string(64, 'a'));
  EXPECT_THAT(Block(connection),
              HasSubstr("  process     postgres,990 pg /usr/bin/postgres "
                        "[container aaaaaaaaaaaa]\n"));
}

TEST(ConnectionBlockTest, OfManyProcessesTheFirstAreNamed) {
  v1::Connection connection = Detailed();
  v1::Owners* const owners =
      ServerOf(connection).mutable_socket()->mutable_owners();
  for (int pid = 991; pid < 995; ++pid) {
    v1::Process* const process = owners->add_processes();
    process->set_pid(pid);
    process->set_display_name("postgres");
  }
  EXPECT_THAT(Block(connection),
              HasSubstr("  process     postgres,990\n"
                        "              postgres,991\n"
                        "              postgres,992\n"
                        "              and 2 more (--output wide names them)\n"
                        "  role"));
}

TEST(ConnectionBlockTest, WithoutAProcessASentenceSaysWhy) {
  const auto shown = [](v1::OwnerUnknownReason reason) {
    v1::Connection connection = Detailed();
    v1::Owners* const owners =
        ServerOf(connection).mutable_socket()->mutable_owners();
    owners->clear_processes();
    owners->set_unknown_reason(reason);
    return Block(connection);
  };
  for (const auto& [reason, words] :
       std::vector<std::pair<v1::OwnerUnknownReason, std::string>>{
           {v1::OWNER_UNKNOWN_REASON_NOT_REPORTED,
            "not known: its reporter did not say"},
           {v1::OWNER_UNKNOWN_REASON_NOT_PERMITTED,
            "not known: the agent may not look into every process"},
           {v1::OWNER_UNKNOWN_REASON_NOT_ACCEPTED,
            "none yet: it waits in its listener's queue for accept(2)"},
           {v1::OWNER_UNKNOWN_REASON_KERNEL_ORPHAN,
            "none: the process has closed it, and the kernel finishes"},
           {v1::OWNER_UNKNOWN_REASON_NO_HOLDER,
            "none that the agent sees: the kernel holds it, or a process in"},
           {v1::OWNER_UNKNOWN_REASON_ENDED_BEFORE_SCAN,
            "not known: it ended before the agent looked for its processes"},
           {static_cast<v1::OwnerUnknownReason>(99), "?\n"}})
    EXPECT_THAT(shown(reason), HasSubstr("  process     " + words));
}

// ---- Roles ----

TEST(ConnectionBlockTest, AListenerThatIsGoneIsSaidToBe) {
  EXPECT_THAT(Block(Detailed(), {}),
              HasSubstr("server: accepted from a listener that is gone\n"));
}

TEST(ConnectionBlockTest, OnlyTheListenerThatAcceptedCounts) {
  const auto with = [](const auto& change) {
    v1::Listener listener = Waiting();
    change(listener);
    return Block(Detailed(), {listener});
  };
  const auto is_gone = HasSubstr("a listener that is gone\n");
  EXPECT_THAT(with([](auto& one) { one.mutable_socket()->set_cookie(78); }),
              is_gone);
  EXPECT_THAT(with([](auto& one) { one.mutable_socket()->set_netns("7"); }),
              is_gone);
  EXPECT_THAT(with([](auto& one) {
                one.mutable_provenance()->mutable_reporter()->set_host("db2");
              }),
              is_gone);
  EXPECT_THAT(
      with([](auto& one) {
        one.mutable_provenance()->mutable_reporter()->set_network("vpc-a");
      }),
      is_gone);
}

TEST(ConnectionBlockTest, OfAListenerThatNobodyLookedForNothingIsSaid) {
  const auto one = HasSubstr("server: accepted from a listener\n");
  EXPECT_THAT(LoneBlock(Detailed()), one);
  v1::Connection connection = Detailed();
  ServerOf(connection).clear_listener_cookie();
  EXPECT_THAT(Block(connection), one);
}

TEST(ConnectionBlockTest, ARoleStandsWithItsEvidence) {
  const auto shown = [](v1::Role role, v1::RoleEvidence evidence) {
    v1::Connection connection = Detailed();
    ClientOf(connection).set_role(role);
    ClientOf(connection).set_role_evidence(evidence);
    return Block(connection);
  };
  EXPECT_THAT(shown(v1::ROLE_CLIENT, v1::ROLE_EVIDENCE_DECLARED),
              HasSubstr("  role        client: declared by its reporter\n"));
  EXPECT_THAT(shown(v1::ROLE_BOTH, v1::ROLE_EVIDENCE_SIMULTANEOUS),
              HasSubstr("client and server: both ends initiated it "
                        "(simultaneous open)\n"));
  EXPECT_THAT(shown(v1::ROLE_UNSPECIFIED, v1::ROLE_EVIDENCE_UNSPECIFIED),
              HasSubstr("  role        known by the other end\n"));
  EXPECT_THAT(shown(v1::ROLE_CLIENT, static_cast<v1::RoleEvidence>(99)),
              HasSubstr("  role        client: ?\n"));
}

TEST(ConnectionBlockTest, RolesThatNobodyKnowsAreNotGuessed) {
  v1::Connection connection = Joined();
  connection.mutable_derived()->clear_client();
  connection.mutable_derived()->clear_server();
  EXPECT_THAT(Block(connection),
              AllOf(HasSubstr("\none end       10.0.0.9:51000 on web1\n"),
                    HasSubstr("\nother end     10.0.0.5:5432 on db1\n"),
                    HasSubstr("  role        not known: no evidence\n")));
}

TEST(ConnectionBlockTest, EndsThatBothSayServerDisagree) {
  v1::Connection connection = Detailed();
  connection.mutable_derived()->clear_client();
  connection.mutable_derived()->clear_server();
  ClientOf(connection).set_role(v1::ROLE_SERVER);
  ClientOf(connection).set_role_evidence(v1::ROLE_EVIDENCE_DECLARED);
  connection.mutable_derived()->add_conflicts(
      v1::CONNECTION_CONFLICT_ROLES_DISAGREE);
  EXPECT_THAT(Block(connection),
              AllOf(HasSubstr("server: declared by its reporter\n"),
                    HasSubstr("server: accepted from the listener"),
                    HasSubstr("note          the ends disagree which of them "
                              "is the server\n")));
}

TEST(ConnectionBlockTest, ASelfConnectIsOneSocketAtBothEnds) {
  v1::Connection connection;
  connection.set_transport(v1::TRANSPORT_TCP);
  v1::Observation& side = *connection.add_observations();
  side = Side("web1", "127.0.0.1:8088", "127.0.0.1:8088", "python3", 7);
  side.set_role(v1::ROLE_BOTH);
  side.set_role_evidence(v1::ROLE_EVIDENCE_SELF);
  *connection.mutable_derived()->mutable_client() = At("127.0.0.1:8088");
  *connection.mutable_derived()->mutable_server() = At("127.0.0.1:8088");
  EXPECT_EQ(Block(connection),
            "tcp connection, ESTAB\n"
            "both ends     127.0.0.1:8088 on web1\n"
            "  process     python3,7\n"
            "  role        client and server: the socket is connected to "
            "itself\n"
            "  first seen  ?\n");
}

// ---- Missing ends ----

TEST(ConnectionBlockTest, AMissingEndSaysWhyInASentence) {
  for (const auto& [reason, words] :
       std::vector<std::pair<v1::OneSidedReason, std::string>>{
           {v1::ONE_SIDED_REASON_UNMANAGED,
            "not managed: no host that reports owns 10.0.0.5\n"},
           {v1::ONE_SIDED_REASON_NOT_REPORTED,
            "not reported: a host that reports owns 10.0.0.5 and does not "
            "show\n"
            "              this connection\n"},
           {v1::ONE_SIDED_REASON_AMBIGUOUS,
            "ambiguous: nothing tells which socket it is, since several "
            "network\n"
            "              namespaces own 10.0.0.5, or a host did not tell its "
            "addresses\n"},
           {v1::ONE_SIDED_REASON_STALE,
            "stale: the host that owns 10.0.0.5 has gone silent, and had not\n"
            "              shown this connection before\n"},
           {v1::ONE_SIDED_REASON_NAT_SUSPECTED,
            "NAT suspected: 10.0.0.5 seems to be translated on the way, since\n"
            "              another connection of the same client lacks its "
            "other end too\n"},
           {static_cast<v1::OneSidedReason>(99), "?\n"}})
    EXPECT_THAT(
        Block(OneSided(reason)),
        HasSubstr("server        10.0.0.5:5432\n  missing     " + words));
}

TEST(ConnectionBlockTest, AnEndThatIsNotKnownToHaveEndedIsMissing) {
  v1::Connection connection = Ended();
  connection.mutable_observations()->RemoveLast();
  connection.mutable_derived()->set_one_sided_reason(
      v1::ONE_SIDED_REASON_NOT_REPORTED);
  EXPECT_THAT(LoneBlock(connection),
              HasSubstr("owns 10.0.0.5 and does not show\n"
                        "              that this connection has ended\n"));
}

TEST(ConnectionBlockTest, ALinkLocalAddressIsAmbiguousByItsLink) {
  v1::Connection connection = OneSided(v1::ONE_SIDED_REASON_AMBIGUOUS);
  connection.mutable_derived()->mutable_server()->set_address("fe80::5%eth0");
  EXPECT_THAT(Block(connection),
              HasSubstr("since fe80::5%eth0\n              means another thing "
                        "on each link\n"));
}

TEST(ConnectionBlockTest, AMissingClientComesFirstAllTheSame) {
  v1::Connection connection = Detailed();
  connection.mutable_observations()->DeleteSubrange(0, 1);
  connection.mutable_derived()->set_one_sided_reason(
      v1::ONE_SIDED_REASON_UNMANAGED);
  EXPECT_THAT(Block(connection),
              StartsWith("tcp connection, ESTAB\n"
                         "client        10.0.0.9:51000\n"
                         "  missing     not managed: no host that reports owns "
                         "10.0.0.9\n"
                         "server        10.0.0.5:5432 on db1\n"));
}

// ---- What others chose ----

TEST(ConnectionBlockTest, NothingReachesTheTerminalAsACommand) {
  v1::Connection connection = Detailed();
  const std::string evil = "x\x1B[2J\n\xE2\x80\xAEy";
  connection.set_network(evil);
  for (v1::Observation& side : *connection.mutable_observations()) {
    v1::Socket* const socket = side.mutable_socket();
    socket->set_netns(evil);
    socket->set_netns_name(evil);
    side.mutable_provenance()->mutable_reporter()->set_host(evil);
    socket->mutable_owners()->mutable_processes(0)->set_display_name(evil);
  }
  connection.mutable_derived()->mutable_client()->set_address(evil);
  connection.mutable_derived()->set_community_id(evil);
  v1::Listener listener = Waiting();
  listener.set_device(evil);
  listener.mutable_socket()->set_netns(evil);
  listener.mutable_provenance()->mutable_reporter()->set_host(evil);
  EXPECT_THAT(Block(connection, {listener}),
              AllOf(Not(HasSubstr("\x1B")), Not(HasSubstr("\xE2\x80\xAE")),
                    Not(HasSubstr("\ny"))));
}

}  // namespace
}  // namespace connreg::cli
