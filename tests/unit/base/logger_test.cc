#include "service/base/logger.h"

#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "service/base/log.h"
#include "tests/support/fake_clock.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr size_t kBurst = LogLimiter::Options().burst;
constexpr absl::Duration kWindow = absl::Seconds(10);

class LoggerTest : public testing::Test {
 protected:
  void LogStale(size_t count) {
    for (size_t i = 0; i < count; ++i)
      logger_.Log(LogLevel::kWarning, "host stale", {{"host", i}});
  }

  FakeClock clock_;
  std::vector<std::string> lines_;
  bool takes_lines_ = true;
  Logger logger_{clock_, [this](absl::string_view line) {
                   if (takes_lines_) lines_.emplace_back(line);
                   return takes_lines_;
                 }};
};

TEST_F(LoggerTest, WritesLogfmtLinesWithTheTimeOfItsClock) {
  logger_.Log(LogLevel::kInfo, "seen", {{"host", "web1"}});
  EXPECT_THAT(lines_, ElementsAre("time=2023-11-14T22:13:20.000Z level=info "
                                  "msg=seen host=web1\n"));
}

TEST_F(LoggerTest, CountsTheLinesThatWereNotTaken) {
  takes_lines_ = false;
  logger_.Log(LogLevel::kInfo, "one", {});
  logger_.Log(LogLevel::kInfo, "two", {});
  takes_lines_ = true;
  logger_.Log(LogLevel::kInfo, "three", {});
  logger_.Log(LogLevel::kInfo, "four", {});
  EXPECT_THAT(lines_,
              ElementsAre(HasSubstr("msg=\"lines lost\" count=2"),
                          HasSubstr("msg=three"), HasSubstr("msg=four")));
}

TEST_F(LoggerTest, WritesJsonIfToldTo) {
  logger_.Configure({.format = LogFormat::kJson});
  logger_.Log(LogLevel::kInfo, "seen", {});
  EXPECT_THAT(lines_, ElementsAre("{\"time\":\"2023-11-14T22:13:20.000Z\","
                                  "\"level\":\"info\",\"msg\":\"seen\"}\n"));
}

TEST_F(LoggerTest, LeavesOutWhatIsLighterThanItsLevel) {
  for (const auto& [level, count] :
       {std::pair(LogLevel::kDebug, 4), std::pair(LogLevel::kInfo, 3),
        std::pair(LogLevel::kWarning, 2), std::pair(LogLevel::kError, 1)}) {
    lines_.clear();
    logger_.Configure({.level = level});
    for (const LogLevel each : {LogLevel::kDebug, LogLevel::kInfo,
                                LogLevel::kWarning, LogLevel::kError})
      logger_.Log(each, "seen", {});
    EXPECT_THAT(lines_, SizeIs(count));
  }
}

TEST_F(LoggerTest, LeavesOutDebugLinesUnlessTold) {
  logger_.Log(LogLevel::kDebug, "seen", {});
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(LoggerTest, SaysHowManyLinesWereHeldBack) {
  LogStale(1000);
  EXPECT_THAT(lines_, SizeIs(kBurst));
  logger_.Flush();
  EXPECT_THAT(lines_, SizeIs(kBurst));
  clock_.Advance(kWindow);
  logger_.Flush();
  logger_.Flush();
  ASSERT_THAT(lines_, SizeIs(kBurst + 1));
  EXPECT_THAT(lines_.back(), EndsWith(" level=warning msg=\"lines held back\" "
                                      "of=\"host stale\" count=980\n"));
}

TEST_F(LoggerTest, SaysSoBeforeTheNextLine) {
  LogStale(kBurst + 1);
  clock_.Advance(kWindow);
  logger_.Log(LogLevel::kInfo, "synced", {});
  ASSERT_THAT(lines_, SizeIs(kBurst + 2));
  EXPECT_THAT(lines_[kBurst], EndsWith("of=\"host stale\" count=1\n"));
  EXPECT_THAT(lines_.back(), EndsWith("msg=synced\n"));
}

TEST_F(LoggerTest, HoldsNothingBackThatItDoesNotWrite) {
  for (size_t i = 0; i <= kBurst; ++i) logger_.Log(LogLevel::kDebug, "x", {});
  logger_.Finish();
  EXPECT_THAT(lines_, IsEmpty());
}

TEST_F(LoggerTest, SaysEverythingAtTheEndAndHoldsNothingBackFromThenOn) {
  LogStale(kBurst + 1);
  logger_.Finish();
  EXPECT_THAT(lines_.back(), EndsWith("of=\"host stale\" count=1\n"));
  lines_.clear();
  LogStale(kBurst + 1);
  EXPECT_THAT(lines_, SizeIs(kBurst + 1));
}

TEST_F(LoggerTest, KeepsLinesOfSeveralThreadsApart) {
  constexpr size_t kEach = 1000;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([this] { LogStale(kEach); });
  for (std::thread& thread : threads) thread.join();
  logger_.Finish();
  ASSERT_THAT(lines_, SizeIs(kBurst + 1));
  EXPECT_THAT(lines_.back(), EndsWith("of=\"host stale\" count=3980\n"));
}

TEST(LogTest, WritesOneLineToStandardError) {
  testing::internal::CaptureStderr();
  Log(LogLevel::kInfo, "started", {{"port", 7070}});
  const std::string written = testing::internal::GetCapturedStderr();

  EXPECT_THAT(written, StartsWith("time="));
  EXPECT_THAT(written, EndsWith(" level=info msg=started port=7070\n"));
}

}  // namespace
}  // namespace connreg
