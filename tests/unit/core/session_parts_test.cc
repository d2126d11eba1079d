// The small parts that sessions are judged by.

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "service/core/agent_runs.h"
#include "service/core/machine_claims.h"
#include "service/core/refused_rows.h"
#include "tests/support/facts.h"

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

class RefusedRowsTest : public testing::Test {
 protected:
  static ConnectionFacts Row(int port) {
    return Tcp(absl::StrCat("10.0.0.9:", port), "10.0.0.5:80");
  }
  // A batch of these rows, of which those at `refused` were not taken.
  void Note(const std::vector<ConnectionFacts>& rows,
            const std::vector<uint32_t>& refused, size_t room = 0) {
    rows_.Note({.connections = rows}, {.refused_connections = refused}, room,
               now_);
  }
  bool TakeRoom(size_t room) { return rows_.TakeRoom(room, now_); }
  bool AnyMissing() { return rows_.AnyMissing(now_); }

  absl::Duration now_;
  RefusedRows rows_;
};

TEST_F(RefusedRowsTest, WaitForMoreRoomThanThereWas) {
  EXPECT_FALSE(TakeRoom(10));
  Note({Row(1)}, {0}, /*room=*/3);
  EXPECT_TRUE(rows_.waiting());
  EXPECT_FALSE(TakeRoom(3));
  EXPECT_TRUE(TakeRoom(4));
  EXPECT_FALSE(rows_.waiting());
  EXPECT_FALSE(TakeRoom(5));
}

TEST_F(RefusedRowsTest, WaitAgainInTheNextSession) {
  rows_.Carry();
  EXPECT_FALSE(TakeRoom(1));
  Note({Row(1)}, {0});
  EXPECT_TRUE(TakeRoom(1));
  rows_.Carry();
  EXPECT_FALSE(TakeRoom(0));
  EXPECT_TRUE(TakeRoom(1));
  rows_.Reset();
  rows_.Carry();
  EXPECT_FALSE(TakeRoom(1));
}

TEST_F(RefusedRowsTest, AreMissingUntilEachIsTakenOrGone) {
  EXPECT_FALSE(AnyMissing());
  Note({Row(1), Row(2), Row(3), Row(4)}, {1, 2, 3});
  Note({Row(1), Row(2)}, {});
  EXPECT_TRUE(AnyMissing());
  rows_.Note({.gone_connections = {{.tuple = Row(3).tuple}}}, {}, 0, now_);
  EXPECT_TRUE(AnyMissing());
  rows_.Note({.ended = {Row(4)}}, {}, 0, now_);
  EXPECT_FALSE(AnyMissing());
  EXPECT_FALSE(TakeRoom(10));
}

TEST_F(RefusedRowsTest, ListenersOfOnePlaceAreMissingEachForItself) {
  const ListenerFacts one = TcpListener("0.0.0.0:80", 1);
  const ListenerFacts other = TcpListener("0.0.0.0:80", 2);
  rows_.Note({.listeners = {one, other}}, {.refused_listeners = {1}}, 0, now_);
  rows_.Note({.listeners = {one}}, {}, 0, now_);
  EXPECT_TRUE(AnyMissing());
  rows_.Note({.gone_listeners = {{other.socket, other.local, ""}}}, {}, 0,
             now_);
  EXPECT_FALSE(AnyMissing());
}

TEST_F(RefusedRowsTest, AreNotMissingIfNobodyOffersThemThoughThereIsRoom) {
  Note({Row(1)}, {0});
  EXPECT_TRUE(TakeRoom(1));
  now_ += RefusedRows::kOfferedWithin - absl::Nanoseconds(1);
  EXPECT_TRUE(AnyMissing());
  now_ += absl::Nanoseconds(1);
  EXPECT_FALSE(AnyMissing());
  // Nor do they come back with others.
  Note({Row(2)}, {0});
  EXPECT_TRUE(AnyMissing());
  Note({Row(2)}, {});
  EXPECT_FALSE(AnyMissing());
}

TEST_F(RefusedRowsTest, OfMoreThanCanBeNamedSomeAreMissingUntilThereIsRoom) {
  std::vector<ConnectionFacts> rows;
  std::vector<uint32_t> refused;
  for (uint32_t place = 0; place <= RefusedRows::kMaxNamed; ++place) {
    rows.push_back(Row(static_cast<int>(place) + 1));
    refused.push_back(place);
  }
  Note(rows, refused);
  // Perhaps another one was not.
  Note(rows, {});
  EXPECT_TRUE(AnyMissing());
  EXPECT_TRUE(TakeRoom(1));
  now_ += RefusedRows::kOfferedWithin;
  EXPECT_FALSE(AnyMissing());
}

}  // namespace
}  // namespace connreg
