#include "service/wire/answer.h"

#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "tests/unit/wire/rows.h"
#include "tests/unit/wire/text_proto.h"

namespace connreg {
namespace {

using testing::SizeIs;

template <typename Proto, typename Value>
Proto Told(const Value& value) {
  Proto proto;
  ToProto(value, &proto);
  return proto;
}

// ---- Coverage ----

TEST(AnswerTest, TellsHowCompleteItIs) {
  EXPECT_THAT(Told<v1::Coverage>(Coverage{.run_id = "run-1",
                                          .revision = 7,
                                          .syncing = true,
                                          .hosts = {.live = 2,
                                                    .stale = 3,
                                                    .limited_reporters = 4,
                                                    .gapped = 6,
                                                    .syncing = 8},
                                          .expected_hosts = 5,
                                          .truncated = true}),
              EqualsProto(R"pb(
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
  const auto proto = Told<v1::Connection>(connection);
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
  EXPECT_EQ(Told<v1::Connection>(OneSided(side)).derived().community_id(),
            "1:+2qoON3gl3m3EOcGmHqFhq+Fj8g=");
}

TEST(AnswerTest, LeavesUnsetWhatIsNotKnownOfAConnection) {
  const auto proto = Told<v1::Connection>(
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
    EXPECT_EQ(Told<v1::Connection>(connection).derived().one_sided_reason(),
              told);
  }
}

// ---- Listeners ----

TEST(AnswerTest, ListenerAlwaysHasItsDerivedPart) {
  const auto proto = Told<v1::Listener>(
      ListenerAnswer{.listener = Listening("web-1", "10.0.0.5:80")});
  EXPECT_TRUE(proto.has_derived());
  EXPECT_THAT(proto.derived(), EqualsProto(""));
}

TEST(AnswerTest, TellsWhatFollowsForAListener) {
  Listener listener = Listening("web-1", "0.0.0.0:80");
  listener.provenance.stale_since = absl::FromUnixSeconds(7);
  const auto proto = Told<v1::Listener>(ListenerAnswer{
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
  EXPECT_THAT(Told<v1::Listener>(ListenerAnswer{.listener = listener,
                                                .address_unverified = true})
                  .derived(),
              EqualsProto("address_unverified: true"));
  EXPECT_THAT(Told<v1::Listener>(
                  ListenerAnswer{.listener = listener, .multi_host = true})
                  .derived(),
              EqualsProto("multi_host: true"));
  EXPECT_THAT(Told<v1::Listener>(ListenerAnswer{.listener = listener,
                                                .device_unverified = true})
                  .derived(),
              EqualsProto("device_unverified: true"));
}

}  // namespace
}  // namespace connreg
