// The small parts that sessions are judged by.

#include "gtest/gtest.h"
#include "service/core/agent_runs.h"
#include "service/core/machine_claims.h"
#include "service/core/refused_rows.h"

namespace connreg {
namespace {

using Verdict = MachineClaims::Verdict;

TEST(MachineClaimsTest, TheFirstMachineHasTheName) {
  EXPECT_EQ(MachineClaims().Judge("a", false, false), Verdict::kSame);
  EXPECT_EQ(MachineClaims().Judge("a", false, true), Verdict::kSame);
}

TEST(MachineClaimsTest, AnotherHasToWaitWhileTheFirstReports) {
  MachineClaims claims;
  claims.Accept("a");
  EXPECT_EQ(claims.Judge("b", true, true), Verdict::kTaken);
  EXPECT_EQ(claims.Judge("b", false, true), Verdict::kNext);
  EXPECT_EQ(claims.Judge("a", true, true), Verdict::kSame);
}

TEST(MachineClaimsTest, WhoWasFollowedComesBackOnlyWhenNothingIsLeft) {
  MachineClaims claims;
  claims.Accept("a");
  claims.Accept("b");
  EXPECT_EQ(claims.Judge("a", false, true), Verdict::kTaken);
  EXPECT_EQ(claims.Judge("a", false, false), Verdict::kNext);
  EXPECT_EQ(claims.Judge("c", false, true), Verdict::kNext);
}

TEST(AgentRunsTest, OnlyAnEarlierRunIsFollowed) {
  AgentRuns runs;
  EXPECT_FALSE(runs.IsFollowed("a"));
  runs.Accept("a");
  EXPECT_FALSE(runs.IsFollowed("a"));
  runs.Accept("b");
  EXPECT_TRUE(runs.IsFollowed("a"));
  EXPECT_FALSE(runs.IsFollowed("b"));
  runs.Accept("a");
  EXPECT_FALSE(runs.IsFollowed("a"));
  EXPECT_TRUE(runs.IsFollowed("b"));
}

TEST(RefusedRowsTest, WaitForMoreRoomThanThereWas) {
  RefusedRows rows;
  EXPECT_FALSE(rows.TakeRoom(10));
  rows.Note(3);
  EXPECT_TRUE(rows.waiting());
  EXPECT_FALSE(rows.TakeRoom(3));
  EXPECT_TRUE(rows.TakeRoom(4));
  EXPECT_FALSE(rows.waiting());
  EXPECT_FALSE(rows.TakeRoom(5));
}

TEST(RefusedRowsTest, WaitAgainInTheNextSession) {
  RefusedRows rows;
  rows.Carry();
  EXPECT_FALSE(rows.TakeRoom(1));
  rows.Note(0);
  EXPECT_TRUE(rows.TakeRoom(1));
  rows.Carry();
  EXPECT_FALSE(rows.TakeRoom(0));
  EXPECT_TRUE(rows.TakeRoom(1));
  rows.Reset();
  rows.Carry();
  EXPECT_FALSE(rows.TakeRoom(1));
}

}  // namespace
}  // namespace connreg
