#include "service/core/closed_ring.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/facts.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr size_t kMaxRows = 20;
constexpr absl::Time kStart = absl::UnixEpoch();

class ClosedRingTest : public testing::Test {
 protected:
  // A row that ended `age` after the start and is forgotten an hour later.
  void Add(uint64_t hash, const ConnectionFacts& facts, absl::Duration age,
           const Reporter& reporter = Agent("web1")) {
    Observation row{.facts = facts};
    row.provenance.reporter = std::make_shared<const Reporter>(reporter);
    row.closure = Closure{kStart + age, CloseReason::kDeregistered};
    ring_.Add(hash, std::move(row), age + absl::Hours(1));
  }
  // The one of so many of one four-tuple that has this cookie.
  void AddLife(uint64_t hash, uint64_t cookie) {
    Add(hash, Tcp("10.0.0.9:51000", "10.0.0.5:80", cookie),
        absl::Seconds(cookie));
  }
  std::vector<uint64_t> Cookies(uint64_t hash) {
    std::vector<uint64_t> cookies;
    for (const Observation& row : ring_.Find(hash))
      cookies.push_back(row.facts.socket.cookie);
    return cookies;
  }
  // The hashes that Next() goes through.
  std::vector<uint64_t> Hashes(const std::optional<Endpoint>& endpoint = {},
                               const std::string& host = "") {
    std::vector<uint64_t> hashes;
    std::optional<uint64_t> after;
    while ((after = ring_.Next(endpoint, host, after)))
      hashes.push_back(*after);
    return hashes;
  }

  History history_{kStart};
  ClosedRing ring_{kMaxRows, history_};
};

TEST_F(ClosedRingTest, FindsTheRowsOfOneHashTheLatestFirst) {
  AddLife(7, 1);
  AddLife(8, 2);
  AddLife(7, 3);
  EXPECT_THAT(Cookies(7), ElementsAre(3, 1));
  EXPECT_THAT(Cookies(8), ElementsAre(2));
  EXPECT_THAT(Cookies(9), IsEmpty());
}

TEST_F(ClosedRingTest, ForgetsWhatIsTooOld) {
  AddLife(7, 1);
  AddLife(7, 2);
  ring_.Forget(absl::Hours(1) + absl::Seconds(1) - absl::Nanoseconds(1));
  EXPECT_EQ(ring_.size(), 2u);
  ring_.Forget(absl::Hours(1) + absl::Seconds(1));
  EXPECT_THAT(Cookies(7), ElementsAre(2));
  ring_.Forget(absl::Hours(2));
  EXPECT_EQ(ring_.size(), 0u);
  EXPECT_THAT(Hashes(), IsEmpty());
}

TEST_F(ClosedRingTest, ForgetsTheOldestWhereThereAreTooMany) {
  for (uint64_t i = 1; i <= kMaxRows + 5; ++i) AddLife(/*hash=*/i, i);
  EXPECT_EQ(ring_.size(), kMaxRows);
  EXPECT_THAT(Cookies(5), IsEmpty());
  EXPECT_THAT(Cookies(6), ElementsAre(6));
  EXPECT_THAT(Hashes(), SizeIs(kMaxRows));
}

TEST_F(ClosedRingTest, ForgetsTheOldestOfOneHashBeyondItsShare) {
  AddLife(8, 1);
  for (uint64_t i = 2; i < ClosedRing::kMaxOfHash + 4; ++i) AddLife(7, i);
  EXPECT_THAT(Cookies(7), SizeIs(ClosedRing::kMaxOfHash));
  EXPECT_EQ(Cookies(7).back(), 4u);
  EXPECT_THAT(Cookies(8), ElementsAre(1));
}

TEST_F(ClosedRingTest, HoldsNoMoreThanItMayAfterABusyHash) {
  for (uint64_t i = 1; i <= ClosedRing::kMaxOfHash + 8; ++i) AddLife(7, i);
  for (uint64_t i = 100; i < 200; ++i) {
    AddLife(/*hash=*/i, i);
    EXPECT_LE(ring_.size(), kMaxRows);
  }
  EXPECT_THAT(Hashes(), SizeIs(kMaxRows));
}

TEST_F(ClosedRingTest, IsWalkedByEndpointHostOrAll) {
  Add(3, Tcp("10.0.0.9:51000", "10.0.0.5:80"), absl::Seconds(1));
  Add(1, Tcp("10.0.0.5:80", "10.0.0.9:51001"), absl::Seconds(2), Agent("db1"));
  Add(2, Tcp("10.0.0.9:51002", "10.0.0.6:80"), absl::Seconds(3));
  EXPECT_THAT(Hashes(), ElementsAre(1, 2, 3));
  EXPECT_THAT(Hashes(At("10.0.0.5:80")), ElementsAre(1, 3));
  EXPECT_THAT(Hashes(At("10.0.0.9:51002")), ElementsAre(2));
  EXPECT_THAT(Hashes(std::nullopt, "web1"), ElementsAre(2, 3));
  EXPECT_THAT(Hashes(std::nullopt, "db1"), ElementsAre(1));
  EXPECT_THAT(Hashes(std::nullopt, "db2"), IsEmpty());
}

TEST_F(ClosedRingTest, KeepsAHashInAnIndexWhileARowOfItHoldsTheKey) {
  const ConnectionFacts client = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  const ConnectionFacts server = Tcp("10.0.0.5:80", "10.0.0.9:51000");
  Add(7, client, absl::Seconds(1));
  Add(7, server, absl::Seconds(2), Agent("db1"));
  ring_.Forget(absl::Hours(1) + absl::Seconds(1));
  EXPECT_THAT(Hashes(At("10.0.0.9:51000")), ElementsAre(7));
  EXPECT_THAT(Hashes(std::nullopt, "web1"), IsEmpty());
  EXPECT_THAT(Hashes(std::nullopt, "db1"), ElementsAre(7));
}

TEST_F(ClosedRingTest, ForgettingMovesWhatMemoryCoversToTheEndOfTheRow) {
  AddLife(7, 1);
  AddLife(7, 2);
  EXPECT_EQ(history_.covered_since(), kStart);
  ring_.Forget(absl::Hours(1) + absl::Seconds(1));
  EXPECT_EQ(history_.covered_since(), kStart + absl::Seconds(1));

  for (uint64_t i = 3; i <= kMaxRows + 1; ++i) AddLife(/*hash=*/i, i);
  EXPECT_EQ(history_.covered_since(), kStart + absl::Seconds(1));
  AddLife(/*hash=*/99, kMaxRows + 2);
  EXPECT_EQ(history_.covered_since(), kStart + absl::Seconds(2));
}

TEST_F(ClosedRingTest, ForgettingTheOldestOfAHashLeavesWhatMemoryCovers) {
  for (uint64_t i = 1; i <= ClosedRing::kMaxOfHash; ++i) AddLife(7, i);
  EXPECT_EQ(history_.covered_since(), kStart);
  AddLife(7, 100);
  // The later lives still say that it was there.
  EXPECT_EQ(history_.covered_since(), kStart);
}

TEST_F(ClosedRingTest, WithoutRoomForgetsAtOnce) {
  ClosedRing none(0, history_);
  Observation row{.facts = Tcp("10.0.0.9:51000", "10.0.0.5:80")};
  row.provenance.reporter = std::make_shared<const Reporter>(Agent("web1"));
  row.closure = Closure{kStart + absl::Seconds(5), CloseReason::kDeregistered};
  none.Add(7, row, absl::Hours(1));
  EXPECT_EQ(none.size(), 0u);
  EXPECT_EQ(history_.covered_since(), kStart + absl::Seconds(5));
}

TEST_F(ClosedRingTest, RemembersASocketConnectedToItself) {
  Add(7, Tcp("10.0.0.9:51000", "10.0.0.9:51000"), absl::Seconds(1));
  EXPECT_THAT(Hashes(At("10.0.0.9:51000")), ElementsAre(7));
  ring_.Forget(absl::Hours(2));
  EXPECT_THAT(Hashes(At("10.0.0.9:51000")), IsEmpty());
}

}  // namespace
}  // namespace connreg
