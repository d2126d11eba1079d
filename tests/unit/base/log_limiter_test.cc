#include "service/base/log_limiter.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using HeldBack = LogLimiter::HeldBack;

constexpr absl::Duration kWindow = absl::Seconds(10);

class LogLimiterTest : public testing::Test {
 protected:
  // How many of `count` lines are let through.
  int Admitted(int count, absl::string_view message,
               LogLevel level = LogLevel::kInfo) {
    int admitted = 0;
    for (int i = 0; i < count; ++i)
      admitted += static_cast<int>(limiter_.Admits(level, message, now_));
    return admitted;
  }

  absl::Duration now_ = absl::Seconds(1000);
  LogLimiter limiter_{{.burst = 3, .window = kWindow, .max_messages = 2}};
};

TEST_F(LogLimiterTest, LetsABurstThroughAndCountsTheRest) {
  EXPECT_EQ(Admitted(10, "stale"), 3);
  now_ += kWindow;
  EXPECT_THAT(limiter_.Take(now_),
              ElementsAre(HeldBack{LogLevel::kInfo, "stale", 7}));
}

TEST_F(LogLimiterTest, TellsACountOnceAndOnlyWhenTheWindowIsOver) {
  Admitted(4, "stale");
  EXPECT_THAT(limiter_.Take(now_ + kWindow - absl::Nanoseconds(1)), IsEmpty());
  EXPECT_THAT(limiter_.Take(now_ + kWindow),
              ElementsAre(HeldBack{LogLevel::kInfo, "stale", 1}));
  EXPECT_THAT(limiter_.Take(now_ + 2 * kWindow), IsEmpty());
}

TEST_F(LogLimiterTest, LetsAnotherBurstThroughInTheNextWindow) {
  Admitted(10, "stale");
  now_ += kWindow - absl::Nanoseconds(1);
  EXPECT_EQ(Admitted(1, "stale"), 0);
  now_ += absl::Nanoseconds(1);
  EXPECT_EQ(Admitted(10, "stale"), 3);
}

TEST_F(LogLimiterTest, LosesNoCountThatIsNotTakenInTime) {
  Admitted(10, "stale");
  now_ += kWindow;
  Admitted(10, "stale");
  EXPECT_THAT(limiter_.Take(now_ + kWindow),
              ElementsAre(HeldBack{LogLevel::kInfo, "stale", 14}));
}

TEST_F(LogLimiterTest, HasNothingToTellOfAFewLines) {
  EXPECT_EQ(Admitted(3, "stale"), 3);
  EXPECT_THAT(limiter_.Take(now_ + kWindow), IsEmpty());
}

TEST_F(LogLimiterTest, CountsMessagesAndLevelsApart) {
  EXPECT_EQ(Admitted(4, "grpc", LogLevel::kInfo), 3);
  EXPECT_EQ(Admitted(5, "grpc", LogLevel::kError), 3);
  EXPECT_THAT(limiter_.Take(now_ + kWindow),
              ElementsAre(HeldBack{LogLevel::kInfo, "grpc", 1},
                          HeldBack{LogLevel::kError, "grpc", 2}));
}

TEST_F(LogLimiterTest, CountsMoreMessagesThanItRemembersTogether) {
  Admitted(4, "a");
  Admitted(4, "b");
  int admitted = 0;
  for (int i = 0; i < 1000; ++i) admitted += Admitted(1, absl::StrCat(i));
  EXPECT_EQ(admitted, 3);
  EXPECT_EQ(Admitted(1, "a"), 0);
  EXPECT_THAT(
      limiter_.TakeAll(),
      UnorderedElementsAre(HeldBack{LogLevel::kInfo, "a", 2},
                           HeldBack{LogLevel::kInfo, "b", 1},
                           HeldBack{LogLevel::kInfo, "other messages", 997}));
}

TEST_F(LogLimiterTest, ForgetsMessagesWhoseWindowIsOver) {
  Admitted(3, "a");
  Admitted(3, "b");
  now_ += kWindow;
  EXPECT_THAT(limiter_.Take(now_), IsEmpty());
  EXPECT_EQ(Admitted(4, "c"), 3);
  EXPECT_THAT(limiter_.TakeAll(),
              ElementsAre(HeldBack{LogLevel::kInfo, "c", 1}));
}

TEST_F(LogLimiterTest, TellsAllAtTheEnd) {
  Admitted(4, "a");
  EXPECT_THAT(limiter_.TakeAll(),
              ElementsAre(HeldBack{LogLevel::kInfo, "a", 1}));
  EXPECT_EQ(Admitted(1, "a"), 1);
}

}  // namespace
}  // namespace connreg
