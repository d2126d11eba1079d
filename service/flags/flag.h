#ifndef CONNREG_SERVICE_FLAGS_FLAG_H_
#define CONNREG_SERVICE_FLAGS_FLAG_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "service/flags/count.h"
#include "service/flags/duration.h"
#include "service/flags/size.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace connreg::flags {

// What all kinds of flags are declared with.
struct Flag {
  // As it is written: "--max-rows".
  std::string name;
  std::string help;
  // What its value is called in the help: "ADDRESS". For texts and lists; the
  // other kinds name themselves.
  std::string type;
  // Where else it may stand: the flags of a program in its environment and its
  // --flagfile too, unless this says no. Those of its commands never do.
  bool command_line_only = false;
};

// What is wrong with a value, in words that follow its flag's name; OK if
// nothing is.
using Check = std::function<absl::Status(const std::string&)>;

// Each of these adds a flag of one kind to a program or a command. `value`
// holds the default, which --help shows, and is set when a Program parses; it
// must live as long. What they return is for CLI11's needs() and excludes().

CLI::Option* AddDuration(CLI::App* app, const Flag& flag, DurationRange range,
                         absl::Duration* value);

CLI::Option* AddSize(CLI::App* app, const Flag& flag, SizeRange range,
                     uint64_t* value);

// "--name", and "--no-name" for a switch that may stand elsewhere too, since it
// may have to be turned off again. In the environment, in a flag file and after
// "=", true, yes, on and 1 turn it on, and false, no, off and 0 off.
CLI::Option* AddSwitch(CLI::App* app, const Flag& flag, bool* value);

CLI::Option* AddText(CLI::App* app, const Flag& flag, const Check& check,
                     std::string* value);

// A text that is one of `choices`.
CLI::Option* AddChoice(CLI::App* app, const Flag& flag,
                       const std::vector<std::string>& choices,
                       std::string* value);

// A flag that may be repeated, or name several texts separated by commas. What
// is given replaces the default.
CLI::Option* AddList(CLI::App* app, const Flag& flag, const Check& check,
                     std::vector<std::string>* value);

// As AddCount() below, for any type of number.
CLI::Option* AddCountOf(CLI::App* app, const Flag& flag, CountRange range,
                        uint64_t value, std::function<void(uint64_t)> set);

// A whole number of any integral type. `range` ends at the latest where the
// type does.
template <typename Number>
CLI::Option* AddCount(CLI::App* app, const Flag& flag, CountRange range,
                      Number* value) {
  constexpr auto kMost =
      static_cast<uint64_t>(std::numeric_limits<Number>::max());
  if (range.max > kMost) range.max = kMost;
  return AddCountOf(
      app, flag, range, static_cast<uint64_t>(*value),
      [value](uint64_t count) { *value = static_cast<Number>(count); });
}

}  // namespace connreg::flags

#endif  // CONNREG_SERVICE_FLAGS_FLAG_H_
