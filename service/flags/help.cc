#include "service/flags/help.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "service/flags/columns.h"
#include "service/flags/sources.h"

namespace connreg::flags {
namespace {

constexpr char kOfSources[] =
    "An option with \"env\" may also be set in that environment variable, or "
    "in "
    "the flag file, on a line of its own, as --NAME=VALUE. The command line "
    "goes "
    "before the environment, and that before the file.";

std::vector<const CLI::Option*> OptionsOf(const CLI::App& app) {
  return app.get_options(
      [](const CLI::Option* option) { return option->nonpositional(); });
}

std::vector<const CLI::Option*> ArgumentsOf(const CLI::App& app) {
  return app.get_options(
      [](const CLI::Option* option) { return option->get_positional(); });
}

std::vector<const CLI::App*> CommandsOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

// All that it can be written as: "--reflection, --no-reflection". Whole, so
// that who searches the help for it finds it.
std::string SwitchName(const CLI::Option& option) {
  const std::string all =
      option.get_name(/*positional=*/false, /*all_options=*/true);
  return absl::StrReplaceAll(all, {{",", ", "}, {"{false}", ""}});
}

std::string NameOf(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return SwitchName(option);
  return absl::StrCat(option.get_name(), " ", option.get_type_name());
}

// What it is for, and below that "[default: 2m, env: CONNREG_GRACE]".
std::string MeaningOf(const CLI::App& app, const CLI::Option& option) {
  std::vector<std::string> facts;
  if (option.get_required()) facts.push_back("required");
  if (!option.get_default_str().empty())
    facts.push_back(absl::StrCat("default: ", option.get_default_str()));
  const std::string variable = VariableOf(app, option);
  if (!variable.empty()) facts.push_back(absl::StrCat("env: ", variable));
  const std::string description = option.get_description();
  if (facts.empty()) return description;
  return absl::StrCat(description, "\n[", absl::StrJoin(facts, ", "), "]");
}

// Where an option stands among others: its own first, then those that every
// program has.
int RankOf(const CLI::Option* option) {
  const std::string name = option->get_name();
  if (name == "--flagfile") return 1;
  return name == "--help" || name == "--version" ? 2 : 0;
}

std::vector<const CLI::Option*> InOrder(
    std::vector<const CLI::Option*> options) {
  std::stable_sort(options.begin(), options.end(),
                   [](const CLI::Option* a, const CLI::Option* b) {
                     return RankOf(a) < RankOf(b);
                   });
  return options;
}

std::string OptionsSection(const CLI::App& app) {
  std::vector<Entry> entries;
  for (const CLI::Option* option : InOrder(OptionsOf(app)))
    entries.push_back({NameOf(*option), MeaningOf(app, *option)});
  return Section("Options", entries);
}

// That the program's options can be given to this command too.
std::string OfProgram(const CLI::App& app) {
  const CLI::App* program = &app;
  while (program->get_parent() != nullptr) program = program->get_parent();
  std::vector<std::string> names;
  for (const CLI::Option* option : InOrder(OptionsOf(*program))) {
    if (RankOf(option) < 2) names.push_back(NameOf(*option));
  }
  return absl::StrCat("Options of every command, described in ",
                      program->get_name(), " --help:\n  ",
                      Wrapped(absl::StrJoin(names, ", "), 2), "\n");
}

std::string Usage(const CLI::App& app, const std::string& names) {
  std::string usage = absl::StrCat("Usage: ", names, " [OPTIONS]");
  for (const CLI::Option* argument : ArgumentsOf(app)) {
    const std::string name = argument->get_name(/*positional=*/true);
    absl::StrAppend(
        &usage, " ",
        argument->get_required() ? name : absl::StrCat("[", name, "]"));
  }
  if (!CommandsOf(app).empty()) {
    absl::StrAppend(&usage, app.get_require_subcommand_min() == 0 ? " [COMMAND]"
                                                                  : " COMMAND");
  }
  return Wrapped(usage, 7) + "\n";
}

std::string ArgumentsSection(const CLI::App& app) {
  std::vector<Entry> entries;
  for (const CLI::Option* argument : ArgumentsOf(app)) {
    entries.push_back(
        {argument->get_name(/*positional=*/true), argument->get_description()});
  }
  return Section("Arguments", entries);
}

std::string CommandsSection(const CLI::App& app) {
  std::vector<Entry> entries;
  for (const CLI::App* command : CommandsOf(app))
    entries.push_back({command->get_name(), command->get_description()});
  return Section("Commands", entries);
}

}  // namespace

std::string HelpOf(const CLI::App& app, const std::string& names) {
  const bool is_program = app.get_parent() == nullptr;
  std::vector<std::string> parts = {
      Wrapped(app.get_description(), 0) + "\n",
      Usage(app, names),
      CommandsSection(app),
      ArgumentsSection(app),
      OptionsSection(app),
      is_program ? Wrapped(kOfSources, 0) + "\n" : OfProgram(app),
      app.get_footer(),
  };
  parts.erase(std::remove(parts.begin(), parts.end(), ""), parts.end());
  std::string help = absl::StrJoin(parts, "\n");
  if (!absl::EndsWith(help, "\n")) help.append("\n");
  return help;
}

}  // namespace connreg::flags
