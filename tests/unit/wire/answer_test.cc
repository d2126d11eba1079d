#include "service/wire/answer.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "tests/unit/wire/rows.h"
#include "tests/unit/wire/text_proto.h"

namespace connreg {
namespace {

using testing::SizeIs;

v1::Connection Told(const Connection& connection) {
  v1::Connection proto;
  SharedMessages shared;
  ToProto(connection, shared, &proto);
  return proto;
}

v1::Observation Told(const Observation& observation) {
  return Told(OneSided(observation)).observations(0);
}

v1::Listener Told(const ListenerAnswer& answer) {
  v1::Listener proto;
  SharedMessages shared;
  ToProto(answer, shared, &proto);
  return proto;
}

v1::Listener Told(const Listener& listener) {
  return Told(ListenerAnswer{.listener = listener});
}

// ---- Coverage ----

TEST(AnswerTest, TellsHowCompleteItIs) {
  v1::Coverage proto;
  ToProto(Coverage{.run_id = "run-1",
                   .revision = 7,
                   .syncing = true,
                   .hosts = {.live = 2,
                             .stale = 3,
                             .limited_reporters = 4,
                             .gapped = 6,
                             .syncing = 8},
                   .expected_hosts = 5,
                   .truncated = true},
          &proto);
  EXPECT_THAT(proto, EqualsProto(R"pb(
                run_id: "run-1"
                revision: 7
                syncing: true
                live_host_count: 2
                stale_host_count: 3
                expected_host_count: 5
                limited_reporter_count: 4
                truncated: true
                gapped_host_count: 6
                syncing_host_count: 8
              )pb"));
}

// ---- Connections ----

TEST(AnswerTest, TellsBothEndsOfAConnectionAndWhatFollowsFromThem) {
  const FourTuple tuple = Tuple("10.0.0.9:51000", "10.0.0.5:5432");
  Connection connection =
      TwoSided(Observed("app-1", tuple), Observed("db-1", tuple.Mirror()));
  connection.client = tuple.local();
  connection.server = tuple.remote();
  connection.evidence = RoleEvidence::kListener;
  connection.conflicts = {Conflict::kHalfClosed, Conflict::kRolesDisagree,
                          Conflict::kOneEndStale};
  const auto proto = Told(connection);
  EXPECT_EQ(proto.network(), "default");
  EXPECT_EQ(proto.transport(), v1::TRANSPORT_TCP);
  ASSERT_THAT(proto.observations(), SizeIs(2));
  EXPECT_EQ(proto.observations(0).provenance().reporter().host(), "app-1");
  EXPECT_EQ(proto.observations(1).provenance().reporter().host(), "db-1");
  EXPECT_THAT(proto.derived(), EqualsProto(R"pb(
                client { address: "10.0.0.9" port: 51000 }
                server { address: "10.0.0.5" port: 5432 }
                role_evidence: ROLE_EVIDENCE_LISTENER
                conflicts: CONNECTION_CONFLICT_HALF_CLOSED
                conflicts: CONNECTION_CONFLICT_ROLES_DISAGREE
                conflicts: CONNECTION_CONFLICT_ONE_END_STALE
                community_id: "1:SmAASlefIp2O8Kam70CCnxMgk+c="
              )pb"));
}

TEST(AnswerTest, TellsTheCommunityIdOfTheTransport) {
  Observation side =
      Observed("app-1", Tuple("10.0.0.9:51000", "10.0.0.5:5432"));
  side.facts.socket.transport = Transport::kUdp;
  EXPECT_EQ(Told(OneSided(side)).derived().community_id(),
            "1:+2qoON3gl3m3EOcGmHqFhq+Fj8g=");
}

TEST(AnswerTest, LeavesUnsetWhatIsNotKnownOfAConnection) {
  const auto proto = Told(
      OneSided(Observed("app-1", Tuple("10.0.0.9:51000", "10.0.0.5:5432"))));
  EXPECT_THAT(proto.observations(), SizeIs(1));
  EXPECT_THAT(proto.derived(), EqualsProto(R"pb(
                community_id: "1:SmAASlefIp2O8Kam70CCnxMgk+c="
              )pb"));
}

TEST(AnswerTest, TellsWhyAConnectionHasOneEnd) {
  for (const auto& [reason, told] :
       std::vector<std::pair<OneSidedReason, v1::OneSidedReason>>{
           {OneSidedReason::kUnmanaged, v1::ONE_SIDED_REASON_UNMANAGED},
           {OneSidedReason::kNotReported, v1::ONE_SIDED_REASON_NOT_REPORTED},
           {OneSidedReason::kAmbiguous, v1::ONE_SIDED_REASON_AMBIGUOUS},
           {OneSidedReason::kStale, v1::ONE_SIDED_REASON_STALE},
           {OneSidedReason::kNatSuspected,
            v1::ONE_SIDED_REASON_NAT_SUSPECTED}}) {
    Connection connection =
        OneSided(Observed("app-1", Tuple("10.0.0.9:51000", "10.0.0.5:5432")));
    connection.one_sided = reason;
    EXPECT_EQ(Told(connection).derived().one_sided_reason(), told);
  }
}

// ---- Rows ----

TEST(AnswerTest, SpellsEveryFieldOfAnObservation) {
  const auto reporter = std::make_shared<const Reporter>(
      Reporter{ReporterKind::kAgent, "connreg-agent", "db-1", "vpc-a"});
  const auto proto =
      Told(Observation{.facts = FullConnection(),
                       .provenance = {.reporter = reporter,
                                      .first_seen = absl::FromUnixSeconds(100),
                                      .changed = absl::FromUnixSeconds(200),
                                      .revision = 7}});
  EXPECT_THAT(proto, EqualsProto(R"pb(
                socket {
                  netns: "4026531840"
                  transport: TRANSPORT_TCP
                  family: SOCKET_FAMILY_IPV6
                  cookie: 18446744073709551615
                  inode: 18446744073709551614
                  uid: 0
                  owners {
                    processes {
                      pid: 7
                      start_time { seconds: 1700000000 nanos: 123456789 }
                      name: "worker\xff\n"
                      display_name: "worker\\377\\n"
                    }
                    processes {
                      pid: 1
                      start_time { seconds: 1700000000 nanos: 123456789 }
                      name: "worker\xff\n"
                      display_name: "worker\\377\\n"
                    }
                  }
                }
                local { address: "fe80::1%eth0" port: 22 }
                remote { address: "fe80::2%eth0" port: 51000 }
                state: CONNECTION_STATE_CLOSE_WAIT
                role: ROLE_SERVER
                role_evidence: ROLE_EVIDENCE_LISTENER
                listener_cookie: 9223372036854775809
                device: "eth0"
                provenance {
                  reporter {
                    kind: REPORTER_KIND_AGENT
                    name: "connreg-agent"
                    host: "db-1"
                    network: "vpc-a"
                  }
                  first_seen_time { seconds: 100 }
                  change_time { seconds: 200 }
                  revision: 7
                }
                derived {}
              )pb"));
}

TEST(AnswerTest, SpellsEveryFieldOfAListener) {
  const auto reporter = std::make_shared<const Reporter>(
      Reporter{ReporterKind::kProgram, "web", "web-1", "default"});
  ListenerFacts facts = FullListener();
  facts.socket = {.transport = Transport::kTcp,
                  .owners = Owners::Unknown(OwnerUnknownReason::kNoHolder)};
  const auto proto =
      Told(Listener{.facts = facts,
                    .provenance = {.reporter = reporter,
                                   .first_seen = absl::FromUnixSeconds(100),
                                   .changed = absl::FromUnixSeconds(200),
                                   .revision = 7}});
  EXPECT_THAT(proto, EqualsProto(R"pb(
                socket {
                  transport: TRANSPORT_TCP
                  owners { unknown_reason: OWNER_UNKNOWN_REASON_NO_HOLDER }
                }
                local { address: "::" port: 443 }
                state: LISTENER_STATE_LISTEN
                v6_only: true
                device: "wlp0s20f3-guest"
                provenance {
                  reporter {
                    kind: REPORTER_KIND_PROGRAM
                    name: "web"
                    host: "web-1"
                    network: "default"
                  }
                  first_seen_time { seconds: 100 }
                  change_time { seconds: 200 }
                  revision: 7
                }
                derived {}
              )pb"));
}

TEST(AnswerTest, TellsSinceWhenAReporterIsSilent) {
  Observation observation =
      Observed("db-1", Tuple("10.0.0.5:5432", "10.0.0.9:51000"));
  observation.provenance.stale_since = absl::FromUnixSeconds(300);
  EXPECT_THAT(Told(observation).derived(),
              EqualsProto("stale_since_time { seconds: 300 }"));

  Listener row = Listening("db-1", "0.0.0.0:5432");
  row.provenance.stale_since = absl::FromUnixSeconds(300);
  EXPECT_THAT(Told(row).derived(),
              EqualsProto("stale_since_time { seconds: 300 }"));
}

TEST(AnswerTest, TellsWhenAndWhyASocketEnded) {
  for (const auto& [reason, told] :
       std::vector<std::pair<CloseReason, v1::CloseReason>>{
           {CloseReason::kDeregistered, v1::CLOSE_REASON_DEREGISTERED},
           {CloseReason::kReplaced, v1::CLOSE_REASON_REPLACED},
           {CloseReason::kLeaseEnded, v1::CLOSE_REASON_LEASE_ENDED}}) {
    Observation observation =
        Observed("db-1", Tuple("10.0.0.5:5432", "10.0.0.9:51000"));
    observation.closure = Closure{absl::FromUnixNanos(2'000'000'001), reason};
    const v1::Observation proto = Told(observation);
    EXPECT_THAT(proto.closure().close_time(),
                EqualsProto("seconds: 2 nanos: 1"));
    EXPECT_EQ(proto.closure().reason(), told);
  }
}

TEST(AnswerTest, DerivesNothingForASocketThatHasEnded) {
  Observation observation =
      Ended(Observed("db-1", Tuple("10.0.0.5:5432", "10.0.0.9:51000")),
            absl::FromUnixSeconds(2));
  observation.provenance.stale_since = absl::FromUnixSeconds(1);
  const v1::Observation proto = Told(observation);
  EXPECT_FALSE(proto.has_derived());
}

TEST(AnswerTest, TellsNoEndOfALiveSocket) {
  const v1::Observation proto =
      Told(Observed("db-1", Tuple("10.0.0.5:5432", "10.0.0.9:51000")));
  EXPECT_FALSE(proto.has_closure());
  EXPECT_TRUE(proto.has_derived());
}

// ---- Listeners ----

TEST(AnswerTest, ListenerAlwaysHasItsDerivedPart) {
  const auto proto =
      Told(ListenerAnswer{.listener = Listening("web-1", "10.0.0.5:80")});
  EXPECT_TRUE(proto.has_derived());
  EXPECT_THAT(proto.derived(), EqualsProto(""));
}

TEST(AnswerTest, TellsWhatFollowsForAListener) {
  Listener listener = Listening("web-1", "0.0.0.0:80");
  listener.provenance.stale_since = absl::FromUnixSeconds(7);
  const auto proto = Told(ListenerAnswer{
      .listener = listener, .address_unverified = true, .multi_host = true});
  EXPECT_EQ(proto.local().address(), "0.0.0.0");
  EXPECT_THAT(proto.derived(), EqualsProto(R"pb(
                address_unverified: true
                multi_host: true
                stale_since_time { seconds: 7 }
              )pb"));
}

TEST(AnswerTest, TellsEachFlagOfAListenerApart) {
  const Listener listener = Listening("web-1", "0.0.0.0:80");
  EXPECT_THAT(
      Told(ListenerAnswer{.listener = listener, .address_unverified = true})
          .derived(),
      EqualsProto("address_unverified: true"));
  EXPECT_THAT(
      Told(ListenerAnswer{.listener = listener, .multi_host = true}).derived(),
      EqualsProto("multi_host: true"));
  EXPECT_THAT(
      Told(ListenerAnswer{.listener = listener, .device_unverified = true})
          .derived(),
      EqualsProto("device_unverified: true"));
}

}  // namespace
}  // namespace connreg
