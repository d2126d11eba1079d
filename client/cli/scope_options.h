#ifndef CONNREG_CLIENT_CLI_SCOPE_OPTIONS_H_
#define CONNREG_CLIENT_CLI_SCOPE_OPTIONS_H_

#include <string>

#include "client/cli/arguments.h"

namespace CLI {
class App;
}

namespace connreg::cli {

// What part of the registry a question is about. What is empty is any.
struct ScopeOptions {
  std::string network;
  std::string host;
  std::string transport;
};

// Adds the options to `app`. They are written when it parses.
void AddScopeOptions(CLI::App* app, ScopeOptions* options);
void AddNetworkOption(CLI::App* app, std::string* network);

// Writes the scope into any of the requests that have one.
template <typename Request>
void SetScope(const ScopeOptions& options, Request* request) {
  request->set_network(options.network);
  request->set_host(options.host);
  request->set_transport(TransportOf(options.transport));
}

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_SCOPE_OPTIONS_H_
