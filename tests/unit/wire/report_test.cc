#include "service/wire/report.h"

#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/facts.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/wire/text_proto.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::VariantWith;

constexpr char kOpen[] = R"pb(
  open {
    reporter { kind: REPORTER_KIND_AGENT name: "agent" host: "web-1" }
    boot_id: "boot"
    instance: "run"
    ttl { seconds: 30 }
    digest {}
  }
)pb";

v1::ReportRequest OpenWith(const std::string& text) {
  return With(FromText<v1::ReportRequest>(kOpen),
              absl::StrCat("open {", text, "}"));
}

ErrorDetail FaultOf(const v1::ReportRequest& request) {
  const absl::Status status = ReportFromProto(request).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  return DetailOf(status).value_or(ErrorDetail{});
}

ErrorDetail FaultOf(const std::string& text) {
  return FaultOf(FromText<v1::ReportRequest>(text));
}

SessionOpening FullOpening() {
  return {.reporter = Agent("web-1", "site"),
          .boot_id = "boot",
          .instance = "run",
          .version = "0.1.0",
          .ttl = absl::Seconds(30),
          .interval = absl::Seconds(5),
          .time = absl::FromUnixNanos(1'700'000'000'123'456'789),
          .namespaces = {Owned({"10.0.0.5"}, "4026531840")},
          .gaps = {{GapKind::kSockets, "the UDP sockets of IPv6"}},
          .digest = {.rows = 3, .sum = 0xFFFF'FFFF'FFFF'FFFF}};
}

// ---- Open ----

TEST(ReportProtoTest, OpeningComesBackWithAllThatItSays) {
  v1::ReportRequest proto;
  ToProto(AgentMessage(FullOpening()), &proto);
  const auto message = ReportFromProto(proto);
  ASSERT_THAT(message, IsOkAndHolds(VariantWith<SessionOpening>(testing::_)));
  const auto& opening = std::get<SessionOpening>(*message);
  const SessionOpening expected = FullOpening();
  EXPECT_EQ(opening.reporter, expected.reporter);
  EXPECT_EQ(opening.boot_id, expected.boot_id);
  EXPECT_EQ(opening.instance, expected.instance);
  EXPECT_EQ(opening.version, expected.version);
  EXPECT_EQ(opening.ttl, expected.ttl);
  EXPECT_EQ(opening.interval, expected.interval);
  EXPECT_EQ(opening.time, expected.time);
  EXPECT_EQ(opening.namespaces, expected.namespaces);
  EXPECT_EQ(opening.gaps, expected.gaps);
  EXPECT_EQ(opening.digest, expected.digest);
}

TEST(ReportProtoTest, OpeningNeedsOnlyWhatIsRequired) {
  const auto message = ReportFromProto(OpenWith(""));
  ASSERT_THAT(message, IsOk());
  const auto& opening = std::get<SessionOpening>(*message);
  EXPECT_EQ(opening.time, std::nullopt);
  EXPECT_EQ(opening.interval, absl::ZeroDuration());
  EXPECT_THAT(opening.gaps, IsEmpty());
  EXPECT_EQ(opening.digest, RowDigest{});
}

TEST(ReportProtoTest, ProgramHasNoSession) {
  EXPECT_EQ(
      FaultOf(OpenWith("reporter { kind: REPORTER_KIND_PROGRAM }")),
      (ErrorDetail{"REPORTER_NOT_AGENT", "open.reporter.kind", std::nullopt}));
}

TEST(ReportProtoTest, OpeningWithoutARequiredFieldIsRefused) {
  v1::ReportRequest request = OpenWith("");
  request.mutable_open()->clear_boot_id();
  EXPECT_EQ(FaultOf(request).field, "open.boot_id");
  request = OpenWith("");
  request.mutable_open()->clear_instance();
  EXPECT_EQ(FaultOf(request).field, "open.instance");
  request = OpenWith("");
  request.mutable_open()->clear_ttl();
  EXPECT_EQ(FaultOf(request).field, "open.ttl");
  request = OpenWith("");
  request.mutable_open()->clear_digest();
  EXPECT_EQ(FaultOf(request),
            (ErrorDetail{"DIGEST_MISSING", "open.digest", std::nullopt}));
}

TEST(ReportProtoTest, IntervalIsFromZeroToADay) {
  EXPECT_THAT(ReportFromProto(OpenWith("interval { seconds: 86400 }")), IsOk());
  for (const char* interval : {"seconds: -1", "seconds: 86401"}) {
    EXPECT_EQ(
        FaultOf(OpenWith(absl::StrCat("interval {", interval, "}"))),
        (ErrorDetail{"INTERVAL_OUT_OF_RANGE", "open.interval", std::nullopt}));
  }
}

TEST(ReportProtoTest, BadNamespaceOrGapMakesTheOpeningBad) {
  EXPECT_EQ(
      FaultOf(OpenWith("namespaces { prefixes { prefix: \"x\" } }")).field,
      "open.namespaces[0].prefixes[0].prefix");
  EXPECT_EQ(FaultOf(OpenWith("coverage_gaps { gaps {} }")).field,
            "open.coverage_gaps.gaps[0].kind");
}

// ---- The other messages ----

TEST(ReportProtoTest, MessageThatSaysNothingIsRefused) {
  EXPECT_EQ(FaultOf(""),
            (ErrorDetail{"MESSAGE_MISSING", "message", std::nullopt}));
}

TEST(ReportProtoTest, KeepAliveComesBackWithItsClaim) {
  v1::ReportRequest proto;
  ToProto(AgentMessage(KeepAlive{.time = absl::FromUnixSeconds(1'700'000'000),
                                 .interval = absl::Seconds(5),
                                 .digest = RowDigest{.rows = 2, .sum = 7}}),
          &proto);
  const auto message = ReportFromProto(proto);
  ASSERT_THAT(message, IsOkAndHolds(VariantWith<KeepAlive>(testing::_)));
  const auto& keep_alive = std::get<KeepAlive>(*message);
  EXPECT_EQ(keep_alive.time, absl::FromUnixSeconds(1'700'000'000));
  EXPECT_EQ(keep_alive.interval, absl::Seconds(5));
  EXPECT_EQ(keep_alive.digest, (RowDigest{.rows = 2, .sum = 7}));
}

TEST(ReportProtoTest, KeepAliveWithoutADigestClaimsNothing) {
  const auto message =
      ReportFromProto(FromText<v1::ReportRequest>("keep_alive {}"));
  ASSERT_THAT(message, IsOkAndHolds(VariantWith<KeepAlive>(testing::_)));
  EXPECT_EQ(std::get<KeepAlive>(*message).digest, std::nullopt);
}

TEST(ReportProtoTest, KeepAliveIsCheckedLikeOpen) {
  EXPECT_EQ(FaultOf("keep_alive { time { nanos: -1 } }").field,
            "keep_alive.time");
  EXPECT_EQ(FaultOf("keep_alive { interval { seconds: -1 } }").field,
            "keep_alive.interval");
}

TEST(ReportProtoTest, GoodbyeComesBack) {
  for (const bool remove : {false, true}) {
    v1::ReportRequest proto;
    ToProto(AgentMessage(Goodbye{.remove = remove}), &proto);
    const auto message = ReportFromProto(proto);
    ASSERT_THAT(message, IsOkAndHolds(VariantWith<Goodbye>(testing::_)));
    EXPECT_EQ(std::get<Goodbye>(*message).remove, remove);
  }
}

// ---- Answers ----

TEST(ReportProtoTest, WelcomeComesBackWithAllThatItSays) {
  v1::ReportResponse proto;
  ToProto(SessionWelcome{.epoch = Epoch{7},
                         .run_id = "run",
                         .ttl = absl::Seconds(30),
                         .reconnect_window = absl::Seconds(10),
                         .snapshot_wanted = true,
                         .max_rows = 10'000,
                         .max_bytes = 4 << 20,
                         .limits = {{.limit = RowLimit::kPrefixesPerReporter,
                                     .value = 5,
                                     .refused = 2}}},
          &proto);
  const auto message = AnswerFromProto(proto);
  ASSERT_THAT(message, IsOkAndHolds(VariantWith<SessionWelcome>(testing::_)));
  const auto& welcome = std::get<SessionWelcome>(*message);
  EXPECT_EQ(welcome.epoch, Epoch{7});
  EXPECT_EQ(welcome.run_id, "run");
  EXPECT_EQ(welcome.ttl, absl::Seconds(30));
  EXPECT_EQ(welcome.reconnect_window, absl::Seconds(10));
  EXPECT_TRUE(welcome.snapshot_wanted);
  EXPECT_EQ(welcome.max_rows, 10'000);
  EXPECT_EQ(welcome.max_bytes, 4 << 20);
  ASSERT_THAT(welcome.limits, SizeIs(1));
  EXPECT_EQ(welcome.limits[0].limit, RowLimit::kPrefixesPerReporter);
  EXPECT_EQ(welcome.limits[0].value, 5);
  EXPECT_EQ(welcome.limits[0].refused, 2);
}

TEST(ReportProtoTest, AckComesBackWithAllThatItSays) {
  v1::ReportResponse proto;
  ToProto(Ack{.seq = 9,
              .refused_listeners = {1},
              .refused_connections = {0, 4},
              .limits = {{.limit = RowLimit::kRows, .value = 5, .refused = 3}},
              .snapshot_wanted = true,
              .has_room = true},
          &proto);
  const auto message = AnswerFromProto(proto);
  ASSERT_THAT(message, IsOkAndHolds(VariantWith<Ack>(testing::_)));
  const auto& ack = std::get<Ack>(*message);
  EXPECT_EQ(ack.seq, 9);
  EXPECT_THAT(ack.refused_listeners, ElementsAre(1));
  EXPECT_THAT(ack.refused_connections, ElementsAre(0, 4));
  EXPECT_THAT(ack.limits, SizeIs(1));
  EXPECT_TRUE(ack.snapshot_wanted);
  EXPECT_TRUE(ack.has_room);
}

TEST(ReportProtoTest, AckNamesRefusedRowsByTheirPlacesInTheMessage) {
  DecodedBatch decoded{.listener_places = {0, 2, 3},
                       .connection_places = {1},
                       .malformed_listeners = {1},
                       .malformed_connections = {0, 2}};
  decoded.refusals.emplace_back().set_reason("PORT_ZERO");
  v1::ReportResponse proto;
  ToProto(Ack{.seq = 1, .refused_listeners = {2}, .refused_connections = {0}},
          decoded, &proto);
  EXPECT_THAT(proto, EqualsProto(R"pb(ack {
                                        seq: 1
                                        refused_listeners: [ 1, 3 ]
                                        refused_connections: [ 0, 1, 2 ]
                                        refusals { reason: "PORT_ZERO" }
                                      })pb"));
}

TEST(ReportProtoTest, AnswerThatSaysNothingIsRefused) {
  EXPECT_THAT(AnswerFromProto(v1::ReportResponse()),
              IsInvalid("MESSAGE_MISSING"));
}

}  // namespace
}  // namespace connreg
