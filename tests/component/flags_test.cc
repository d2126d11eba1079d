#include "service/server/flags.h"

#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// An environment variable for the time of a test.
class ScopedEnv {
 public:
  ScopedEnv(const char* name, const char* value) : name_(name) {
    setenv(name, value, /*overwrite=*/1);
  }
  ScopedEnv(const ScopedEnv&) = delete;
  ScopedEnv& operator=(const ScopedEnv&) = delete;
  ~ScopedEnv() { unsetenv(name_); }

 private:
  const char* const name_;
};

class FlagsTest : public testing::Test {
 protected:
  FlagsTest() {
    unsetenv("CONNREG_LISTEN");
    unsetenv("CONNREG_REFLECTION");
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

TEST_F(FlagsTest, HelpNamesEachFlagItsVariableAndItsDefault) {
  EXPECT_THAT(Printed({"--help"}),
              AllOf(HasSubstr("--listen"), HasSubstr("CONNREG_LISTEN"),
                    HasSubstr("127.0.0.1:7878"), HasSubstr("--reflection"),
                    HasSubstr("CONNREG_REFLECTION"), HasSubstr("Exit codes")));
}

TEST_F(FlagsTest, VersionIsOneLine) {
  EXPECT_EQ(Printed({"--version"}), "connregd 0.1.0\n");
}

}  // namespace
}  // namespace connreg
