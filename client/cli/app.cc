#include "client/cli/app.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cli/command.h"
#include "client/cli/completion.h"
#include "client/cli/deregister.h"
#include "client/cli/error_line.h"
#include "client/cli/examples.h"
#include "client/cli/health.h"
#include "client/cli/list.h"
#include "client/cli/lookup.h"
#include "client/cli/output.h"
#include "client/cli/register.h"
#include "client/cli/status.h"
#include "client/cli/version.h"
#include "client/lib/client.h"
#include "client/lib/server_address.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/flags/duration.h"
#include "service/flags/flag.h"
#include "service/flags/program.h"

namespace connreg::cli {
namespace {

constexpr char kExitCodes[] =
    "Exit codes:\n"
    "  0  found, or done\n"
    "  1  absent: nothing found, an empty list, no such socket to deregister;\n"
    "     or a service that is not serving\n"
    "  2  the command line or the request is wrong\n"
    "  3  the service does not answer, or cannot do it\n"
    "  4  answered, but the coverage is partial: something may be missing\n";

constexpr flags::DurationRange kTimeouts = {absl::Milliseconds(1),
                                            absl::Hours(24)};
constexpr flags::DurationRange kWaits = {absl::ZeroDuration(), absl::Hours(24)};

struct GlobalOptions {
  std::string server = "127.0.0.1:7878";
  std::string output = "table";
  absl::Duration timeout = absl::Seconds(10);
  absl::Duration wait = absl::Seconds(2);
};

void AddGlobalOptions(CLI::App* app, GlobalOptions* options) {
  flags::AddText(
      app,
      {.name = "--server",
       .help = "The service: HOST:PORT, [IPV6]:PORT or unix:PATH",
       .type = "ADDRESS"},
      [](const std::string& text) { return GrpcTarget(text).status(); },
      &options->server);
  flags::AddChoice(app,
                   {.name = "--output",
                    .help = "For people a table, or wide with all that is "
                            "known; for spreadsheets csv; for programs json, "
                            "or ndjson with a line for each row"},
                   {"table", "wide", "csv", "json", "ndjson"},
                   &options->output);
  flags::AddDuration(app,
                     {.name = "--timeout", .help = "How long a call may take"},
                     kTimeouts, &options->timeout);
  flags::AddDuration(app,
                     {.name = "--wait",
                      .help = "How long to wait for a service that does not "
                              "answer yet"},
                     kWaits, &options->wait);
}

// Every command accepts the global options too.
void AddCommands(CLI::App* app, Action* action) {
  app->fallthrough();
  app->require_subcommand(1);
  AddLookup(app, action);
  AddList(app, action);
  AddRegister(app, action);
  AddDeregister(app, action);
  AddStatus(app, action);
  AddHealth(app, action);
  AddVersion(app, action);
  AddCompletion(app, action);
  AddExamples(app, {{"connreg lookup 10.0.0.5:5432",
                     "who is connected to it, or what listens there"},
                    {"connreg list connections --host web1",
                     "what one host is connected to"},
                    {"connreg list listeners --output csv",
                     "what listens anywhere, for a spreadsheet"},
                    {"connreg status", "how much the service knows"}});
}

OutputFormat FormatOf(const std::string& text) {
  if (text == "wide") return OutputFormat::kWide;
  if (text == "csv") return OutputFormat::kCsv;
  if (text == "json") return OutputFormat::kJson;
  return text == "ndjson" ? OutputFormat::kNdjson : OutputFormat::kTable;
}

int ExitWith(ExitCode code) { return static_cast<int>(code); }

absl::StatusOr<ExitCode> Perform(const Action& action,
                                 const GlobalOptions& options,
                                 const Output& output) {
  const absl::StatusOr<std::unique_ptr<Client>> client = Client::Create(
      options.server,
      {.timeout = options.timeout,
       .wait = action.awaits_service ? options.wait : absl::ZeroDuration()});
  if (!client.ok()) return InField("--server", client.status());
  ASSIGN_OR_RETURN(const ExitCode code, action.perform(**client, output));
  output.out.flush();
  if (!output.out) return absl::DataLossError("cannot write the output");
  return code;
}

}  // namespace

int Run(int argc, const char* const* argv, std::ostream& out, std::ostream& err,
        std::optional<size_t> width, const Clock& clock) {
  flags::Program program({.name = "connreg",
                          .version = std::string(Version()),
                          .summary = "Asks connregd, the registry of every "
                                     "listener and connection.",
                          .footer = kExitCodes});
  GlobalOptions options;
  Action action;
  AddGlobalOptions(program.app(), &options);
  AddCommands(program.app(), &action);
  const absl::StatusOr<std::optional<std::string>> printed =
      program.Parse(argc, argv);
  if (!printed.ok()) {
    err << "connreg: " << printed.status().message() << '\n';
    return ExitWith(ExitCode::kUsage);
  }
  if (*printed) {
    out << **printed;
    return ExitWith(ExitCode::kDone);
  }
  const absl::StatusOr<ExitCode> code = Perform(
      action, options, {FormatOf(options.output), out, err, width, clock});
  if (code.ok()) return ExitWith(*code);
  err << ErrorLine(code.status()) << '\n';
  return ExitWith(ExitCodeOf(code.status()));
}

}  // namespace connreg::cli
