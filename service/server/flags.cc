#include "service/server/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

constexpr char kDefaultListen[] = "127.0.0.1:7878";

constexpr char kFooter[] =
    "\nExit codes: 0 stopped by SIGTERM or SIGINT, after the calls in flight;\n"
    "2 wrong usage; 3 it could not listen.";

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
