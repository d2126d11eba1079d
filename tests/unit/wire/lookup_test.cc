#include "service/wire/lookup.h"

#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/wire/rows.h"
#include "tests/unit/wire/text_proto.h"

namespace connreg {
namespace {

using testing::SizeIs;
using testing::VariantWith;

constexpr char kTuple[] = R"pb(
  four_tuple {
    client { address: "10.0.0.9" port: 51000 }
    server { address: "10.0.0.5" port: 5432 }
  }
)pb";

absl::StatusOr<LookupQuestion> Question(const std::string& text) {
  return LookupQuestionFromProto(FromText<v1::LookupRequest>(text));
}

v1::LookupResponse Answer(LookupFinding found) {
  v1::LookupResponse response;
  ToProto(LookupAnswer{.found = std::move(found)}, &response);
  return response;
}

// ---- Questions ----

TEST(LookupQuestionTest, TakesAFourTupleClientFirst) {
  const auto question = Question(kTuple);
  ASSERT_THAT(question, IsOk());
  EXPECT_THAT(question->subject,
              VariantWith<FourTuple>(Tuple("10.0.0.9:51000", "10.0.0.5:5432")));
  EXPECT_EQ(question->scope, Scope{});
}

TEST(LookupQuestionTest, TakesAnEndpointAndAScope) {
  const auto question = Question(R"pb(
    endpoint { address: "::ffff:10.0.0.5" port: 80 }
    network: "vpc-a"
    host: "web-1"
    transport: TRANSPORT_UDP
  )pb");
  ASSERT_THAT(question, IsOk());
  EXPECT_THAT(question->subject, VariantWith<Endpoint>(At("10.0.0.5:80")));
  EXPECT_EQ(question->scope, (Scope{"vpc-a", "web-1", Transport::kUdp}));
}

TEST(LookupQuestionTest, TakesAWildcardEndpoint) {
  EXPECT_THAT(Question(R"pb(endpoint { address: "0.0.0.0" port: 80 })pb"),
              IsOk());
}

TEST(LookupQuestionTest, TakesACommunityIdAndAScope) {
  const auto question = Question(R"pb(
    community_id: "1:SmAASlefIp2O8Kam70CCnxMgk+c="
    host: "web-1"
  )pb");
  ASSERT_THAT(question, IsOk());
  const auto* predicate = std::get_if<TuplePredicate>(&question->subject);
  ASSERT_NE(predicate, nullptr);
  EXPECT_TRUE(
      (*predicate)(Tuple("10.0.0.9:51000", "10.0.0.5:5432"), Transport::kTcp));
  EXPECT_EQ(question->scope, Scope{.host = "web-1"});
}

TEST(LookupQuestionTest, RefusesABadCommunityId) {
  ExpectFault(Question(R"pb(community_id: "")pb"), "COMMUNITY_ID_MALFORMED",
              "community_id");
  ExpectFault(Question(R"pb(community_id: "2:x")pb"),
              "COMMUNITY_ID_VERSION_UNKNOWN", "community_id");
}

TEST(LookupQuestionTest, RefusesNoQuestion) {
  ExpectFault(Question(""), "QUESTION_MISSING", "question");
  ExpectFault(Question(R"pb(host: "web-1")pb"), "QUESTION_MISSING", "question");
}

TEST(LookupQuestionTest, RefusesABadEndpoint) {
  ExpectFault(Question("endpoint {}"), "ADDRESS_EMPTY", "endpoint.address");
  ExpectFault(Question(R"pb(endpoint { address: "10.0.0" port: 80 })pb"),
              "ADDRESS_MALFORMED", "endpoint.address");
  ExpectFault(Question(R"pb(endpoint { address: "10.0.0.5" })pb"), "PORT_ZERO",
              "endpoint.port");
}

TEST(LookupQuestionTest, RefusesABadFourTupleByItsOwnNames) {
  const auto with = [](const std::string& text) {
    return LookupQuestionFromProto(
        With(FromText<v1::LookupRequest>(kTuple), text));
  };
  ExpectFault(with(R"pb(four_tuple { client { address: "x" } })pb"),
              "ADDRESS_MALFORMED", "four_tuple.client.address");
  ExpectFault(with("four_tuple { server { port: 0 } }"), "PORT_ZERO",
              "four_tuple.server.port");
  ExpectFault(with(R"pb(four_tuple { client { address: "0.0.0.0" } })pb"),
              "ADDRESS_WILDCARD", "four_tuple.client.address");
  ExpectFault(with(R"pb(four_tuple { server { address: "::" } })pb"),
              "ADDRESS_WILDCARD", "four_tuple.server.address");
  ExpectFault(with(R"pb(four_tuple { server { address: "::1" } })pb"),
              "FAMILY_MISMATCH", "four_tuple.server.address");
}

TEST(LookupQuestionTest, RefusesAFourTupleOfOneEnd) {
  ExpectFault(
      Question(R"pb(four_tuple { client { address: "10.0.0.9" port: 1 } })pb"),
      "ADDRESS_EMPTY", "four_tuple.server.address");
}

TEST(LookupQuestionTest, RefusesABadScope) {
  const std::string endpoint = R"pb(endpoint { address: "::1" port: 80 })pb";
  ExpectFault(Question(absl::StrCat(endpoint, R"pb(network: "\n")pb")),
              "TEXT_MALFORMED", "network");
  ExpectFault(Question(absl::StrCat(endpoint, R"pb(host: "\n")pb")),
              "TEXT_MALFORMED", "host");
  ExpectFault(
      Question(absl::StrCat(endpoint, "host: '", std::string(256, 'x'), "'")),
      "TEXT_TOO_LONG", "host");
  ExpectFault(Question(absl::StrCat(endpoint, "transport: 3")), "ENUM_UNKNOWN",
              "transport");
}

// ---- Answers ----

TEST(LookupAnswerTest, TellsWhichHostsItSpeaksFor) {
  v1::LookupResponse response;
  ToProto(LookupAnswer{.coverage = {.run_id = "run-1", .revision = 7}},
          &response);
  EXPECT_THAT(response.coverage(),
              EqualsProto(R"pb(run_id: "run-1" revision: 7)pb"));
}

TEST(LookupAnswerTest, TellsConnectionsAndTheirOrder) {
  const FourTuple tuple = Tuple("10.0.0.9:51000", "10.0.0.5:5432");
  const auto response = Answer(
      FoundConnections{.connections = {OneSided(Observed("app-1", tuple)),
                                       OneSided(Observed("app-2", tuple))},
                       .order = TupleOrder::kReversed});
  EXPECT_EQ(response.connections().order(), v1::TUPLE_ORDER_REVERSED);
  ASSERT_THAT(response.connections().connections(), SizeIs(2));
  const auto host = [&](int i) {
    const v1::Connection& connection = response.connections().connections(i);
    return connection.observations(0).provenance().reporter().host();
  };
  EXPECT_EQ(host(0), "app-1");
  EXPECT_EQ(host(1), "app-2");
}

TEST(LookupAnswerTest, TellsListenersAndTheEndpointTheyTake) {
  const Listener listener = Listening("web-1", "0.0.0.0:80");
  const auto response = Answer(FoundListeners{
      .listeners = {{.listener = listener, .address_unverified = true},
                    {.listener = listener}},
      .endpoint = At("10.0.0.5:80"),
      .order = TupleOrder::kAsAsked});
  const v1::FoundListeners& found = response.listeners();
  EXPECT_THAT(found.endpoint(),
              EqualsProto(R"pb(address: "10.0.0.5" port: 80)pb"));
  EXPECT_EQ(found.order(), v1::TUPLE_ORDER_AS_ASKED);
  ASSERT_THAT(found.listeners(), SizeIs(2));
  EXPECT_THAT(found.listeners(0).derived(),
              EqualsProto("address_unverified: true"));
  EXPECT_TRUE(found.listeners(1).has_derived());
  EXPECT_THAT(found.listeners(1).derived(), EqualsProto(""));
}

TEST(LookupAnswerTest, TellsWhatMemoryCoversWhereNothingWasSeen) {
  EXPECT_THAT(Answer(Absent{.reason = AbsentReason::kNotSeenSince,
                            .since = absl::FromUnixSeconds(100)})
                  .absent(),
              EqualsProto(R"pb(
                reason: ABSENT_REASON_NOT_SEEN_SINCE
                not_seen_since_time { seconds: 100 }
              )pb"));
}

TEST(LookupAnswerTest, TellsThatNobodyReportsForTheHost) {
  EXPECT_THAT(Answer(Absent{.reason = AbsentReason::kNoSuchHost,
                            .since = absl::FromUnixSeconds(100)})
                  .absent(),
              EqualsProto(R"pb(
                reason: ABSENT_REASON_NO_SUCH_HOST
                not_seen_since_time { seconds: 100 }
              )pb"));
}

TEST(LookupAnswerTest, TellsThatTheServiceMayNotKnowYet) {
  EXPECT_THAT(Answer(Absent{.reason = AbsentReason::kSyncing,
                            .since = absl::FromUnixSeconds(100)})
                  .absent(),
              EqualsProto(R"pb(
                reason: ABSENT_REASON_SYNCING
                not_seen_since_time { seconds: 100 }
              )pb"));
}

TEST(LookupAnswerTest, TellsTheConnectionsThatEndedInTheirOrder) {
  const FourTuple tuple = Tuple("10.0.0.9:51000", "10.0.0.5:5432");
  const auto ended = [&](int64_t seconds) {
    return OneSided(
        Ended(Observed("app-1", tuple), absl::FromUnixSeconds(seconds)));
  };
  const auto response = Answer(Absent{.reason = AbsentReason::kClosed,
                                      .since = absl::FromUnixSeconds(100),
                                      .closed = {ended(300), ended(200)}});
  EXPECT_EQ(response.absent().reason(), v1::ABSENT_REASON_CLOSED);
  EXPECT_THAT(response.absent().not_seen_since_time(),
              EqualsProto("seconds: 100"));
  ASSERT_THAT(response.absent().closed(), SizeIs(2));
  const auto closure = [&](int i) {
    return response.absent().closed(i).observations(0).closure();
  };
  EXPECT_THAT(closure(0), EqualsProto(R"pb(
                close_time { seconds: 300 }
                reason: CLOSE_REASON_DEREGISTERED
              )pb"));
  EXPECT_THAT(closure(1), EqualsProto(R"pb(
                close_time { seconds: 200 }
                reason: CLOSE_REASON_DEREGISTERED
              )pb"));
}

TEST(LookupAnswerTest, TellsWhichHostsAreSilentAndSinceWhen) {
  EXPECT_THAT(
      Answer(Absent{
                 .reason = AbsentReason::kHostStale,
                 .since = absl::FromUnixSeconds(100),
                 .stale_hosts = {{{"db-1", "vpc-a"}, absl::FromUnixSeconds(7)},
                                 {{"db-2", "vpc-b"}, absl::FromUnixSeconds(8)}},
             })
          .absent(),
      EqualsProto(R"pb(
        reason: ABSENT_REASON_HOST_STALE
        not_seen_since_time { seconds: 100 }
        stale_hosts {
          host: "db-1"
          network: "vpc-a"
          stale_since_time { seconds: 7 }
        }
        stale_hosts {
          host: "db-2"
          network: "vpc-b"
          stale_since_time { seconds: 8 }
        }
      )pb"));
}

}  // namespace
}  // namespace connreg
