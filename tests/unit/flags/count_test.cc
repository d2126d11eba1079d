#include "service/flags/count.h"

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace connreg::flags {
namespace {

std::string Refusal(absl::string_view text, const CountRange& range = {}) {
  const auto parsed = ParseCount(text, range);
  EXPECT_THAT(parsed, StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  return std::string(parsed.status().message());
}

TEST(CountTest, IsAWholeNumber) {
  EXPECT_THAT(ParseCount("0", {}), IsOkAndHolds(0u));
  EXPECT_THAT(ParseCount("250", {}), IsOkAndHolds(250u));
  EXPECT_THAT(ParseCount("18446744073709551615", {}),
              IsOkAndHolds(18446744073709551615u));
}

TEST(CountTest, HasThousandsAndMillions) {
  EXPECT_THAT(ParseCount("100k", {}), IsOkAndHolds(100'000u));
  EXPECT_THAT(ParseCount("5M", {}), IsOkAndHolds(5'000'000u));
}

TEST(CountTest, AnythingElseIsNamed) {
  EXPECT_EQ(Refusal("many"),
            "\"many\" is not a whole number; write 250, 100k or 5M");
  for (const char* text : {"", "-1", "+1", "1.5", "1.5M", "1,000", "1 000", "k",
                           "5K", "5m", "5G", "5MB", "0x10", "1e6", " 5", "5 "})
    EXPECT_THAT(Refusal(text), testing::HasSubstr("is not a whole number"));
}

TEST(CountTest, OutOfItsRangeTheRangeIsTold) {
  EXPECT_EQ(Refusal("0", {.min = 1, .max = 5'000'000}),
            "\"0\" is out of range; write a whole number from 1 to 5M");
  EXPECT_EQ(Refusal("6M", {.min = 1, .max = 5'000'000}),
            "\"6M\" is out of range; write a whole number from 1 to 5M");
}

TEST(CountTest, WhatDoesNotFitIsOutOfRange) {
  for (const char* text :
       {"18446744073709551616", "99999999999999999999", "18446744073710M"})
    EXPECT_THAT(Refusal(text), testing::HasSubstr("is out of range"));
}

TEST(CountTest, TextIsTheShortest) {
  EXPECT_EQ(CountText(0), "0");
  EXPECT_EQ(CountText(999), "999");
  EXPECT_EQ(CountText(1'000), "1k");
  EXPECT_EQ(CountText(1'001), "1001");
  EXPECT_EQ(CountText(1'500'000), "1500k");
  EXPECT_EQ(CountText(5'000'000), "5M");
}

}  // namespace
}  // namespace connreg::flags
