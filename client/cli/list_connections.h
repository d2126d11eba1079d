#ifndef CONNREG_CLIENT_CLI_LIST_CONNECTIONS_H_
#define CONNREG_CLIENT_CLI_LIST_CONNECTIONS_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/cli/command.h"
#include "client/cli/listing.h"
#include "client/cli/output.h"
#include "client/cli/page_size_option.h"
#include "client/cli/scope_options.h"
#include "connreg/v1/registry_service.pb.h"

namespace CLI {
class App;
}

namespace connreg::cli {

struct ListConnectionsOptions {
  // Empty: any.
  std::string endpoint;
  ScopeOptions scope;
  bool show_closed = false;
  int page_size = kMaxPageSize;
};

// INVALID_ARGUMENT: a word is malformed; the field names it as the command line
//   does.
absl::StatusOr<v1::ListConnectionsRequest> RequestOf(
    const ListConnectionsOptions& options);

absl::StatusOr<ExitCode> PrintConnections(
    Pages<v1::ListConnectionsResponse> pages, const Output& output);

void AddListConnections(CLI::App* app, Action* action);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_LIST_CONNECTIONS_H_
