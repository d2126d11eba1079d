#ifndef CONNREG_CLIENT_CLI_LIST_HOSTS_H_
#define CONNREG_CLIENT_CLI_LIST_HOSTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/cli/command.h"
#include "client/cli/listing.h"
#include "client/cli/output.h"
#include "client/cli/page_size_option.h"
#include "connreg/v1/registry_service.pb.h"

namespace CLI {
class App;
}

namespace connreg::cli {

struct ListHostsOptions {
  // What is empty is any.
  std::string host;
  std::string network;
  std::string state;
  int page_size = kMaxPageSize;
};

v1::ListHostsRequest RequestOf(const ListHostsOptions& options);

absl::StatusOr<ExitCode> PrintHosts(Pages<v1::ListHostsResponse> pages,
                                    const Output& output);

void AddListHosts(CLI::App* app, Action* action);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_LIST_HOSTS_H_
