#include "service/server/flags.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "tests/support/scoped_env.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class FlagsTest : public testing::Test {
 protected:
  FlagsTest() {
    for (const char* variable :
         {"CONNREG_LISTEN", "CONNREG_METRICS_LISTEN", "CONNREG_REFLECTION",
          "CONNREG_GRACE", "CONNREG_SYNC_TIME", "CONNREG_EXPECT_HOSTS",
          "CONNREG_CLOSED_AGE", "CONNREG_CLOSED_ROWS", "CONNREG_MAX_ROWS",
          "CONNREG_MAX_ROWS_PER_REPORTER", "CONNREG_MAX_REPORTERS",
          "CONNREG_MAX_REQUEST_SIZE", "CONNREG_RECONNECT_WINDOW",
          "CONNREG_HOLD_EXPIRY", "CONNREG_LOG_FORMAT", "CONNREG_LOG_LEVEL"})
      unsetenv(variable);
  }

  static absl::StatusOr<std::variant<ServerFlags, std::string>> Parse(
      std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "connregd");
    return ParseServerFlags(static_cast<int>(arguments.size()),
                            arguments.data());
  }

  static ServerFlags Flags(const std::vector<const char*>& arguments) {
    const auto parsed = Parse(arguments);
    EXPECT_THAT(parsed, IsOk());
    if (!parsed.ok()) return {};
    const auto* flags = std::get_if<ServerFlags>(&*parsed);
    EXPECT_NE(flags, nullptr);
    return flags == nullptr ? ServerFlags() : *flags;
  }

  static std::vector<std::string> Listen(
      const std::vector<const char*>& arguments) {
    std::vector<std::string> texts;
    for (const ListenAddress& address : Flags(arguments).listen)
      texts.push_back(address.ToString());
    return texts;
  }

  // The text to print instead.
  static std::string Printed(const std::vector<const char*>& arguments) {
    const auto parsed = Parse(arguments);
    EXPECT_THAT(parsed, IsOk());
    if (!parsed.ok() || !std::holds_alternative<std::string>(*parsed))
      return "";
    return std::get<std::string>(*parsed);
  }

  static std::string Refusal(const std::vector<const char*>& arguments) {
    const auto parsed = Parse(arguments);
    EXPECT_THAT(parsed, StatusIs(absl::StatusCode::kInvalidArgument));
    return std::string(parsed.status().message());
  }
};

TEST_F(FlagsTest, AgentsSpreadOverTheWindowThatIsGiven) {
  EXPECT_EQ(Flags({}).registry.reconnect_window, absl::Seconds(10));
  EXPECT_EQ(Flags({"--reconnect-window=40s"}).registry.reconnect_window,
            absl::Seconds(40));
  EXPECT_THAT(Refusal({"--reconnect-window=25h"}),
              HasSubstr("--reconnect-window"));
}

TEST_F(FlagsTest, AgentsAreBackBeforeAnswersAreComplete) {
  EXPECT_THAT(Refusal({"--reconnect-window=41s"}),
              StartsWith("--reconnect-window: 41s is longer than --sync-time, "
                         "40s: "));
  EXPECT_THAT(Refusal({"--sync-time", "2s"}),
              StartsWith("--reconnect-window: 10s is longer than --sync-time, "
                         "2s: "));
  const ScopedEnv window("CONNREG_RECONNECT_WINDOW", "1m");
  EXPECT_THAT(Refusal({}), HasSubstr("1m is longer"));
  EXPECT_EQ(Flags({"--sync-time=90s"}).registry.reconnect_window,
            absl::Minutes(1));
}

TEST_F(FlagsTest, AnswersMayNeverSayThatAgentsAreNotBackYet) {
  const Registry::Options options = Flags({"--sync-time=0s"}).registry;
  EXPECT_EQ(options.sync_time, absl::ZeroDuration());
  EXPECT_EQ(options.reconnect_window, absl::Seconds(10));
}

TEST_F(FlagsTest, ExpiryIsHeldUnlessToldNotTo) {
  EXPECT_TRUE(Flags({}).registry.hold_expiry);
  EXPECT_FALSE(Flags({"--no-hold-expiry"}).registry.hold_expiry);
}

TEST_F(FlagsTest, AgentsAreToldTheLargestRequest) {
  EXPECT_EQ(Flags({"--max-request-size=8MiB"}).registry.max_message_bytes,
            size_t{8} << 20);
}

TEST_F(FlagsTest, ServesLocallyUnlessTold) {
  EXPECT_THAT(Listen({}), ElementsAre("127.0.0.1:7878"));
  EXPECT_FALSE(Flags({}).reflection);
}

TEST_F(FlagsTest, ListenReplacesTheDefault) {
  EXPECT_THAT(Listen({"--listen", "[::1]:80"}), ElementsAre("[::1]:80"));
  EXPECT_THAT(Listen({"--listen=unix:/run/connreg.sock"}),
              ElementsAre("unix:/run/connreg.sock"));
}

TEST_F(FlagsTest, ListenMayBeRepeatedOrSeparatedByCommas) {
  EXPECT_THAT(
      Listen({"--listen", "127.0.0.1:1,127.0.0.1:2", "--listen", "[::1]:3"}),
      ElementsAre("127.0.0.1:1", "127.0.0.1:2", "[::1]:3"));
}

TEST_F(FlagsTest, EnvironmentStandsInForTheCommandLine) {
  const ScopedEnv listen("CONNREG_LISTEN", "127.0.0.1:1,unix:/run/c.sock");
  const ScopedEnv reflection("CONNREG_REFLECTION", "true");
  EXPECT_THAT(Listen({}), ElementsAre("127.0.0.1:1", "unix:/run/c.sock"));
  EXPECT_TRUE(Flags({}).reflection);
}

TEST_F(FlagsTest, CommandLineGoesBeforeTheEnvironment) {
  const ScopedEnv listen("CONNREG_LISTEN", "127.0.0.1:1");
  const ScopedEnv reflection("CONNREG_REFLECTION", "true");
  EXPECT_THAT(Listen({"--listen", "127.0.0.1:2"}), ElementsAre("127.0.0.1:2"));
  EXPECT_FALSE(Flags({"--no-reflection"}).reflection);
}

TEST_F(FlagsTest, EmptyEnvironmentVariableIsNone) {
  const ScopedEnv listen("CONNREG_LISTEN", "");
  EXPECT_THAT(Listen({}), ElementsAre("127.0.0.1:7878"));
}

TEST_F(FlagsTest, ReflectionCanBeAskedFor) {
  EXPECT_TRUE(Flags({"--reflection"}).reflection);
  EXPECT_FALSE(Flags({"--no-reflection"}).reflection);
}

TEST_F(FlagsTest, BadAddressIsNamed) {
  EXPECT_THAT(Refusal({"--listen", "127.0.0.1"}), HasSubstr("\"127.0.0.1\""));
  EXPECT_THAT(Refusal({"--listen", "127.0.0.1:1,nowhere"}),
              HasSubstr("\"nowhere\""));
  const ScopedEnv listen("CONNREG_LISTEN", "127.0.0.1:x");
  EXPECT_THAT(Refusal({}), HasSubstr("\"127.0.0.1:x\""));
}

TEST_F(FlagsTest, BadSwitchInTheEnvironmentIsNamed) {
  const ScopedEnv reflection("CONNREG_REFLECTION", "perhaps");
  EXPECT_THAT(Refusal({}), HasSubstr("perhaps"));
}

TEST_F(FlagsTest, UnknownFlagIsNamed) {
  EXPECT_THAT(Refusal({"--lisen", "127.0.0.1:1"}),
              AllOf(HasSubstr("--lisen"), HasSubstr("connregd --help")));
  EXPECT_THAT(Refusal({"127.0.0.1:1"}), HasSubstr("127.0.0.1:1"));
  EXPECT_THAT(Refusal({"--listen", "127.0.0.1:1", "127.0.0.1:2"}),
              HasSubstr("127.0.0.1:2"));
}

TEST_F(FlagsTest, ListenNeedsAValue) {
  EXPECT_THAT(Refusal({"--listen"}), HasSubstr("--listen"));
}

// ---- What the registry is told ----

TEST_F(FlagsTest, RegistryHasDefaults) {
  const Registry::Options options = Flags({}).registry;
  EXPECT_EQ(options.grace, absl::Minutes(2));
  EXPECT_EQ(options.sync_time, absl::Seconds(40));
  EXPECT_EQ(options.expected_hosts, 0u);
  EXPECT_EQ(options.closed_age, absl::Hours(1));
  EXPECT_EQ(options.closed_rows, 100'000u);
  EXPECT_EQ(options.limits.rows, 5'000'000u);
  EXPECT_EQ(options.limits.rows_per_reporter, 1'000'000u);
  EXPECT_EQ(options.limits.reporters, 100'000u);
}

TEST_F(FlagsTest, RegistryIsToldOnTheCommandLine) {
  const Registry::Options options =
      Flags({"--grace", "90s", "--sync-time=1m30s", "--expect-hosts", "12",
             "--closed-age", "2h", "--closed-rows", "0", "--max-rows", "1k",
             "--max-rows-per-reporter", "100", "--max-reporters", "10"})
          .registry;
  EXPECT_EQ(options.grace, absl::Seconds(90));
  EXPECT_EQ(options.sync_time, absl::Seconds(90));
  EXPECT_EQ(options.expected_hosts, 12u);
  EXPECT_EQ(options.closed_age, absl::Hours(2));
  EXPECT_EQ(options.closed_rows, 0u);
  EXPECT_EQ(options.limits.rows, 1000u);
  EXPECT_EQ(options.limits.rows_per_reporter, 100u);
  EXPECT_EQ(options.limits.reporters, 10u);
}

TEST_F(FlagsTest, RegistryIsToldInTheEnvironment) {
  const ScopedEnv grace("CONNREG_GRACE", "0s");
  const ScopedEnv expect_hosts("CONNREG_EXPECT_HOSTS", "3");
  const ScopedEnv max_rows("CONNREG_MAX_ROWS", "7");
  const Registry::Options options = Flags({"--max-rows", "8"}).registry;
  EXPECT_EQ(options.grace, absl::ZeroDuration());
  EXPECT_EQ(options.expected_hosts, 3u);
  EXPECT_EQ(options.limits.rows, 8u);
}

TEST_F(FlagsTest, ValueThatIsNoDurationIsNamed) {
  for (const char* flag : {"--grace", "--sync-time", "--closed-age"}) {
    for (const char* value : {"soon", "-1s", "inf", "10", "", "1s 2s"}) {
      EXPECT_THAT(Refusal({flag, value}),
                  AllOf(StartsWith(flag), HasSubstr(value)))
          << flag << " " << value;
    }
    EXPECT_THAT(Refusal({flag}), HasSubstr(flag));
  }
}

TEST_F(FlagsTest, ValueThatIsNoCountIsNamed) {
  for (const char* flag : {"--expect-hosts", "--closed-rows", "--max-rows",
                           "--max-rows-per-reporter", "--max-reporters"}) {
    for (const char* value :
         {"many", "-1", "1.5", "", "99999999999999999999"}) {
      EXPECT_THAT(Refusal({flag, value}),
                  AllOf(HasSubstr(flag), HasSubstr(value)))
          << flag << " " << value;
    }
    EXPECT_THAT(Refusal({flag}), HasSubstr(flag));
  }
}

TEST_F(FlagsTest, LimitOfNothingIsNamed) {
  for (const char* flag :
       {"--max-rows", "--max-rows-per-reporter", "--max-reporters"})
    EXPECT_THAT(Refusal({flag, "0"}), HasSubstr(flag));
}

TEST_F(FlagsTest, ValueOutOfItsRangeIsNamedWithTheRange) {
  EXPECT_THAT(Refusal({"--grace", "8761h"}), HasSubstr("from 0s to 8760h"));
  EXPECT_THAT(Refusal({"--expect-hosts", "11M"}), HasSubstr("from 0 to 10M"));
  EXPECT_THAT(Refusal({"--max-rows", "0"}), HasSubstr("from 1 to 1000M"));
  EXPECT_THAT(Refusal({"--max-request-size", "1KiB"}),
              HasSubstr("from 4MiB to 64MiB"));
}

TEST_F(FlagsTest, BadValueInTheEnvironmentIsNamedWithItsVariable) {
  {
    const ScopedEnv grace("CONNREG_GRACE", "soon");
    EXPECT_THAT(Refusal({}), StartsWith("CONNREG_GRACE: \"soon\""));
  }
  const ScopedEnv max_rows("CONNREG_MAX_ROWS", "many");
  EXPECT_THAT(Refusal({}), StartsWith("CONNREG_MAX_ROWS: \"many\""));
}

TEST_F(FlagsTest, FlagFileGoesBeforeTheDefaults) {
  const std::string path = testing::TempDir() + "/connregd-flags-" +
                           std::to_string(getpid()) + ".flags";
  std::ofstream(path) << "# Two addresses\n--listen=127.0.0.1:1\n"
                         "--listen=[::1]:2\n--reflection\n--grace=5m\n";
  const ServerFlags flags = Flags({"--flagfile", path.c_str()});
  EXPECT_THAT(Listen({"--flagfile", path.c_str()}),
              ElementsAre("127.0.0.1:1", "[::1]:2"));
  EXPECT_TRUE(flags.reflection);
  EXPECT_EQ(flags.registry.grace, absl::Minutes(5));
  std::remove(path.c_str());
}

TEST_F(FlagsTest, LargestRequestIsFourMebibytesUnlessTold) {
  EXPECT_EQ(Flags({}).max_request_bytes, 4u << 20);
  EXPECT_EQ(Flags({"--max-request-size", "8MB"}).max_request_bytes, 8'000'000u);
}

TEST_F(FlagsTest, HelpNamesWhatTheRegistryIsTold) {
  const std::string help = Printed({"--help"});
  for (const char* flag : {"--grace", "--sync-time", "--expect-hosts",
                           "--closed-age", "--closed-rows", "--max-rows",
                           "--max-rows-per-reporter", "--max-reporters"})
    EXPECT_THAT(help, HasSubstr(flag));
  EXPECT_THAT(help, AllOf(HasSubstr("CONNREG_SYNC_TIME"), HasSubstr("40s"),
                          HasSubstr("CONNREG_MAX_ROWS"), HasSubstr("5M")));
}

TEST_F(FlagsTest, HelpNamesEachFlagItsVariableAndItsDefault) {
  EXPECT_THAT(Printed({"--help"}),
              AllOf(HasSubstr("--listen"), HasSubstr("CONNREG_LISTEN"),
                    HasSubstr("127.0.0.1:7878"), HasSubstr("--reflection"),
                    HasSubstr("CONNREG_REFLECTION"), HasSubstr("Exit codes")));
}

TEST_F(FlagsTest, VersionIsOneLine) {
  EXPECT_EQ(Printed({"--version"}), "connregd 0.1.0\n");
}

TEST_F(FlagsTest, LogIsWhatItsFlagsSay) {
  EXPECT_EQ(Flags({}).log.format, LogFormat::kText);
  EXPECT_EQ(Flags({}).log.level, LogLevel::kInfo);
  const Logger::Options log =
      Flags({"--log-format=json", "--log-level", "error"}).log;
  EXPECT_EQ(log.format, LogFormat::kJson);
  EXPECT_EQ(log.level, LogLevel::kError);
}

}  // namespace
}  // namespace connreg
