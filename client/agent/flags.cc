#include "client/agent/flags.h"

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "service/wire/text.h"

namespace connreg {
namespace {

// What the service takes.
constexpr absl::Duration kMinTtl = absl::Seconds(1);
constexpr absl::Duration kMaxTtl = absl::Hours(24);

// Validators return what is wrong, or nothing.
std::string CheckTtl(const std::string& text) {
  absl::Duration ttl;
  if (!absl::ParseDuration(text, &ttl))
    return absl::StrCat("\"", text,
                        "\" is not a duration such as 60s, 5m or 1h");
  if (ttl < kMinTtl || ttl > kMaxTtl)
    return absl::StrCat(text, " is not from 1s to 24h");
  return "";
}

std::string CheckName(const std::string& text) {
  return std::string(CheckRequiredText("name", text).message());
}

std::string FailureLine(const CLI::App*, const CLI::Error& error) {
  // Only --once is required.
  const bool lacks_once =
      error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError);
  return absl::StrCat(
      "connreg-agent: ", error.what(),
      lacks_once ? ": the agent can only report once so far" : "",
      "; see --help\n");
}

void AddOptions(CLI::App& app, Flags* flags) {
  app.add_flag("--once")
      ->description("Report what is there now, and exit")
      ->required();
  app.add_option("--server", flags->server,
                 "Where connregd listens: HOST:PORT, [V6]:PORT or unix:PATH")
      ->capture_default_str()
      ->envname("CONNREG_SERVER");
  app.add_option("--ttl", flags->ttl_text,
                 "How long the report lives, from 1s to 24h")
      ->capture_default_str()
      ->check(CLI::Validator(CheckTtl, "DURATION"));
  app.add_option("--host", flags->host,
                 "The name of this host, unique in the fleet")
      ->capture_default_str()
      ->envname("CONNREG_HOST")
      ->check(CLI::Validator(CheckName, ""));
  app.add_option("--network", flags->network,
                 "The address space that the host's addresses are unique in")
      ->capture_default_str()
      ->envname("CONNREG_NETWORK")
      ->check(CLI::Validator(CheckName, ""));
}

}  // namespace

std::variant<Flags, ExitCode> ParseFlags(int argc, const char* const* argv,
                                         const std::string& host_name,
                                         std::ostream& out, std::ostream& err) {
  Flags flags;
  flags.host = host_name;
  CLI::App app(
      "Reports the TCP and UDP sockets of this host to connregd. It sees what "
      "its user may see; run it as root to see the processes of all users.",
      "connreg-agent");
  AddOptions(app, &flags);
  app.set_version_flag("--version", "connreg-agent " CONNREG_VERSION);
  app.failure_message(FailureLine);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, out, err) == 0 ? ExitCode::kReported
                                          : ExitCode::kUsage;
  }
  absl::ParseDuration(flags.ttl_text, &flags.ttl);
  return flags;
}

}  // namespace connreg
