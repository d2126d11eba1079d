#ifndef CONNREG_CLIENT_CLI_LIST_ENDPOINTS_H_
#define CONNREG_CLIENT_CLI_LIST_ENDPOINTS_H_

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

struct ListEndpointsOptions {
  // An address or a prefix. Empty: any.
  std::string prefix;
  ScopeOptions scope;
  int page_size = kMaxPageSize;
};

// INVALID_ARGUMENT: a word is malformed, or neither a prefix nor a host is
//   given; the field names it as the command line does.
absl::StatusOr<v1::ListEndpointsRequest> RequestOf(
    const ListEndpointsOptions& options);

absl::StatusOr<ExitCode> PrintEndpoints(Pages<v1::ListEndpointsResponse> pages,
                                        const Output& output);

void AddListEndpoints(CLI::App* app, Action* action);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_LIST_ENDPOINTS_H_
