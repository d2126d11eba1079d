#include "service/flags/duration.h"

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace connreg::flags {
namespace {

constexpr DurationRange kRange = {absl::Seconds(1), absl::Hours(24)};

std::string Refusal(absl::string_view text) {
  const auto parsed = ParseDuration(text, kRange);
  EXPECT_THAT(parsed, StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  return std::string(parsed.status().message());
}

TEST(DurationTest, IsANumberWithAUnitOrSeveral) {
  EXPECT_THAT(ParseDuration("90s", kRange), IsOkAndHolds(absl::Seconds(90)));
  EXPECT_THAT(ParseDuration("1h30m", kRange), IsOkAndHolds(absl::Minutes(90)));
  EXPECT_THAT(ParseDuration("1.5s", kRange),
              IsOkAndHolds(absl::Milliseconds(1500)));
}

TEST(DurationTest, AnythingElseIsNamed) {
  EXPECT_EQ(Refusal("soon"),
            "\"soon\" is not a duration; write 90s, 5m or 1h30m");
  for (const char* text : {"", "10", "5x", "1s 2s", " 5s", "s"})
    EXPECT_THAT(Refusal(text), testing::HasSubstr("is not a duration"));
}

TEST(DurationTest, RangeIncludesItsEnds) {
  EXPECT_THAT(ParseDuration("1s", kRange), IsOk());
  EXPECT_THAT(ParseDuration("24h", kRange), IsOk());
}

TEST(DurationTest, OutOfItsRangeTheRangeIsTold) {
  for (const char* text : {"999ms", "-1s", "0", "24h1ns", "inf", "-inf"}) {
    EXPECT_THAT(Refusal(text),
                testing::EndsWith("is out of range; write a duration from 1s "
                                  "to 24h"));
  }
}

TEST(DurationTest, TextHasAUnitEvenForZero) {
  EXPECT_EQ(DurationText(absl::ZeroDuration()), "0s");
  EXPECT_EQ(DurationText(absl::Seconds(60)), "1m");
  EXPECT_EQ(DurationText(absl::Minutes(90)), "1h30m");
}

}  // namespace
}  // namespace connreg::flags
