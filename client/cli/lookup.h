#ifndef CONNREG_CLIENT_CLI_LOOKUP_H_
#define CONNREG_CLIENT_CLI_LOOKUP_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/cli/command.h"
#include "client/cli/output.h"
#include "client/cli/scope_options.h"
#include "connreg/v1/registry_service.pb.h"

namespace connreg::cli {

struct LookupOptions {
  // The endpoint, or if there is a server the client.
  std::string endpoint;
  std::string server;
  ScopeOptions scope;
};

// INVALID_ARGUMENT: a word is malformed; the field names it as the command line
//   does.
absl::StatusOr<v1::LookupRequest> RequestOf(const LookupOptions& options);

// `response` is to `request`. kPartial if it was truncated, or if nothing was
// found and the coverage is partial; else kAbsent if nothing was found.
absl::StatusOr<ExitCode> Print(const v1::LookupRequest& request,
                               const v1::LookupResponse& response,
                               const Output& output);

void AddLookup(CLI::App* app, Action* action);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_LOOKUP_H_
