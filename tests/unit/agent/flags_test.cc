#include "client/agent/flags.h"

#include <cstdlib>
#include <sstream>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace connreg {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class FlagsTest : public testing::Test {
 protected:
  ~FlagsTest() override {
    for (const char* name :
         {"CONNREG_SERVER", "CONNREG_HOST", "CONNREG_NETWORK", "CONNREG_NETNS",
          "CONNREG_LOG_LEVEL"})
      unsetenv(name);
  }

  std::variant<Flags, ExitCode> Parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "connreg-agent");
    return ParseFlags(static_cast<int>(arguments.size()), arguments.data(),
                      "web1", out_, err_);
  }

  // What is wrong with `arguments`.
  std::string Complaint(const std::vector<const char*>& arguments) {
    err_.str("");
    const std::variant<Flags, ExitCode> parsed = Parse(arguments);
    EXPECT_EQ(std::get<ExitCode>(parsed), ExitCode::kUsage);
    return err_.str();
  }

  std::ostringstream out_, err_;
};

TEST_F(FlagsTest, DefaultsAreTheHostsNameAndHalfAMinute) {
  const Flags flags = std::get<Flags>(Parse({"--once"}));
  EXPECT_EQ(flags.server, "127.0.0.1:7878");
  EXPECT_EQ(flags.interval, absl::Seconds(5));
  EXPECT_EQ(flags.ttl, absl::Seconds(30));
  EXPECT_EQ(flags.host, "web1");
  EXPECT_EQ(flags.network, "default");
}

TEST_F(FlagsTest, EnvironmentYieldsToTheCommandLine) {
  setenv("CONNREG_SERVER", "10.0.0.1:1", 1);
  setenv("CONNREG_HOST", "env-host", 1);
  setenv("CONNREG_NETWORK", "env-network", 1);
  const Flags flags = std::get<Flags>(Parse({"--once", "--host", "flag-host"}));
  EXPECT_EQ(flags.server, "10.0.0.1:1");
  EXPECT_EQ(flags.host, "flag-host");
  EXPECT_EQ(flags.network, "env-network");
}

TEST_F(FlagsTest, AllNetworkNamespacesAreReportedUnlessTold) {
  EXPECT_EQ(std::get<Flags>(Parse({})).netns, "all");
  setenv("CONNREG_NETNS", "own", 1);
  EXPECT_EQ(std::get<Flags>(Parse({})).netns, "own");
  EXPECT_THAT(Complaint({"--netns", "mine"}), HasSubstr("mine"));
}

TEST_F(FlagsTest, ReportsOnAndOnUnlessToldOnce) {
  EXPECT_FALSE(std::get<Flags>(Parse({})).once);
  EXPECT_TRUE(std::get<Flags>(Parse({"--once"})).once);
}

TEST_F(FlagsTest, ArgumentsOfProcessesAreReportedOnlyOnRequest) {
  EXPECT_FALSE(std::get<Flags>(Parse({})).report_arguments);
  EXPECT_TRUE(std::get<Flags>(Parse({"--report-arguments"})).report_arguments);
}

TEST_F(FlagsTest, TtlIsADurationInItsRange) {
  EXPECT_EQ(std::get<Flags>(Parse({"--once", "--ttl", "5m"})).ttl,
            absl::Minutes(5));
  EXPECT_EQ(std::get<Flags>(Parse({"--once", "--ttl=24h"})).ttl,
            absl::Hours(24));
  for (const char* text : {"5x", "999ms", "24h1s", "-1s", "inf"}) {
    const std::string line = Complaint({"--once", "--ttl", text});
    EXPECT_THAT(line, StartsWith("connreg-agent: --ttl: "));
    EXPECT_THAT(line, HasSubstr(text));
  }
}

TEST_F(FlagsTest, IntervalMayBeLongerThanTheLease) {
  EXPECT_EQ(std::get<Flags>(Parse({"--interval", "10m"})).interval,
            absl::Minutes(10));
  EXPECT_THAT(Complaint({"--interval", "2h"}), HasSubstr("2h"));
}

TEST_F(FlagsTest, LooksMayTakeATenthOfAProcessorUnlessTold) {
  EXPECT_EQ(std::get<Flags>(Parse({})).max_cpu_percent, 10);
  EXPECT_EQ(std::get<Flags>(Parse({"--max-cpu", "50"})).max_cpu_percent, 50);
  for (const char* text : {"0", "101", "5%"})
    EXPECT_THAT(Complaint({"--max-cpu", text}), HasSubstr(text));
}

TEST_F(FlagsTest, PatienceWithTheServiceIsAsTold) {
  const Flags flags =
      std::get<Flags>(Parse({"--ack-timeout", "2s", "--max-backoff", "1s",
                             "--digest-interval", "5s"}));
  EXPECT_EQ(flags.ack_timeout, absl::Seconds(2));
  EXPECT_EQ(flags.max_backoff, absl::Seconds(1));
  EXPECT_EQ(flags.digest_interval, absl::Seconds(5));
  EXPECT_THAT(Complaint({"--ack-timeout", "0s"}), HasSubstr("--ack-timeout"));
}

TEST_F(FlagsTest, WhatWasReportedStaysAtTheEndUnlessTold) {
  EXPECT_FALSE(std::get<Flags>(Parse({})).remove_on_exit);
  EXPECT_TRUE(std::get<Flags>(Parse({"--remove-on-exit"})).remove_on_exit);
}

TEST_F(FlagsTest, NamesAreNotEmpty) {
  EXPECT_THAT(Complaint({"--once", "--host", ""}), HasSubstr("--host"));
  EXPECT_THAT(Complaint({"--once", "--network", ""}), HasSubstr("--network"));
}

TEST_F(FlagsTest, LogIsWhatItsFlagsSay) {
  EXPECT_EQ(std::get<Flags>(Parse({})).log.format, LogFormat::kText);
  setenv("CONNREG_LOG_LEVEL", "debug", 1);
  const Flags flags = std::get<Flags>(Parse({"--log-format", "json"}));
  EXPECT_EQ(flags.log.format, LogFormat::kJson);
  EXPECT_EQ(flags.log.level, LogLevel::kDebug);
}

TEST_F(FlagsTest, UnknownFlagsAreWrongUsageInOneLine) {
  const std::string line = Complaint({"--once", "--often"});
  EXPECT_THAT(line, StartsWith("connreg-agent: "));
  EXPECT_THAT(line, HasSubstr("--often"));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST_F(FlagsTest, VersionAndHelpAreAnswersNotErrors) {
  EXPECT_EQ(std::get<ExitCode>(Parse({"--version"})), ExitCode::kReported);
  EXPECT_THAT(out_.str(), StartsWith("connreg-agent "));
  EXPECT_EQ(std::get<ExitCode>(Parse({"--help"})), ExitCode::kReported);
  EXPECT_THAT(out_.str(), HasSubstr("--server"));
  EXPECT_EQ(err_.str(), "");
}

}  // namespace
}  // namespace connreg
