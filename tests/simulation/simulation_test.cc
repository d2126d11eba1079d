// Many schedules, each from its seed: see README.md.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "gtest/gtest.h"
#include "tests/simulation/schedule.h"

namespace connreg::simulation {
namespace {

// How many parts may run side by side, and how many schedules each has.
constexpr int kParts = 4;
constexpr uint64_t kSchedules = CONNREG_SCHEDULES;

class ScheduleTest : public testing::TestWithParam<int> {};

TEST_P(ScheduleTest, TheRegistryComesToHaveWhatTheKernelsHave) {
  const char* const text = std::getenv("CONNREG_SEED");
  uint64_t seed = 0;
  if (text != nullptr && absl::SimpleAtoi(text, &seed)) {
    const std::string failure = FailureOf(seed);
    ASSERT_TRUE(failure.empty()) << failure;
    return;
  }
  for (uint64_t i = 0; i < kSchedules; ++i) {
    const std::string failure = FailureOf(1 + i * kParts + GetParam());
    ASSERT_TRUE(failure.empty()) << failure;
  }
}

INSTANTIATE_TEST_SUITE_P(Parts, ScheduleTest, testing::Range(0, kParts));

TEST(ScheduleTraceTest, OneSeedAlwaysMakesTheSameRun) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    Schedule first(seed, /*keeps_lines=*/true);
    Schedule second(seed, /*keeps_lines=*/true);
    ASSERT_EQ(first.Run().lines(), second.Run().lines()) << seed;
  }
}

}  // namespace
}  // namespace connreg::simulation
