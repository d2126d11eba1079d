#ifndef CONNREG_CLIENT_CLI_HEALTH_H_
#define CONNREG_CLIENT_CLI_HEALTH_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "grpc/health/v1/health.pb.h"

namespace CLI {
class App;
}

namespace connreg::cli {

struct HealthOptions {
  // "registry" or "reporting"; empty for the server as a whole.
  std::string service;
  // 0: it is asked once.
  absl::Duration until_serving;
};

// Of what `options` asked for.
absl::StatusOr<ExitCode> Print(
    const HealthOptions& options,
    const grpc::health::v1::HealthCheckResponse& response,
    const Output& output);

void AddHealth(CLI::App* app, Action* action);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_HEALTH_H_
