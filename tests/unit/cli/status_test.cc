#include "client/cli/status.h"

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli/captured.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

v1::GetStatusResponse Serving() {
  return FromText<v1::GetStatusResponse>(R"(
    version: "0.1.0"
    start_time { seconds: 1700000000 }
    coverage { run_id: "9f3a" revision: 123 live_host_count: 3 }
    observation_count: 120
    listener_count: 30
    reporter_count: 5
    session_count: 2
    closed_count: 17
    not_seen_since_time { seconds: 1700000100 }
    grace { seconds: 600 })");
}

TEST(StatusTest, TheTableIsALineForEachValue) {
  Captured captured;
  captured.clock.Advance(absl::Seconds(130));

  EXPECT_THAT(Print(Serving(), captured.AsTable()),
              IsOkAndHolds(ExitCode::kDone));
  EXPECT_EQ(captured.out.str(),
            "version        0.1.0\n"
            "started        2m10s ago\n"
            "run            9f3a\n"
            "revision       123\n"
            "coverage       complete\n"
            "live hosts     3\n"
            "syncing hosts  0\n"
            "stale hosts    0\n"
            "sessions       2\n"
            "divergences    0\n"
            "reporters      5\n"
            "observations   120\n"
            "listeners      30\n"
            "closed         17 remembered\n"
            "forgotten      nothing since 30s ago\n");
}

TEST(StatusTest, WhatIsMissingIsSaidWhereItIs) {
  Captured captured;
  v1::GetStatusResponse response = Serving();
  response.mutable_coverage()->set_syncing(true);
  response.mutable_coverage()->set_expected_host_count(5);
  response.mutable_coverage()->set_syncing_host_count(2);
  response.mutable_coverage()->set_stale_host_count(1);

  ASSERT_THAT(Print(response, captured.AsTable()), IsOk());
  EXPECT_THAT(
      captured.out.str(),
      testing::HasSubstr(
          "coverage       partial: syncing, 3 hosts are back (of 5); 2 hosts "
          "are syncing; 1 host is silent\n"
          "syncing        hosts may not have come back yet; until connregd "
          "--sync-time is over or 5 hosts are back, and no host is syncing, or "
          "twice that time is over\n"
          "live hosts     3 of 5\n"
          "syncing hosts  2\n"
          "stale hosts    1, kept for 10m\n"));
}

TEST(StatusTest, ExpiryThatIsHeldSaysWhatThatMeans) {
  Captured captured;
  captured.clock.Advance(absl::Seconds(130));
  v1::GetStatusResponse response = Serving();
  response.mutable_expiry_held_time()->set_seconds(1700000070);

  ASSERT_THAT(Print(response, captured.AsTable()), IsOk());
  EXPECT_THAT(captured.out.str(),
              testing::HasSubstr(
                  "expiry held    since 1m ago: so many hosts went silent at "
                  "once that stale ones keep their rows until fewer are "
                  "(connregd --hold-expiry)\n"));
}

TEST(StatusTest, DivergencesAreCounted) {
  Captured captured;
  v1::GetStatusResponse response = Serving();
  response.set_divergence_count(3);

  ASSERT_THAT(Print(response, captured.AsTable()), IsOk());
  EXPECT_THAT(captured.out.str(), testing::HasSubstr("divergences    3\n"));
}

TEST(StatusTest, OnlyLimitsThatKeptSomethingOutAreTold) {
  Captured captured;
  v1::GetStatusResponse response = Serving();
  *response.add_limits() =
      FromText<v1::LimitReached>("limit: ROW_LIMIT_ROWS value: 5000000");
  *response.add_limits() = FromText<v1::LimitReached>(
      "limit: ROW_LIMIT_ROWS_PER_REPORTER value: 1000 refused_count: 120");

  ASSERT_THAT(Print(response, captured.AsTable()), IsOk());
  EXPECT_THAT(captured.out.str(),
              testing::EndsWith(
                  "since now\n"
                  "refused        120: the service takes at most 1000 rows of "
                  "one reporter (ROW_LIMIT_ROWS_PER_REPORTER)\n"));
}

TEST(StatusTest, WideHasExactTimesAndAllLimits) {
  Captured captured;
  v1::GetStatusResponse response = Serving();
  *response.add_limits() =
      FromText<v1::LimitReached>("limit: ROW_LIMIT_REPORTERS value: 100");

  ASSERT_THAT(Print(response, captured.As(OutputFormat::kWide)), IsOk());
  EXPECT_THAT(captured.out.str(),
              testing::HasSubstr("started        2023-11-14T22:13:20Z\n"));
  EXPECT_THAT(captured.out.str(),
              testing::HasSubstr("refused        0: the service takes at most "
                                 "100 reporters (ROW_LIMIT_REPORTERS)\n"));
}

TEST(StatusTest, CsvIsALineForEachValue) {
  Captured captured;
  v1::GetStatusResponse response = Serving();
  *response.add_limits() = FromText<v1::LimitReached>(
      "limit: ROW_LIMIT_ROWS value: 1000 refused_count: 120");

  ASSERT_THAT(Print(response, captured.As(OutputFormat::kCsv)), IsOk());
  EXPECT_EQ(captured.out.str(),
            "name,value\r\n"
            "version,0.1.0\r\n"
            "start_time,2023-11-14T22:13:20Z\r\n"
            "run_id,9f3a\r\n"
            "revision,123\r\n"
            "syncing,false\r\n"
            "live_host_count,3\r\n"
            "syncing_host_count,0\r\n"
            "stale_host_count,0\r\n"
            "expected_host_count,\r\n"
            "gapped_host_count,0\r\n"
            "limited_reporter_count,0\r\n"
            "expiry_held_time,\r\n"
            "session_count,2\r\n"
            "divergence_count,0\r\n"
            "reporter_count,5\r\n"
            "observation_count,120\r\n"
            "listener_count,30\r\n"
            "closed_count,17\r\n"
            "not_seen_since_time,2023-11-14T22:15:00Z\r\n"
            "grace_seconds,600\r\n"
            "limit_rows,1000\r\n"
            "refused_rows,120\r\n");
}

TEST(StatusTest, JsonIsTheResponse) {
  Captured captured;

  ASSERT_THAT(Print(Serving(), captured.As(OutputFormat::kNdjson)), IsOk());
  EXPECT_THAT(captured.out.str(),
              testing::StartsWith("{\"version\":\"0.1.0\""));
}

}  // namespace
}  // namespace connreg::cli
