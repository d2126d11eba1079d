#ifndef CONNREG_CLIENT_CLI_COMPLETION_H_
#define CONNREG_CLIENT_CLI_COMPLETION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/command.h"

namespace CLI {
class App;
}

namespace connreg::cli {

// A script by which a shell completes the command lines of `program`: its
// commands, their options, and the values of options.
//
// What the value of an option may be, its type's name tells: words, if it is
// "these|or|these" or holds "{these,or,these}", as CLI::IsMember has it; a
// file, if it is "FILE". Of others nothing is proposed.
//
// INVALID_ARGUMENT: there is none for `shell`.
absl::StatusOr<std::string> CompletionScript(absl::string_view shell,
                                             const CLI::App& program);

// The command that prints the script for `app`, with all that it has by then.
void AddCompletion(CLI::App* app, Action* action);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_COMPLETION_H_
