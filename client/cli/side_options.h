#ifndef CONNREG_CLIENT_CLI_SIDE_OPTIONS_H_
#define CONNREG_CLIENT_CLI_SIDE_OPTIONS_H_

#include <string>

#include "absl/status/statusor.h"
#include "connreg/v1/socket.pb.h"

namespace CLI {
class App;
}

namespace connreg::cli {

// Which end of which connection, in register and deregister.
struct SideOptions {
  std::string client;
  std::string server;
  // Which of them the host has.
  std::string side = "client";

  bool is_server() const { return side == "server"; }
};

// Adds the options to `app`. They are written when it parses.
void AddSideOptions(CLI::App* app, SideOptions* options);

// An observation of that end, with nothing but its endpoints.
//
// INVALID_ARGUMENT: a word is malformed; the field names it as the command line
//   does.
absl::StatusOr<v1::Observation> SideOf(const SideOptions& options);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_SIDE_OPTIONS_H_
