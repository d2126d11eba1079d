#include "service/flags/complaint.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "service/flags/text.h"

namespace connreg::flags {
namespace {

// The commands as far as they were recognised, the program first.
using Commands = std::vector<const CLI::App*>;

Commands CommandsIn(const CLI::App& app) {
  Commands commands = {&app};
  while (!commands.back()->get_subcommands().empty())
    commands.push_back(commands.back()->get_subcommands().front());
  return commands;
}

std::string NamesOf(Commands::const_iterator first,
                    Commands::const_iterator last) {
  return absl::StrJoin(first, last, " ",
                       [](std::string* text, const CLI::App* command) {
                         text->append(command->get_name());
                       });
}

bool IsGroup(const CLI::App& command) {
  const auto any = [](const CLI::App*) { return true; };
  return !command.get_subcommands(any).empty();
}

// A word that nothing takes: an option before another, since that may be what
// the other was meant for.
std::string ExtraWord(const Commands& commands) {
  const std::vector<std::string> words = commands.front()->remaining(true);
  const auto option = std::find_if(
      words.begin(), words.end(),
      [](const std::string& word) { return absl::StartsWith(word, "-"); });
  if (option != words.end())
    return absl::StrCat("unknown option ", Quoted(*option));
  if (words.empty()) return "no command";
  return absl::StrCat(
      IsGroup(*commands.back()) ? "unknown command " : "unexpected argument ",
      Quoted(words.front()));
}

// The option that CLI11's `text` starts with; null if it is not found.
const CLI::Option* OptionIn(const Commands& commands, absl::string_view text) {
  for (const CLI::App* command : commands) {
    for (const CLI::Option* option : command->get_options()) {
      if (absl::StartsWith(text, absl::StrCat(option->get_name(), ":")))
        return option;
    }
  }
  return nullptr;
}

// An option with too many values or none.
std::string Mismatch(const Commands& commands, absl::string_view text) {
  const CLI::Option* const option = OptionIn(commands, text);
  if (option == nullptr) return std::string(text);
  const std::string name = option->get_name();
  if (static_cast<int>(option->count()) > option->get_items_expected_max()) {
    return absl::StrCat(name, " is given ", option->count(),
                        " times; write it once");
  }
  return absl::StrCat(name, " has no value; write ", name, " ",
                      option->get_type_name());
}

bool Is(const CLI::ParseError& error, CLI::ExitCodes code) {
  return error.get_exit_code() == static_cast<int>(code);
}

std::string Words(const Commands& commands, const CLI::ParseError& error) {
  if (Is(error, CLI::ExitCodes::ExtrasError) ||
      (Is(error, CLI::ExitCodes::RequiredError) && IsGroup(*commands.back())))
    return ExtraWord(commands);
  return Is(error, CLI::ExitCodes::ArgumentMismatch)
             ? Mismatch(commands, error.what())
             : error.what();
}

}  // namespace

absl::Status ComplaintOf(const CLI::App& app, const CLI::ParseError& error) {
  const Commands commands = CommandsIn(app);
  std::string line = NamesOf(commands.begin() + 1, commands.end());
  if (!line.empty()) line.append(": ");
  line.append(OneLine(Words(commands, error)));
  // A wrong value says what to write instead.
  if (!Is(error, CLI::ExitCodes::ValidationError)) {
    absl::StrAppend(&line, "; see ", NamesOf(commands.begin(), commands.end()),
                    " --help");
  }
  return absl::InvalidArgumentError(line);
}

absl::Status CheckWords(const CLI::App& app, int argc,
                        const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const absl::string_view word = argv[i];
    const size_t equals = word.find('=');
    if (word == "--") break;
    if (!absl::StartsWith(word, "--") || equals == absl::string_view::npos)
      continue;
    const std::string flag(word.substr(0, equals));
    const CLI::Option* const option = app.get_option_no_throw(flag);
    if (equals + 1 == word.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat(OneLine(flag), " has no value after \"=\"; see ",
                       app.get_name(), " --help"));
    }
    if (option != nullptr && option->check_fname(flag.substr(2))) {
      return absl::InvalidArgumentError(absl::StrCat(
          flag, " takes no value; write ", flag, " or ", option->get_name()));
    }
  }
  return absl::OkStatus();
}

}  // namespace connreg::flags
