#ifndef CONNREG_CLIENT_CLI_ERROR_LINE_H_
#define CONNREG_CLIENT_CLI_ERROR_LINE_H_

#include <string>

#include "absl/status/status.h"
#include "client/cli/exit_code.h"

namespace connreg::cli {

// What is wrong, where, and what to do about it, in one line without its line
// break: "connreg: CLIENT: endpoint \"10.0.0.1\": no port; write
// 10.0.0.1:PORT".
//
// REQUIRES: !status.ok()
std::string ErrorLine(const absl::Status& status);

// REQUIRES: !status.ok()
ExitCode ExitCodeOf(const absl::Status& status);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_ERROR_LINE_H_
