#ifndef CONNREG_CLIENT_CLI_VERSION_H_
#define CONNREG_CLIENT_CLI_VERSION_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "connreg/v1/registry_service.pb.h"

namespace CLI {
class App;
}

namespace connreg::cli {

// Of this program: "0.1.0".
absl::string_view Version();

// Prints this program's version, and the service's out of its `status` if it
// gave one.
absl::StatusOr<ExitCode> PrintVersions(
    const absl::StatusOr<v1::GetStatusResponse>& status, const Output& output);

void AddVersion(CLI::App* app, Action* action);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_VERSION_H_
