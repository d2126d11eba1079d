#include "service/core/capacity.h"

#include <optional>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/facts.h"
#include "tests/unit/core/leases.h"

namespace connreg {
namespace {

using ::testing::SizeIs;

constexpr Limits kLimits = {.rows = 5, .rows_per_reporter = 3};

class CapacityTest : public testing::Test {
 protected:
  void TakeAll(Lease& lease, size_t count) {
    for (size_t i = 0; i < count; ++i)
      ASSERT_EQ(capacity_.Take(lease), std::nullopt);
  }

  Capacity capacity_{kLimits};
  Leases leases_;
  const LeasePtr web1_ = leases_.Of(Agent("web1"));
  const LeasePtr db1_ = leases_.Of(Agent("db1"));
};

TEST_F(CapacityTest, AReporterMayHaveSoManyRowsAndNoMore) {
  TakeAll(*web1_, 3);
  EXPECT_EQ(capacity_.Take(*web1_), RowLimit::kRowsPerReporter);
  EXPECT_EQ(web1_->rows, 3u);
}

TEST_F(CapacityTest, AllTogetherMayHaveSoManyRowsAndNoMore) {
  TakeAll(*web1_, 3);
  TakeAll(*db1_, 2);
  EXPECT_EQ(capacity_.Take(*db1_), RowLimit::kRows);
  EXPECT_EQ(db1_->rows, 2u);
}

TEST_F(CapacityTest, RoomIsGivenBack) {
  TakeAll(*web1_, 3);
  TakeAll(*db1_, 2);
  capacity_.Release(*web1_);
  TakeAll(*db1_, 1);
  EXPECT_EQ(capacity_.Take(*web1_), RowLimit::kRows);
  capacity_.Release(*db1_);
  TakeAll(*web1_, 1);
}

TEST_F(CapacityTest, ARowThatWasRefusedForAllTakesNoRoomOfItsReporter) {
  TakeAll(*web1_, 3);
  TakeAll(*db1_, 2);
  for (int i = 0; i < 10; ++i) capacity_.Take(*db1_);
  capacity_.Release(*web1_);
  TakeAll(*db1_, 1);
}

TEST_F(CapacityTest, ARowMovesToTheNextLeaseWhateverTheLimits) {
  const LeasePtr next = leases_.Of(Agent("web1"));
  TakeAll(*web1_, 3);
  TakeAll(*next, 2);
  for (int i = 0; i < 3; ++i) Capacity::Move(*web1_, *next);
  EXPECT_EQ(web1_->rows, 0u);
  EXPECT_EQ(next->rows, 5u);
}

TEST_F(CapacityTest, CountsWhatEachLimitKeptOut) {
  capacity_.CountRefused(RowLimit::kRows, *web1_);
  capacity_.CountRefused(RowLimit::kRowsPerReporter, *web1_);
  capacity_.CountRefused(RowLimit::kRowsPerReporter, *db1_);
  const std::vector<LimitReached> reached = capacity_.Reached();
  ASSERT_THAT(reached, SizeIs(kRowLimits));
  EXPECT_EQ(reached[0].limit, RowLimit::kRows);
  EXPECT_EQ(reached[0].value, kLimits.rows);
  EXPECT_EQ(reached[0].refused, 1u);
  EXPECT_EQ(reached[1].limit, RowLimit::kRowsPerReporter);
  EXPECT_EQ(reached[1].value, kLimits.rows_per_reporter);
  EXPECT_EQ(reached[1].refused, 2u);
  for (size_t i = 2; i < kRowLimits; ++i) {
    EXPECT_EQ(reached[i].refused, 0u);
    EXPECT_EQ(reached[i].value, kLimits.Of(reached[i].limit));
  }
  EXPECT_EQ(web1_->refused, 2u);
  EXPECT_EQ(db1_->refused, 1u);
}

TEST_F(CapacityTest, NamesOnlyTheLimitsThatKeptRowsOut) {
  Refusals refusals;
  refusals.Add(RowLimit::kListenersPerEndpoint, 4);
  const std::vector<LimitReached> reached = capacity_.Reached(refusals);
  ASSERT_THAT(reached, SizeIs(1));
  EXPECT_EQ(reached[0].limit, RowLimit::kListenersPerEndpoint);
  EXPECT_EQ(reached[0].value, kLimits.listeners_per_endpoint);
  EXPECT_EQ(reached[0].refused, 4u);
}

TEST(CapacityOfThreadsTest, IsNotExceededByTwoThatTakeAtOnce) {
  Capacity capacity({.rows = 1000, .rows_per_reporter = 600});
  Leases leases;
  const LeasePtr shared = leases.Of(Agent("web1"));
  const LeasePtr other = leases.Of(Agent("db1"));
  const auto take = [&] {
    for (int i = 0; i < 1000; ++i) {
      capacity.Take(*shared);
      capacity.Take(*other);
    }
  };
  std::thread one(take);
  std::thread two(take);
  one.join();
  two.join();
  EXPECT_LE(shared->rows, 600u);
  EXPECT_LE(other->rows, 600u);
  EXPECT_EQ(shared->rows + other->rows, 1000u);
}

}  // namespace
}  // namespace connreg
