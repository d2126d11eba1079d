#include "client/agent/look_schedule.h"

#include "gtest/gtest.h"

namespace connreg {
namespace {

constexpr absl::Duration kStart = absl::Seconds(1000);

class LookScheduleTest : public testing::Test {
 protected:
  // A look from now on that takes as long as it costs.
  void Look(absl::Duration cost) {
    schedule_.NoteBegin(now_);
    now_ += cost;
    schedule_.NoteEnd(now_, cost);
  }
  absl::Duration Wait() const { return schedule_.WaitFrom(now_); }

  absl::Duration now_ = kStart;
  LookSchedule schedule_{{.interval = absl::Seconds(5), .max_cpu_percent = 10}};
};

TEST_F(LookScheduleTest, FirstLookIsDueAtOnce) {
  EXPECT_EQ(Wait(), absl::ZeroDuration());
}

TEST_F(LookScheduleTest, IntervalIsFromBeginningToBeginning) {
  Look(absl::Milliseconds(200));
  EXPECT_EQ(Wait(), absl::Milliseconds(4800));
  EXPECT_EQ(schedule_.interval(), absl::Seconds(5));
}

TEST_F(LookScheduleTest, LooksThatCostMoreThanTheyMayComeLessOften) {
  Look(absl::Seconds(2));
  EXPECT_EQ(Wait(), absl::Seconds(18));
  EXPECT_EQ(schedule_.interval(), absl::Seconds(20));
}

TEST_F(LookScheduleTest, IntervalShrinksWithTheCost) {
  Look(absl::Seconds(2));
  now_ += Wait();
  Look(absl::Milliseconds(1));
  EXPECT_EQ(schedule_.interval(), absl::Seconds(5));
}

TEST_F(LookScheduleTest, LookThatWasKeptWaitingLeavesTimeForOthers) {
  schedule_.NoteBegin(now_);
  now_ += absl::Seconds(30);
  schedule_.NoteEnd(now_, absl::Milliseconds(1));
  EXPECT_EQ(Wait(), absl::Milliseconds(500));
}

TEST_F(LookScheduleTest, HurryIsAsSoonAsItMayCost) {
  Look(absl::Milliseconds(100));
  schedule_.Hurry();
  EXPECT_EQ(Wait(), absl::Milliseconds(900));
  now_ += absl::Seconds(3);
  schedule_.Hurry();
  EXPECT_EQ(Wait(), absl::ZeroDuration());
}

}  // namespace
}  // namespace connreg
