#include "client/cli/app.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "client/cli/arguments.h"
#include "client/cli/command.h"
#include "client/cli/completion.h"
#include "client/cli/deregister.h"
#include "client/cli/error_line.h"
#include "client/cli/examples.h"
#include "client/cli/list.h"
#include "client/cli/lookup.h"
#include "client/cli/output.h"
#include "client/cli/register.h"
#include "client/cli/status.h"
#include "client/cli/version.h"
#include "client/lib/client.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

constexpr char kExitCodes[] =
    R"(Exit codes:
  0  found, or done
  1  absent: nothing found, an empty list, no such socket to deregister
  2  the command line or the request is wrong
  3  the service does not answer, or cannot do it
  4  answered, but the coverage is partial: something may be missing)";

struct GlobalOptions {
  std::string server = "127.0.0.1:7878";
  std::string output = "table";
  std::string timeout = "10s";
  std::string wait = "2s";
};

void AddGlobalOptions(CLI::App* app, GlobalOptions* options) {
  app->add_option("--server", options->server,
                  "The service: HOST:PORT, [IPV6]:PORT or unix:PATH")
      ->type_name("ADDRESS")
      ->envname("CONNREG_SERVER")
      ->capture_default_str();
  app->add_option("--output", options->output,
                  "For people a table, or wide with all that is known; for "
                  "spreadsheets csv; for programs json, or ndjson with a line "
                  "for each row")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "wide", "csv", "json", "ndjson"}))
      ->capture_default_str();
  app->add_option("--timeout", options->timeout, "How long a call may take")
      ->type_name("DURATION")
      ->capture_default_str();
  app->add_option(
         "--wait", options->wait,
         "How long to wait for a service that does not answer yet; 0s: "
         "not at all")
      ->type_name("DURATION")
      ->capture_default_str();
}

// "--timeout DURATION=10s" for each option of `app`, as its own help has it.
std::string OptionsOfEveryCommand(const CLI::App& app) {
  std::string text = "Options of every command, described in connreg --help:\n";
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_type_name().empty()) continue;
    absl::StrAppend(&text, "  ", option->get_name(), " ",
                    option->get_type_name(), "=", option->get_default_str());
    if (!option->get_envname().empty())
      absl::StrAppend(&text, " (Env:", option->get_envname(), ")");
    absl::StrAppend(&text, "\n");
  }
  return text;
}

// Every command accepts the global options too, and says so in its help.
void AddCommands(CLI::App* app, Action* action) {
  app->fallthrough();
  app->require_subcommand(1);
  app->footer(absl::StrCat(OptionsOfEveryCommand(*app), "\n", kExitCodes));
  AddLookup(app, action);
  AddList(app, action);
  AddRegister(app, action);
  AddDeregister(app, action);
  AddStatus(app, action);
  AddVersion(app, action);
  AddCompletion(app, action);
  app->footer(kExitCodes);
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

// The commands as far as they were recognised, the program first.
std::vector<const CLI::App*> CommandsIn(const CLI::App& app) {
  std::vector<const CLI::App*> commands = {&app};
  while (!commands.back()->get_subcommands().empty())
    commands.push_back(commands.back()->get_subcommands().front());
  return commands;
}

// What is wrong with `commands`, in our words where the parser's would not
// help.
std::string ComplaintOf(const std::vector<const CLI::App*>& commands,
                        const CLI::ParseError& error) {
  const auto any = [](const CLI::App*) { return true; };
  const bool is_group = !commands.back()->get_subcommands(any).empty();
  if (!is_group || error.get_name() != "RequiredError")
    return OneLine(error.what());
  const std::vector<std::string> words = commands.front()->remaining(true);
  if (words.empty()) return "no command";
  const bool is_option = absl::StartsWith(words[0], "-");
  return absl::StrCat("unknown ", is_option ? "option" : "command", " \"",
                      OneLine(words[0]), "\"");
}

int ExitWith(ExitCode code) { return static_cast<int>(code); }

// Help that was asked for is no error, though the parser throws it as one.
int AnswerParseError(const CLI::App& app, const CLI::ParseError& error,
                     std::ostream& out, std::ostream& err) {
  if (error.get_exit_code() == 0) return app.exit(error, out, err);
  const std::vector<const CLI::App*> commands = CommandsIn(app);
  const auto name = [](std::string* text, const CLI::App* command) {
    text->append(command->get_name());
  };
  const std::string command =
      absl::StrJoin(commands.begin() + 1, commands.end(), " ", name);
  err << app.get_name() << ": " << command << (command.empty() ? "" : ": ")
      << ComplaintOf(commands, error) << "; see "
      << absl::StrJoin(commands, " ", name) << " --help\n";
  return ExitWith(ExitCode::kUsage);
}

absl::StatusOr<ExitCode> Perform(const Action& action,
                                 const GlobalOptions& options,
                                 const Output& output) {
  ASSIGN_OR_RETURN(const absl::Duration timeout,
                   ParseDuration("--timeout", options.timeout));
  ASSIGN_OR_RETURN(const absl::Duration wait,
                   ParseDurationOrZero("--wait", options.wait));
  const absl::StatusOr<std::unique_ptr<Client>> client = Client::Create(
      options.server,
      {.timeout = timeout,
       .wait = action.awaits_service ? wait : absl::ZeroDuration()});
  if (!client.ok()) return InField("--server", client.status());
  ASSIGN_OR_RETURN(const ExitCode code, action.perform(**client, output));
  output.out.flush();
  if (!output.out) return absl::DataLossError("cannot write the output");
  return code;
}

}  // namespace

int Run(int argc, const char* const* argv, std::ostream& out, std::ostream& err,
        std::optional<size_t> width, const Clock& clock) {
  CLI::App app("Asks connregd, the registry of every listener and connection.",
               "connreg");
  GlobalOptions options;
  Action action;
  app.set_version_flag("--version", absl::StrCat("connreg ", Version()));
  AddGlobalOptions(&app, &options);
  AddCommands(&app, &action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return AnswerParseError(app, error, out, err);
  }
  const absl::StatusOr<ExitCode> code = Perform(
      action, options, {FormatOf(options.output), out, err, width, clock});
  if (code.ok()) return ExitWith(*code);
  err << ErrorLine(code.status()) << '\n';
  return ExitWith(ExitCodeOf(code.status()));
}

}  // namespace connreg::cli
