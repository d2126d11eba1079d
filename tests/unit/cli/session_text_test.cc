#include "client/cli/session_text.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

v1::Host With(const std::string& session) {
  v1::Host host;
  *host.mutable_session() = FromText<v1::AgentSession>(session);
  return host;
}

TEST(SessionTextTest, AnIntervalHasUnitsForPeopleAndSecondsForPrograms) {
  const v1::Host host = With("interval { nanos: 100000000 }");
  EXPECT_EQ(IntervalText(host, kAsTable), "100ms");
  EXPECT_EQ(IntervalText(host, kAsWide), "100ms");
  EXPECT_EQ(IntervalText(host, kAsCsv), "0.1");
  EXPECT_EQ(IntervalText(With("interval { seconds: 90 }"), kAsTable), "1m30s");
}

TEST(SessionTextTest, AClockIsAheadOrBehind) {
  const v1::Host ahead = With("clock_offset { seconds: 252 nanos: 3000000 }");
  EXPECT_EQ(ClockText(ahead, kAsTable), "+4m12s");
  EXPECT_EQ(ClockText(ahead, kAsWide), "+4m12.003s");
  EXPECT_EQ(ClockText(ahead, kAsCsv), "252.003");
  const v1::Host behind = With("clock_offset { seconds: -600 }");
  EXPECT_EQ(ClockText(behind, kAsTable), "-10m");
  EXPECT_EQ(ClockText(behind, kAsWide), "-10m");
  EXPECT_EQ(ClockText(behind, kAsCsv), "-600");
}

TEST(SessionTextTest, ALagOfLessThanASecondIsNoneInATable) {
  const v1::Host host = With("clock_offset { nanos: -3000000 }");
  EXPECT_EQ(ClockText(host, kAsTable), "-");
  EXPECT_EQ(ClockText(host, kAsWide), "-3ms");
  EXPECT_EQ(ClockText(host, kAsCsv), "-0.003");
}

TEST(SessionTextTest, WhatIsShownAsNothingHasNoSign) {
  for (const int nanos : {-504867, 504867, 0}) {
    const v1::Host host =
        With(absl::StrCat("clock_offset { nanos: ", nanos, " }"));
    EXPECT_EQ(ClockText(host, kAsWide), "0");
  }
  EXPECT_EQ(ClockText(With("clock_offset { nanos: -500000 }"), kAsCsv),
            "-0.0005");
}

TEST(SessionTextTest, AVersionIsShownAsItIsTold) {
  EXPECT_EQ(AgentVersionText(With("version: '0.1.0'"), kAsTable), "0.1.0");
}

TEST(SessionTextTest, ANameConflictSaysWhen) {
  const v1::Host host = With("name_conflict_time { seconds: 1700000060 }");
  EXPECT_EQ(NameConflictText(host, kAsTable), "1m ago");
  EXPECT_EQ(NameConflictText(host, kAsCsv), "2023-11-14T22:14:20Z");
}

TEST(SessionTextTest, WhatIsNotKnownIsADashForPeopleAndElseEmpty) {
  for (const v1::Host& host : {v1::Host(), With("epoch: 1")}) {
    for (const auto text :
         {IntervalText, ClockText, AgentVersionText, NameConflictText}) {
      EXPECT_EQ(text(host, kAsTable), "-");
      EXPECT_EQ(text(host, kAsWide), "-");
      EXPECT_EQ(text(host, kAsCsv), "");
    }
  }
}

}  // namespace
}  // namespace connreg::cli
