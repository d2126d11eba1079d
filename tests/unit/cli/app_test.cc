#include "client/cli/app.h"

#include <algorithm>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"

namespace connreg::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// No socket is there, so what gets as far as a call ends at once.
constexpr char kNobody[] = "unix:/nonexistent/connreg.sock";

struct Outcome {
  int exit_code;
  std::string out;
  std::string err;
};

Outcome RunWith(std::vector<const char*> arguments) {
  const bool waits = std::find(arguments.begin(), arguments.end(),
                               std::string_view("--wait")) != arguments.end();
  if (!waits) arguments.insert(arguments.begin(), {"--wait", "0s"});
  arguments.insert(arguments.begin(), "connreg");
  std::ostringstream out;
  std::ostringstream err;
  const int exit_code =
      Run(static_cast<int>(arguments.size()), arguments.data(), out, err,
          std::nullopt, Clock::System());
  return {exit_code, out.str(), err.str()};
}

MATCHER_P(IsUsageError, line, "") {
  *result_listener << "exit code " << arg.exit_code << ", " << arg.err;
  return arg.exit_code == 2 && arg.out.empty() &&
         arg.err == std::string(line) + "\n";
}

TEST(AppTest, HelpIsWhatWasAskedFor) {
  const Outcome outcome = RunWith({"--help"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("Exit codes:\n  0  found, or done\n"));
  EXPECT_THAT(outcome.out, HasSubstr("\n  4  answered, but the coverage is "));
  EXPECT_EQ(outcome.err, "");
}

TEST(AppTest, EachCommandHasItsHelp) {
  const Outcome outcome = RunWith({"register", "connection", "--help"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("--side"));
  EXPECT_THAT(outcome.out, HasSubstr("--server"));
  EXPECT_THAT(outcome.out, HasSubstr("Exit codes:"));
}

TEST(AppTest, HelpNamesDefaultsAndTheEnvironment) {
  for (const std::vector<const char*>& command :
       {std::vector<const char*>{"--help"}, {"list", "hosts", "--help"}}) {
    const std::string help = RunWith(command).out;
    EXPECT_THAT(help, HasSubstr("--server ADDRESS"));
    EXPECT_THAT(help, HasSubstr("--output table|wide|csv|json|ndjson"));
    EXPECT_THAT(help, HasSubstr("--wait DURATION"));
  }
  EXPECT_THAT(RunWith({"--help"}).out,
              HasSubstr("[default: 127.0.0.1:7878, env: CONNREG_SERVER]"));
  EXPECT_THAT(RunWith({"register", "listener", "--help"}).out,
              HasSubstr("--ttl DURATION"));
}

TEST(AppTest, EveryCommandHasExamplesOfItself) {
  for (const std::vector<const char*>& command :
       {std::vector<const char*>{"lookup"},
        {"list"},
        {"list", "endpoints"},
        {"register", "connection"},
        {"deregister"},
        {"status"}}) {
    std::vector<const char*> words = command;
    words.push_back("--help");
    EXPECT_THAT(RunWith(words).out, HasSubstr("\nExamples:\n  connreg " +
                                              absl::StrJoin(command, " ")));
  }
}

TEST(AppTest, NoCommandIsWrong) {
  EXPECT_THAT(RunWith({}),
              IsUsageError("connreg: no command; see connreg --help"));
  EXPECT_THAT(RunWith({"list"}),
              IsUsageError("connreg: list: no command; see connreg list "
                           "--help"));
}

TEST(AppTest, AMissingWordIsNamedWithItsCommand) {
  EXPECT_THAT(RunWith({"lookup"}),
              IsUsageError("connreg: lookup: ENDPOINT is required; see connreg "
                           "lookup --help"));
  EXPECT_THAT(RunWith({"register", "connection", "10.0.0.9:51000"}),
              IsUsageError("connreg: register connection: SERVER is required; "
                           "see connreg register connection --help"));
}

TEST(AppTest, AWordTooManyIsNamed) {
  EXPECT_THAT(RunWith({"lookup", "10.0.0.1:1", "10.0.0.2:2", "10.0.0.3:3"}),
              IsUsageError("connreg: lookup: unexpected argument "
                           "\"10.0.0.3:3\"; see connreg lookup --help"));
}

TEST(AppTest, AnUnknownCommandIsNamed) {
  EXPECT_THAT(RunWith({"frobnicate"}),
              IsUsageError("connreg: unknown command \"frobnicate\"; see "
                           "connreg --help"));
  EXPECT_THAT(RunWith({"list", "sockets"}),
              IsUsageError("connreg: list: unknown command \"sockets\"; see "
                           "connreg list --help"));
}

TEST(AppTest, AnOptionOutsideItsChoiceIsNamed) {
  for (const std::vector<const char*>& arguments :
       {std::vector<const char*>{"status", "--output", "xml"},
        {"list", "listeners", "--transport", "sctp"},
        {"list", "connections", "--page-size", "0"},
        {"list", "hosts", "--page-size", "1001"},
        {"list", "hosts", "--state", "asleep"},
        {"list", "connections", "--host", ""},
        {"list", "connections", "--endpoint", ""},
        {"lookup", "10.0.0.5:80", "--network", ""},
        {"register", "listener", "*:80", "--pid", "0"},
        {"register", "listener", "*:80", "--process", "nginx"}}) {
    const Outcome outcome = RunWith(arguments);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr(arguments[arguments.size() - 2]));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
  }
}

TEST(AppTest, AMalformedEndpointIsNamedWithItsArgument) {
  EXPECT_THAT(RunWith({"lookup", "10.0.0.1"}),
              IsUsageError("connreg: ENDPOINT: endpoint \"10.0.0.1\": no port; "
                           "write 10.0.0.1:PORT"));
}

TEST(AppTest, EndpointsAreOfAPrefixOrAHost) {
  EXPECT_THAT(RunWith({"list", "endpoints"}),
              IsUsageError("connreg: PREFIX: neither a prefix nor a host; "
                           "write 10.0.0.5, 10.0.0.0/8 or --host NAME"));
  for (const std::vector<const char*>& arguments :
       {std::vector<const char*>{"list", "endpoints", "10.0.0.0/8"},
        {"list", "endpoints", "::1", "--host", "web1"},
        {"list", "endpoints", "--host", "web1", "--page-size", "10"}}) {
    std::vector<const char*> words = arguments;
    words.insert(words.end(), {"--server", kNobody});
    EXPECT_EQ(RunWith(words).exit_code, 3);
  }
}

TEST(AppTest, AMalformedServerOrTimeoutIsNamed) {
  EXPECT_THAT(
      RunWith({"status", "--server", "localhost"}),
      IsUsageError("connreg: status: --server: server \"localhost\": no port; "
                   "write HOST:PORT, [IPV6]:PORT or unix:PATH"));
  for (const char* timeout : {"10", "0s"}) {
    const Outcome outcome = RunWith({"status", "--timeout", timeout});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, StartsWith("connreg: status: --timeout: "));
    EXPECT_THAT(outcome.err, HasSubstr(timeout));
  }
}

TEST(AppTest, AMalformedWaitIsNamed) {
  for (const char* wait : {"-1s", "soon", "", "inf"}) {
    const Outcome outcome = RunWith({"status", "--wait", wait});
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, StartsWith("connreg: "));
    EXPECT_THAT(outcome.err, HasSubstr("--wait"));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
  }
}

TEST(AppTest, AServiceIsWaitedForAsLongAsWasSaid) {
  const Outcome outcome =
      RunWith({"status", "--server", kNobody, "--wait", "60ms"});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_THAT(outcome.err, HasSubstr(" (tried for 60ms); start it, or "));
}

TEST(AppTest, TheVersionWaitsForNoService) {
  const absl::Time start = absl::Now();
  EXPECT_EQ(RunWith({"version", "--server", kNobody, "--wait", "1h"}).exit_code,
            0);
  EXPECT_LT(absl::Now() - start, absl::Minutes(10));
}

TEST(AppTest, BracketsAndStarsArriveAsTheyWereWritten) {
  for (const char* endpoint : {"[::1]:80", "*:443", "[fe80::1]%eth0:22"}) {
    const Outcome outcome = RunWith({"lookup", endpoint, "--server", kNobody});
    EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
  }
  EXPECT_THAT(RunWith({"lookup", "::1"}).err,
              HasSubstr("ENDPOINT: endpoint \"::1\": "));
  EXPECT_THAT(RunWith({"lookup", "[::1]"}).err,
              HasSubstr("ENDPOINT: endpoint \"[::1]\": no port"));
}

TEST(AppTest, AnAddressOptionTakesOneWord) {
  const Outcome outcome =
      RunWith({"register", "listener", "--address", "::1", "--address",
               "10.0.0.5", "*:80", "--server", kNobody});
  EXPECT_EQ(outcome.exit_code, 3) << outcome.err;
}

TEST(AppTest, GlobalOptionsStandBeforeOrAfterTheCommand) {
  EXPECT_EQ(RunWith({"--server", kNobody, "status"}).exit_code, 3);
  EXPECT_EQ(RunWith({"list", "--server", kNobody, "listeners"}).exit_code, 3);
  EXPECT_EQ(RunWith({"list", "listeners", "--server", kNobody}).exit_code, 3);
}

TEST(AppTest, NoServiceIsOneLineThatSaysWhatToDo) {
  const Outcome outcome = RunWith({"status", "--server", kNobody});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err, StartsWith("connreg: no connregd answers at "
                                      "unix:/nonexistent/connreg.sock: "));
  EXPECT_THAT(outcome.err,
              HasSubstr("; start it, or name another with --server\n"));
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
}

TEST(AppTest, VersionNeedsNoService) {
  const Outcome outcome = RunWith({"version", "--server", kNobody});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, StartsWith("connreg "));
  EXPECT_EQ(RunWith({"--version"}).out, outcome.out);
}

TEST(AppTest, AnUnwritableOutputIsAnError) {
  std::ostream out(nullptr);
  std::ostringstream err;
  const char* const arguments[] = {"connreg", "version", "--server", kNobody};

  EXPECT_EQ(cli::Run(4, arguments, out, err, std::nullopt, Clock::System()), 3);
  EXPECT_EQ(err.str(), "connreg: cannot write the output\n");
}

}  // namespace
}  // namespace connreg::cli
