#include "service/flags/log_flags.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "service/flags/program.h"
#include "tests/support/scoped_env.h"
#include "tests/support/status_matchers.h"

namespace connreg::flags {
namespace {

class LogFlagsTest : public testing::Test {
 protected:
  LogFlagsTest() { AddLogFlags(program_.app(), &flags_); }

  absl::Status Parse(std::vector<const char*> words) {
    words.insert(words.begin(), "tool");
    return program_.Parse(static_cast<int>(words.size()), words.data())
        .status();
  }

  Program program_{{.name = "tool"}};
  LogFlags flags_;
};

TEST_F(LogFlagsTest, DefaultsAreThoseOfTheLogger) {
  EXPECT_THAT(Parse({}), IsOk());
  EXPECT_EQ(flags_.options().format, Logger::Options().format);
  EXPECT_EQ(flags_.options().level, Logger::Options().level);
}

TEST_F(LogFlagsTest, FormatsAreTextAndJson) {
  for (const auto& [word, format] : {std::pair("text", LogFormat::kText),
                                     std::pair("json", LogFormat::kJson)}) {
    EXPECT_THAT(Parse({"--log-format", word}), IsOk());
    EXPECT_EQ(flags_.options().format, format);
  }
}

TEST_F(LogFlagsTest, LevelsAreThoseOfTheLines) {
  for (const LogLevel level : {LogLevel::kDebug, LogLevel::kInfo,
                               LogLevel::kWarning, LogLevel::kError}) {
    const std::string word(NameOf(level));
    EXPECT_THAT(Parse({"--log-level", word.c_str()}), IsOk());
    EXPECT_EQ(flags_.options().level, level);
  }
}

TEST_F(LogFlagsTest, BothStandInTheEnvironmentToo) {
  const ScopedEnv format("CONNREG_LOG_FORMAT", "json");
  const ScopedEnv level("CONNREG_LOG_LEVEL", "error");
  EXPECT_THAT(Parse({"--log-level", "warning"}), IsOk());
  EXPECT_EQ(flags_.options().format, LogFormat::kJson);
  EXPECT_EQ(flags_.options().level, LogLevel::kWarning);
}

TEST_F(LogFlagsTest, OtherWordsAreRefusedWithThoseThatAreKnown) {
  EXPECT_EQ(Parse({"--log-format", "xml"}).message(),
            "--log-format: \"xml\" is not known; write text or json");
  EXPECT_EQ(Parse({"--log-level", "INFO"}).message(),
            "--log-level: \"INFO\" is not known; write debug or info or "
            "warning or error");
}

}  // namespace
}  // namespace connreg::flags
