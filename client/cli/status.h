#ifndef CONNREG_CLIENT_CLI_STATUS_H_
#define CONNREG_CLIENT_CLI_STATUS_H_

#include "absl/status/statusor.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "connreg/v1/registry_service.pb.h"

namespace CLI {
class App;
}

namespace connreg::cli {

absl::StatusOr<ExitCode> Print(const v1::GetStatusResponse& response,
                               const Output& output);

void AddStatus(CLI::App* app, Action* action);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_STATUS_H_
