#ifndef CONNREG_SERVICE_FLAGS_SOURCES_H_
#define CONNREG_SERVICE_FLAGS_SOURCES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "service/flags/flag_file.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace connreg::flags {

// The environment variable of a flag: "CONNREG_MAX_ROWS" of "--max-rows".
std::string VariableOf(absl::string_view flag);

// The variable that `option` of the program `app` may be set by; empty if there
// is none.
std::string VariableOf(const CLI::App& app, const CLI::Option& option);

// Sets the options of `app` that are not set yet from their variables. An empty
// variable is as good as none.
//
// INVALID_ARGUMENT: a value is wrong; the message names the variable.
absl::Status SetFromEnvironment(CLI::App* app);

// Sets those that are not set yet from the lines of a flag file. A value that
// is not needed, since the option is set, is not looked at; its name is.
//
// INVALID_ARGUMENT: a line's flag is unknown, may stand on the command line
//   only, or stands on two lines and may not, or its value is wrong.
absl::Status SetFromFile(const std::vector<FlagLine>& lines, CLI::App* app);

}  // namespace connreg::flags

#endif  // CONNREG_SERVICE_FLAGS_SOURCES_H_
