#ifndef CONNREG_CLIENT_CLI_LIST_LISTENERS_H_
#define CONNREG_CLIENT_CLI_LIST_LISTENERS_H_

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

struct ListListenersOptions {
  // Empty: any.
  std::string endpoint;
  ScopeOptions scope;
  int page_size = kMaxPageSize;
};

// INVALID_ARGUMENT: a word is malformed; the field names it as the command line
//   does.
absl::StatusOr<v1::ListListenersRequest> RequestOf(
    const ListListenersOptions& options);

absl::StatusOr<ExitCode> PrintListeners(Pages<v1::ListListenersResponse> pages,
                                        const Output& output);

void AddListListeners(CLI::App* app, Action* action);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_LIST_LISTENERS_H_
