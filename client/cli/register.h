#ifndef CONNREG_CLIENT_CLI_REGISTER_H_
#define CONNREG_CLIENT_CLI_REGISTER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/reporter_options.h"
#include "client/cli/side_options.h"
#include "connreg/v1/reporting_service.pb.h"

namespace connreg::cli {

// What the two forms of register have in common.
struct RegisterOptions {
  ReporterOptions reporter;
  SocketOptions socket;
  std::string ttl = "1h";
  // What the host's namespace owns.
  std::vector<std::string> addresses;
  // The holder of the socket; 0: not told.
  int32_t pid = 0;
  std::string process;
};

struct RegisterConnectionOptions {
  RegisterOptions common;
  SideOptions side;
  std::string state;
};

struct RegisterListenerOptions {
  RegisterOptions common;
  std::string endpoint;
  bool v6_only = false;
  std::string device;
};

// INVALID_ARGUMENT: a word is malformed; the field names it as the command line
//   does.
absl::StatusOr<v1::RegisterRequest> RequestOf(
    const RegisterConnectionOptions& options);
absl::StatusOr<v1::RegisterRequest> RequestOf(
    const RegisterListenerOptions& options);

// kUsage if a row was refused as malformed, else kNoAnswer if there was no room
// for what the request says; each refusal is told in the line of an error.
absl::StatusOr<ExitCode> Print(const v1::RegisterResponse& response,
                               const Output& output);

void AddRegister(CLI::App* app, Action* action);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_REGISTER_H_
