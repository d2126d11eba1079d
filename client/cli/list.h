#ifndef CONNREG_CLIENT_CLI_LIST_H_
#define CONNREG_CLIENT_CLI_LIST_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/scope_options.h"
#include "connreg/v1/registry_service.pb.h"

namespace connreg::cli {

struct ListOptions {
  // Empty: any.
  std::string endpoint;
  ScopeOptions scope;
};

// INVALID_ARGUMENT: a word is malformed; the field names it as the command line
//   does.
absl::StatusOr<v1::ListConnectionsRequest> ConnectionsRequestOf(
    const ListOptions& options);
absl::StatusOr<v1::ListListenersRequest> ListenersRequestOf(
    const ListOptions& options);

// Hands page after page to what it is given, and returns its first error, or
// its own.
template <typename Response>
using Pages = absl::FunctionRef<absl::Status(
    absl::FunctionRef<absl::Status(const Response&)>)>;

// Prints a listing: as kNdjson page by page as they come, else once they are
// all there, as one. kAbsent if it is empty.
absl::StatusOr<ExitCode> PrintConnections(
    Pages<v1::ListConnectionsResponse> pages, const Output& output);
absl::StatusOr<ExitCode> PrintListeners(Pages<v1::ListListenersResponse> pages,
                                        const Output& output);

void AddList(CLI::App* app, Action* action);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_LIST_H_
