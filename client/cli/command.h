#ifndef CONNREG_CLIENT_CLI_COMMAND_H_
#define CONNREG_CLIENT_CLI_COMMAND_H_

#include <functional>

#include "absl/status/statusor.h"
#include "client/cli/exit_code.h"
#include "client/cli/output.h"
#include "client/lib/client.h"

namespace connreg::cli {

// What the command line asks for, once it is parsed. Each command has a
// function that adds it to the parser, and that sets the Action when the
// command is chosen.
struct Action {
  std::function<absl::StatusOr<ExitCode>(Client& client, const Output&)>
      perform;
  // Whether a service that may be starting is worth waiting for.
  bool awaits_service = true;
};

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_COMMAND_H_
