#ifndef CONNREG_CLIENT_CLI_DEREGISTER_H_
#define CONNREG_CLIENT_CLI_DEREGISTER_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/reporter_options.h"
#include "client/cli/side_options.h"
#include "connreg/v1/reporting_service.pb.h"

namespace connreg::cli {

struct DeregisterConnectionOptions {
  ReporterOptions reporter;
  SocketOptions socket;
  SideOptions side;
};

struct DeregisterListenerOptions {
  ReporterOptions reporter;
  SocketOptions socket;
  std::string endpoint;
};

struct DeregisterAllOptions {
  ReporterOptions reporter;
};

// INVALID_ARGUMENT: a word is malformed; the field names it as the command line
//   does.
absl::StatusOr<v1::DeregisterRequest> RequestOf(
    const DeregisterConnectionOptions& options);
absl::StatusOr<v1::DeregisterRequest> RequestOf(
    const DeregisterListenerOptions& options);
absl::StatusOr<v1::DeregisterRequest> RequestOf(
    const DeregisterAllOptions& options);

// `response` is to `request`. kAbsent if there was nothing to take away.
absl::StatusOr<ExitCode> Print(const v1::DeregisterRequest& request,
                               const v1::DeregisterResponse& response,
                               const Output& output);

void AddDeregister(CLI::App* app, Action* action);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_DEREGISTER_H_
