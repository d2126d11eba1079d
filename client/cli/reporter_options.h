#ifndef CONNREG_CLIENT_CLI_REPORTER_OPTIONS_H_
#define CONNREG_CLIENT_CLI_REPORTER_OPTIONS_H_

#include <string>

#include "connreg/v1/socket.pb.h"

namespace CLI {
class App;
}

namespace connreg::cli {

// Who reports. A reporter can take back only what it said itself, so register
// and deregister have the same options.
struct ReporterOptions {
  std::string name = "connreg";
  std::string host;
  std::string network;
};

// Which of a host's sockets of one endpoint or pair of them.
struct SocketOptions {
  bool udp = false;
  std::string netns;
};

// Adds the options to `app`. They are written when it parses.
void AddReporterOptions(CLI::App* app, ReporterOptions* options);
void AddSocketOptions(CLI::App* app, SocketOptions* options);

v1::Reporter ReporterOf(const ReporterOptions& options);
v1::Socket SocketOf(const SocketOptions& options);

// The name of this machine.
std::string ThisHost();

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_REPORTER_OPTIONS_H_
