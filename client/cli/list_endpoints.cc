#include "client/cli/list_endpoints.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/examples.h"
#include "client/cli/render.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"

namespace connreg::cli {

absl::StatusOr<v1::ListEndpointsRequest> RequestOf(
    const ListEndpointsOptions& options) {
  v1::ListEndpointsRequest request;
  SetScope(options.scope, &request);
  request.set_page_size(options.page_size);
  if (options.prefix.empty() && options.scope.host.empty()) {
    return InField("PREFIX",
                   InvalidArgument("PREFIX_OR_HOST_MISSING",
                                   "neither a prefix nor a host; write "
                                   "10.0.0.5, 10.0.0.0/8 or --host NAME"));
  }
  if (options.prefix.empty()) return request;
  ASSIGN_OR_RETURN(*request.mutable_prefix(),
                   ParsePrefix("PREFIX", options.prefix));
  return request;
}

absl::StatusOr<ExitCode> PrintEndpoints(Pages<v1::ListEndpointsResponse> pages,
                                        const Output& output) {
  const Listing<v1::ListEndpointsResponse, v1::EndpointSummary> listing = {
      "endpoints", &v1::ListEndpointsResponse::endpoints, EndpointsAsTable};
  return PrintListing(listing, pages, output);
}

void AddListEndpoints(CLI::App* parent, Action* action) {
  CLI::App* const app = parent->add_subcommand(
      "endpoints",
      "Addresses with their ports: what listens there, and how many "
      "connections have that end");
  const auto options = std::make_shared<ListEndpointsOptions>();
  app->add_option("PREFIX", options->prefix,
                  "Only those of this address or prefix: 10.0.0.5, 10.0.0.0/8. "
                  "May be left out with --host")
      ->type_name("");
  AddScopeOptions(app, &options->scope);
  AddPageSizeOption(app, &options->page_size);
  AddExamples(app,
              {{"connreg list endpoints 10.0.0.5", "the ports of an address"},
               {"connreg list endpoints 10.0.0.0/8 --transport tcp",
                "those of a prefix"},
               {"connreg list endpoints --host web1", "those of a host"}});
  app->callback([options, action] {
    action->perform = [options](
                          Client& client,
                          const Output& output) -> absl::StatusOr<ExitCode> {
      ASSIGN_OR_RETURN(const auto request, RequestOf(*options));
      return PrintEndpoints(
          [&](auto page) { return client.ListEndpoints(request, page); },
          output);
    };
  });
}

}  // namespace connreg::cli
