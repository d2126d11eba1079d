#include "service/base/proc_stat.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

// Each field from the third on is ten times its number.
constexpr char kStat[] =
    "7 (cat) 30 40 50 60 70 80 90 100 110 120 130 140 150 160 170 180 190 200 "
    "210 220 230 240 18446744073709551615\n";

TEST(ProcStatFieldTest, IsTheOneOfItsNumber) {
  for (const size_t number : {kUserTicks, kSystemTicks, kThreads, kStartTicks,
                              kVirtualBytes, kResidentPages})
    EXPECT_THAT(ProcStatField(kStat, number), IsOkAndHolds(10 * number));
}

TEST(ProcStatFieldTest, NameMayHoldAnything) {
  EXPECT_THAT(ProcStatField("7 (a) R 1 (b\n) 99 c)) 30 40 50 60", 5),
              IsOkAndHolds(50));
}

TEST(ProcStatFieldTest, CutBeforeItIsRefused) {
  const std::string stat = kStat;
  for (size_t size = 0; size <= stat.find(" 220"); ++size) {
    EXPECT_THAT(ProcStatField(stat.substr(0, size), kStartTicks),
                StatusIs(absl::StatusCode::kDataLoss))
        << size;
  }
}

TEST(ProcStatFieldTest, WhatIsNoNumberOrTooLargeIsRefused) {
  EXPECT_THAT(ProcStatField("7 (cat) R 40", 3),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(ProcStatField(kStat, 25), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(ParseBootTimeTest, IsItsOwnLine) {
  EXPECT_THAT(ParseBootTime("cpu 1 2\nctxt 5\nbtime 1700000000\nprocesses 9\n"),
              IsOkAndHolds(absl::FromUnixSeconds(1'700'000'000)));
  EXPECT_THAT(ParseBootTime("cpu 1 2\nxbtime 1\nbtime x\n"),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace connreg
