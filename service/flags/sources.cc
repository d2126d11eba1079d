#include "service/flags/sources.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "service/base/status_macros.h"
#include "service/flags/text.h"

namespace connreg::flags {
namespace {

constexpr absl::string_view kVariablePrefix = "CONNREG_";

using Lines = std::vector<const FlagLine*>;

bool IsSwitch(const CLI::Option& option) {
  return option.get_items_expected_max() == 0;
}

bool MayBeRepeated(const CLI::Option& option) {
  return option.get_items_expected_max() > 1;
}

absl::Status Refused(absl::string_view where, absl::string_view why) {
  return absl::InvalidArgumentError(OneLine(absl::StrCat(where, ": ", why)));
}

// Gives `option` `value`. Its complaints start with `where` instead of its
// name.
absl::Status Set(absl::string_view where, const std::string& value,
                 CLI::Option* option) {
  try {
    option->add_result(value)->run_callback();
  } catch (const CLI::ParseError& error) {
    const std::string what = error.what();
    return Refused(
        where, absl::StripPrefix(what, absl::StrCat(option->get_name(), ": ")));
  }
  return absl::OkStatus();
}

// The value that a line gives a switch: "--no-name" turns it off.
absl::StatusOr<std::string> SwitchValue(const FlagLine& line,
                                        const CLI::Option& option) {
  const bool is_plain = line.flag == option.get_name();
  if (line.value && !is_plain) {
    return Refused(line.where,
                   absl::StrCat(line.flag, ": takes no value; write ",
                                line.flag, " or ", option.get_name()));
  }
  return line.value.value_or(is_plain ? "true" : "false");
}

absl::StatusOr<std::string> ValueOf(const FlagLine& line,
                                    const CLI::Option& option) {
  if (IsSwitch(option)) return SwitchValue(line, option);
  if (line.value) return *line.value;
  return Refused(line.where,
                 absl::StrCat(line.flag, ": no value; write ", line.flag, "=",
                              option.get_type_name()));
}

absl::StatusOr<CLI::Option*> FindOption(const FlagLine& line, CLI::App* app) {
  CLI::Option* const option = app->get_option_no_throw(line.flag);
  if (option == nullptr) {
    return Refused(line.where,
                   absl::StrCat(line.flag, ": there is no such flag; see ",
                                app->get_name(), " --help"));
  }
  if (!option->get_configurable()) {
    return Refused(
        line.where,
        absl::StrCat(line.flag, ": this stands on the command line only"));
  }
  return option;
}

// Each option that `lines` set, with its lines in their order.
absl::StatusOr<std::map<CLI::Option*, Lines>> ByOption(
    const std::vector<FlagLine>& lines, CLI::App* app) {
  std::map<CLI::Option*, Lines> found;
  for (const FlagLine& line : lines) {
    ASSIGN_OR_RETURN(CLI::Option* const option, FindOption(line, app));
    Lines& earlier = found[option];
    if (!earlier.empty() && !MayBeRepeated(*option)) {
      return Refused(line.where,
                     absl::StrCat(line.flag, ": is given twice, first in ",
                                  earlier.front()->where));
    }
    earlier.push_back(&line);
  }
  return found;
}

absl::Status SetFromLines(const Lines& lines, CLI::Option* option) {
  std::vector<std::string> values;
  for (const FlagLine* line : lines) {
    ASSIGN_OR_RETURN(const std::string value, ValueOf(*line, *option));
    // Each by itself first, so that a complaint names its line.
    option->clear();
    RETURN_IF_ERROR(
        Set(absl::StrCat(line->where, ": ", line->flag), value, option));
    values.push_back(value);
  }
  if (values.size() == 1) return absl::OkStatus();
  option->clear();
  option->add_result(values)->run_callback();
  return absl::OkStatus();
}

}  // namespace

std::string VariableOf(absl::string_view flag) {
  return absl::StrCat(kVariablePrefix,
                      absl::AsciiStrToUpper(absl::StrReplaceAll(
                          absl::StripPrefix(flag, "--"), {{"-", "_"}})));
}

std::string VariableOf(const CLI::App& app, const CLI::Option& option) {
  const bool has_one = app.get_parent() == nullptr && option.nonpositional() &&
                       option.get_configurable();
  return has_one ? VariableOf(option.get_name()) : "";
}

absl::Status SetFromEnvironment(CLI::App* app) {
  for (CLI::Option* option : app->get_options()) {
    const std::string variable = VariableOf(*app, *option);
    if (option->count() > 0 || variable.empty()) continue;
    const char* const value = std::getenv(variable.c_str());
    if (value == nullptr || *value == '\0') continue;
    RETURN_IF_ERROR(Set(variable, value, option));
  }
  return absl::OkStatus();
}

absl::Status SetFromFile(const std::vector<FlagLine>& lines, CLI::App* app) {
  ASSIGN_OR_RETURN(const auto by_option, ByOption(lines, app));
  for (const auto& [option, its_lines] : by_option) {
    if (option->count() == 0) RETURN_IF_ERROR(SetFromLines(its_lines, option));
  }
  return absl::OkStatus();
}

}  // namespace connreg::flags
