#ifndef CONNREG_SERVICE_FLAGS_HELP_H_
#define CONNREG_SERVICE_FLAGS_HELP_H_

#include <string>

namespace CLI {
class App;
}

namespace connreg::flags {

// The help of a program, or of one of its commands, in lines of at most 80
// columns: what it is, how to write it, its arguments, commands and options,
// each option with its type, its default and its variable, and the footer as it
// is. `names` are those of the program and of the commands down to `app`.
std::string HelpOf(const CLI::App& app, const std::string& names);

}  // namespace connreg::flags

#endif  // CONNREG_SERVICE_FLAGS_HELP_H_
