#include "service/flags/flag.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "service/base/status_macros.h"
#include "service/flags/text.h"

namespace connreg::flags {
namespace {

// Sets the value from a text. Called after a check that it may be.
using Setter = std::function<void(const std::string&)>;

// The form in which CLI11 takes checks: what is wrong, or nothing.
std::function<std::string(const std::string&)> Complaint(const Check& check) {
  return [check](const std::string& text) {
    return std::string(check(text).message());
  };
}

// A callback in CLI11's form, which never fails: a check went before it.
CLI::callback_t OnResults(std::function<void(const CLI::results_t&)> act) {
  return [act = std::move(act)](const CLI::results_t& texts) {
    act(texts);
    return true;
  };
}

void Describe(CLI::Option* option, const Flag& flag, absl::string_view type,
              absl::string_view default_text) {
  option->type_name(std::string(type))
      ->default_str(std::string(default_text))
      ->configurable(!flag.command_line_only);
}

CLI::Option* AddOption(CLI::App* app, const Flag& flag, absl::string_view type,
                       absl::string_view default_text, const Check& check,
                       const Setter& set) {
  CLI::Option* const option = app->add_option(
      flag.name,
      OnResults([set](const CLI::results_t& texts) { set(texts.front()); }),
      flag.help);
  option->check(Complaint(check));
  Describe(option, flag, type, default_text);
  return option;
}

// The same for a value that `parse` makes of a text.
template <typename Value>
CLI::Option* AddParsed(
    CLI::App* app, const Flag& flag, absl::string_view type,
    absl::string_view default_text,
    const std::function<absl::StatusOr<Value>(const std::string&)>& parse,
    const std::function<void(Value)>& set) {
  return AddOption(
      app, flag, type, default_text,
      [parse](const std::string& text) { return parse(text).status(); },
      [parse, set](const std::string& text) { set(*parse(text)); });
}

// `flag` with the range that it takes told in its help.
Flag WithRange(Flag flag, absl::string_view min, absl::string_view max) {
  absl::StrAppend(&flag.help, "; from ", min, " to ", max);
  return flag;
}

absl::StatusOr<bool> ParseSwitch(const std::string& text) {
  const std::string word = absl::AsciiStrToLower(text);
  for (const absl::string_view on : {"true", "yes", "on", "1"}) {
    if (word == on) return true;
  }
  for (const absl::string_view off : {"false", "no", "off", "0"}) {
    if (word == off) return false;
  }
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(text),
                   " is neither on nor off; write true, yes, on or 1, or "
                   "false, no, off or 0"));
}

std::vector<std::string> Parts(const std::string& text) {
  std::vector<std::string> parts;
  for (const absl::string_view part : absl::StrSplit(text, ','))
    parts.emplace_back(absl::StripAsciiWhitespace(part));
  return parts;
}

}  // namespace

CLI::Option* AddDuration(CLI::App* app, const Flag& flag, DurationRange range,
                         absl::Duration* value) {
  return AddParsed<absl::Duration>(
      app, WithRange(flag, DurationText(range.min), DurationText(range.max)),
      "DURATION", DurationText(*value),
      [range](const std::string& text) { return ParseDuration(text, range); },
      [value](absl::Duration duration) { *value = duration; });
}

CLI::Option* AddSize(CLI::App* app, const Flag& flag, SizeRange range,
                     uint64_t* value) {
  return AddParsed<uint64_t>(
      app, WithRange(flag, SizeText(range.min), SizeText(range.max)), "SIZE",
      SizeText(*value),
      [range](const std::string& text) { return ParseSize(text, range); },
      [value](uint64_t size) { *value = size; });
}

CLI::Option* AddCountOf(CLI::App* app, const Flag& flag, CountRange range,
                        uint64_t value, std::function<void(uint64_t)> set) {
  return AddParsed<uint64_t>(
      app, WithRange(flag, CountText(range.min), CountText(range.max)), "COUNT",
      CountText(value),
      [range](const std::string& text) { return ParseCount(text, range); },
      set);
}

CLI::Option* AddSwitch(CLI::App* app, const Flag& flag, bool* value) {
  const bool can_be_negated =
      app->get_parent() == nullptr && !flag.command_line_only;
  std::string names = flag.name;
  if (can_be_negated)
    absl::StrAppend(&names, ",!--no-", absl::StripPrefix(flag.name, "--"));
  CLI::Option* const option = app->add_flag_function(
      names, [value](int64_t on) { *value = on > 0; }, flag.help);
  option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  option->transform(CLI::Validator(
      [](std::string& text) {
        const absl::StatusOr<bool> on = ParseSwitch(text);
        if (on.ok()) text = *on ? "true" : "false";
        return std::string(on.status().message());
      },
      ""));
  const absl::string_view default_text = *value ? "on" : "off";
  Describe(option, flag, "", can_be_negated ? default_text : "");
  return option;
}

CLI::Option* AddText(CLI::App* app, const Flag& flag, const Check& check,
                     std::string* value) {
  return AddOption(app, flag, flag.type, *value, check,
                   [value](const std::string& text) { *value = text; });
}

CLI::Option* AddChoice(CLI::App* app, const Flag& flag,
                       const std::vector<std::string>& choices,
                       std::string* value) {
  const auto check = [choices](const std::string& text) {
    if (std::count(choices.begin(), choices.end(), text) > 0)
      return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        Quoted(text), " is not known; write ", absl::StrJoin(choices, " or ")));
  };
  return AddOption(app, flag, absl::StrJoin(choices, "|"), *value, check,
                   [value](const std::string& text) { *value = text; });
}

CLI::Option* AddList(CLI::App* app, const Flag& flag, const Check& check,
                     std::vector<std::string>* value) {
  const auto check_parts = [check](const std::string& text) {
    for (const std::string& part : Parts(text)) RETURN_IF_ERROR(check(part));
    return absl::OkStatus();
  };
  CLI::Option* const option = app->add_option(
      flag.name, OnResults([value](const CLI::results_t& texts) {
        value->clear();
        for (const std::string& text : texts) {
          std::vector<std::string> parts = Parts(text);
          std::move(parts.begin(), parts.end(), std::back_inserter(*value));
        }
      }),
      flag.help);
  option->check(Complaint(check_parts));
  option->expected(CLI::detail::expected_max_vector_size)
      ->allow_extra_args(false);
  Describe(option, flag, flag.type, absl::StrJoin(*value, ","));
  return option;
}

}  // namespace connreg::flags
