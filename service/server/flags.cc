#include "service/server/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

constexpr char kDefaultListen[] = "127.0.0.1:7878";

constexpr char kFooter[] =
    "\nExit codes: 0 stopped by SIGTERM or SIGINT, after the calls in flight;\n"
    "2 wrong usage; 3 it could not listen.";

// Adds an option that takes a duration from 0 on, such as "90s" or "1h30m".
void AddDuration(CLI::App* app, const std::string& flag,
                 const std::string& environment, const std::string& help,
                 absl::Duration* value) {
  const auto parse = [flag, value](const std::string& text) {
    absl::Duration parsed;
    if (!absl::ParseDuration(text, &parsed) || parsed < absl::ZeroDuration() ||
        parsed == absl::InfiniteDuration()) {
      throw CLI::ValidationError(
          flag, absl::StrCat("\"", absl::CHexEscape(text),
                             "\" is not a duration; write 90s, 5m or 1h30m"));
    }
    *value = parsed;
  };
  app->add_option_function<std::string>(flag, parse, help)
      ->envname(environment)
      ->type_name("DURATION")
      ->default_str(absl::FormatDuration(*value));
}

// Adds an option that takes a whole number from `least` on. It is parsed here,
// since CLI11 takes "-1" for the largest number.
template <typename Number>
void AddCount(CLI::App* app, const std::string& flag,
              const std::string& environment, const std::string& help,
              Number least, Number* value) {
  const auto parse = [flag, least, value](const std::string& text) {
    Number parsed = 0;
    if (!absl::SimpleAtoi(text, &parsed) || parsed < least) {
      throw CLI::ValidationError(
          flag, absl::StrCat("\"", absl::CHexEscape(text),
                             "\" is not a whole number from ", least, " to ",
                             std::numeric_limits<Number>::max()));
    }
    *value = parsed;
  };
  app->add_option_function<std::string>(flag, parse, help)
      ->envname(environment)
      ->type_name("NUMBER")
      ->default_str(absl::StrCat(*value));
}

void AddRegistryOptions(CLI::App* app, Registry::Options* options) {
  AddDuration(app, "--grace", "CONNREG_GRACE",
              "How long a host keeps its rows, marked stale, after its agent's "
              "lease has lapsed",
              &options->grace);
  AddDuration(app, "--sync-time", "CONNREG_SYNC_TIME",
              "For how long from the start answers say that hosts may not have "
              "come back yet: as long as agents take to, and one lease",
              &options->sync_time);
  AddCount<uint32_t>(
      app, "--expect-hosts", "CONNREG_EXPECT_HOSTS",
      "How many hosts there should be; once as many have reported, "
      "if only in part, --sync-time is over. 0: not known",
      0, &options->expected_hosts);
  AddDuration(app, "--closed-age", "CONNREG_CLOSED_AGE",
              "How long closed connections and expired hosts are remembered",
              &options->closed_age);
  AddCount<size_t>(
      app, "--closed-rows", "CONNREG_CLOSED_ROWS",
      "How many rows of closed connections are remembered: two of one "
      "that both ends reported",
      0, &options->closed_rows);
  AddCount<size_t>(app, "--max-rows", "CONNREG_MAX_ROWS",
                   "The most listeners and connections to hold", 1,
                   &options->limits.rows);
  AddCount<size_t>(app, "--max-rows-per-reporter",
                   "CONNREG_MAX_ROWS_PER_REPORTER",
                   "The most of them to hold of one reporter", 1,
                   &options->limits.rows_per_reporter);
  AddCount<size_t>(app, "--max-reporters", "CONNREG_MAX_REPORTERS",
                   "The most reporters to have at a time", 1,
                   &options->limits.reporters);
}

}  // namespace

absl::StatusOr<std::variant<ServerFlags, std::string>> ParseServerFlags(
    int argc, const char* const* argv) {
  CLI::App app(
      "connregd keeps the registry of every listener and connection "
      "in a fleet, and answers for it over gRPC.",
      "connregd");
  app.footer(kFooter);
  app.set_version_flag("--version", "connregd " CONNREG_VERSION);
  std::vector<std::string> listen = {kDefaultListen};
  app.add_option("--listen", listen,
                 "Where to serve: HOST:PORT, [IPV6]:PORT or unix:PATH. Repeat "
                 "it, or separate addresses by commas, for several")
      ->envname("CONNREG_LISTEN")
      ->type_name("ADDRESS")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->capture_default_str();
  ServerFlags flags;
  app.add_flag("--reflection,!--no-reflection", flags.reflection,
               "Serve gRPC reflection, for tools that ask for the API")
      ->envname("CONNREG_REFLECTION");
  AddRegistryOptions(&app, &flags.registry);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return app.help();
  } catch (const CLI::CallForVersion& version) {
    return absl::StrCat(version.what(), "\n");
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(
        absl::StrCat(error.what(), "; see connregd --help"));
  }
  for (const std::string& text : listen) {
    ASSIGN_OR_RETURN(ListenAddress address, ListenAddress::Parse(text));
    const bool repeated = std::find(flags.listen.begin(), flags.listen.end(),
                                    address) != flags.listen.end();
    if (repeated && address.port != "0") {
      return InvalidArgument(
          "LISTEN_ADDRESS_REPEATED",
          absl::StrCat("listen address \"", text, "\": given twice"));
    }
    flags.listen.push_back(std::move(address));
  }
  return flags;
}

}  // namespace connreg
