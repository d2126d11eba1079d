#include "service/wire/registry_status.h"

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "tests/unit/wire/text_proto.h"

namespace connreg {
namespace {

v1::GetStatusResponse Told(const RegistryStatus& status) {
  v1::GetStatusResponse response;
  ToProto(status, &response);
  return response;
}

TEST(RegistryStatusTest, TellsWhatTheRegistryHoldsAndRemembers) {
  EXPECT_THAT(Told({.start_time = absl::FromUnixSeconds(100),
                    .coverage = {.run_id = "run-1",
                                 .revision = 7,
                                 .syncing = true,
                                 .hosts = {.live = 2}},
                    .observations = 3,
                    .listeners = 4,
                    .reporters = 5,
                    .closed = 6,
                    .not_seen_since = absl::FromUnixSeconds(90),
                    .grace = absl::Milliseconds(1500)}),
              EqualsProto(R"pb(
                start_time { seconds: 100 }
                coverage {
                  run_id: "run-1"
                  revision: 7
                  syncing: true
                  live_host_count: 2
                }
                observation_count: 3
                listener_count: 4
                reporter_count: 5
                closed_count: 6
                not_seen_since_time { seconds: 90 }
                grace { seconds: 1 nanos: 500000000 }
              )pb"));
}

TEST(RegistryStatusTest, TellsOfSessionsAndOfExpiryThatIsHeld) {
  const auto response = Told({.sessions = 2,
                              .divergences = 1,
                              .expiry_held_since = absl::FromUnixSeconds(80)});
  EXPECT_EQ(response.session_count(), 2);
  EXPECT_EQ(response.divergence_count(), 1);
  EXPECT_EQ(response.expiry_held_time().seconds(), 80);
  EXPECT_FALSE(Told({}).has_expiry_held_time());
}

TEST(RegistryStatusTest, TellsEveryLimitAlsoThoseThatKeptNothingOut) {
  const auto response =
      Told({.limits = {{.limit = RowLimit::kRows, .value = 1000, .refused = 3},
                       {.limit = RowLimit::kPrefixesPerReporter,
                        .value = 20,
                        .refused = 0}}});
  ASSERT_EQ(response.limits_size(), 2);
  EXPECT_THAT(response.limits(0),
              EqualsProto("limit: ROW_LIMIT_ROWS value: 1000 "
                          "refused_count: 3"));
  EXPECT_THAT(response.limits(1),
              EqualsProto("limit: ROW_LIMIT_PREFIXES_PER_REPORTER value: 20"));
}

}  // namespace
}  // namespace connreg
