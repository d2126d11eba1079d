#include "client/cli/list_connections.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/examples.h"
#include "client/cli/render.h"
#include "service/base/status_macros.h"

namespace connreg::cli {

absl::StatusOr<v1::ListConnectionsRequest> RequestOf(
    const ListConnectionsOptions& options) {
  v1::ListConnectionsRequest request;
  SetScope(options.scope, &request);
  request.set_page_size(options.page_size);
  request.set_show_closed(options.show_closed);
  if (options.endpoint.empty()) return request;
  ASSIGN_OR_RETURN(*request.mutable_endpoint(),
                   ParseEndpoint("--endpoint", options.endpoint));
  return request;
}

absl::StatusOr<ExitCode> PrintConnections(
    Pages<v1::ListConnectionsResponse> pages, const Output& output) {
  const Listing<v1::ListConnectionsResponse, v1::Connection> listing = {
      "connections", &v1::ListConnectionsResponse::connections,
      ConnectionsAsTable};
  return PrintListing(listing, pages, output);
}

void AddListConnections(CLI::App* parent, Action* action) {
  CLI::App* const app = parent->add_subcommand(
      "connections", "Connections, each once, with both ends where reported");
  const auto options = std::make_shared<ListConnectionsOptions>();
  app->add_option("--endpoint", options->endpoint, "Only those with this end")
      ->type_name("ENDPOINT")
      ->check(NotEmpty);
  AddScopeOptions(app, &options->scope);
  app->add_flag("--show-closed", options->show_closed,
                "Also those that have ended, as far as they are remembered");
  AddPageSizeOption(app, &options->page_size);
  AddExamples(app, {{"connreg list connections --endpoint 10.0.0.5:5432",
                     "who is connected to it"},
                    {"connreg list connections --host web1 --show-closed",
                     "of one host, also those that ended"},
                    {"connreg list connections --output csv",
                     "all, for a spreadsheet"}});
  app->callback([options, action] {
    action->perform = [options](
                          Client& client,
                          const Output& output) -> absl::StatusOr<ExitCode> {
      ASSIGN_OR_RETURN(const auto request, RequestOf(*options));
      return PrintConnections(
          [&](auto page) { return client.ListConnections(request, page); },
          output);
    };
  });
}

}  // namespace connreg::cli
