#include "service/flags/size.h"

#include <limits>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace connreg::flags {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

constexpr SizeRange kAny = {0, std::numeric_limits<uint64_t>::max()};

std::string Refusal(absl::string_view text, const SizeRange& range = kAny) {
  const auto parsed = ParseSize(text, range);
  EXPECT_THAT(parsed, StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  return std::string(parsed.status().message());
}

TEST(SizeTest, UnitsWithAnIAreOfPowersOf1024) {
  EXPECT_THAT(ParseSize("64B", kAny), IsOkAndHolds(64u));
  EXPECT_THAT(ParseSize("512KiB", kAny), IsOkAndHolds(524'288u));
  EXPECT_THAT(ParseSize("4MiB", kAny), IsOkAndHolds(4'194'304u));
  EXPECT_THAT(ParseSize("1GiB", kAny), IsOkAndHolds(1'073'741'824u));
  EXPECT_THAT(ParseSize("1TiB", kAny), IsOkAndHolds(1'099'511'627'776u));
}

TEST(SizeTest, UnitsWithoutAreOfPowersOf1000) {
  EXPECT_THAT(ParseSize("500kB", kAny), IsOkAndHolds(500'000u));
  EXPECT_THAT(ParseSize("4MB", kAny), IsOkAndHolds(4'000'000u));
  EXPECT_THAT(ParseSize("1GB", kAny), IsOkAndHolds(1'000'000'000u));
  EXPECT_THAT(ParseSize("1TB", kAny), IsOkAndHolds(1'000'000'000'000u));
}

TEST(SizeTest, ABareNumberIsRefusedWithWhatItCouldMean) {
  EXPECT_EQ(Refusal("4096"),
            "\"4096\" has no unit; write 4096B for bytes, or a unit such as "
            "KiB or MiB");
  EXPECT_THAT(Refusal("0"), HasSubstr("has no unit"));
}

TEST(SizeTest, AnUnknownUnitIsNamed) {
  EXPECT_EQ(Refusal("4mb"),
            "\"4mb\" has the unknown unit \"mb\"; write B, KiB, MiB, GiB, TiB, "
            "kB, MB, GB or TB");
  for (const char* text : {"4M", "4k", "4kib", "4MIB", "4KB", "4PiB", "4 MiB",
                           "4MiB ", "4b", "4MiB4KiB"})
    EXPECT_THAT(Refusal(text), HasSubstr("has the unknown unit"));
}

TEST(SizeTest, AFractionIsRefused) {
  EXPECT_EQ(Refusal("1.5MiB"),
            "\"1.5MiB\" is a fraction; write a whole number of a smaller unit, "
            "such as 1536KiB");
  EXPECT_THAT(Refusal("1,5MiB"), HasSubstr("is a fraction"));
}

TEST(SizeTest, ANegativeOneIsRefused) {
  EXPECT_EQ(Refusal("-4MiB"), "\"-4MiB\" is negative; write 64KiB or 4MiB");
}

TEST(SizeTest, AnythingElseIsNamed) {
  for (const char* text : {"", "big", "MiB", "+4MiB", " 4MiB"})
    EXPECT_THAT(Refusal(text), HasSubstr("is not a size; write 64KiB or 4MiB"));
}

TEST(SizeTest, OutOfItsRangeTheRangeIsTold) {
  const SizeRange range = {64 << 10, 64 << 20};
  EXPECT_THAT(ParseSize("64KiB", range), IsOk());
  EXPECT_THAT(ParseSize("64MiB", range), IsOk());
  for (const char* text : {"65535B", "67108865B", "1GiB", "0B"}) {
    EXPECT_THAT(Refusal(text, range),
                EndsWith("is out of range; write a size from 64KiB to 64MiB"));
  }
}

TEST(SizeTest, WhatDoesNotFitIsOutOfRange) {
  for (const char* text :
       {"99999999999999999999B", "16777216TiB", "18446744073709551615KiB"})
    EXPECT_THAT(Refusal(text), HasSubstr("is out of range"));
}

TEST(SizeTest, TextIsInTheLargestWholeUnit) {
  EXPECT_EQ(SizeText(0), "0B");
  EXPECT_EQ(SizeText(1023), "1023B");
  EXPECT_EQ(SizeText(1024), "1KiB");
  EXPECT_EQ(SizeText(4 << 20), "4MiB");
  EXPECT_EQ(SizeText(1536 << 10), "1536KiB");
  EXPECT_EQ(SizeText(500'000), "500kB");
}

}  // namespace
}  // namespace connreg::flags
