#include "client/cli/list_listeners.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/examples.h"
#include "client/cli/render.h"
#include "service/base/status_macros.h"

namespace connreg::cli {

absl::StatusOr<v1::ListListenersRequest> RequestOf(
    const ListListenersOptions& options) {
  v1::ListListenersRequest request;
  SetScope(options.scope, &request);
  request.set_page_size(options.page_size);
  if (options.endpoint.empty()) return request;
  ASSIGN_OR_RETURN(*request.mutable_endpoint(),
                   ParseEndpoint("--endpoint", options.endpoint));
  return request;
}

absl::StatusOr<ExitCode> PrintListeners(Pages<v1::ListListenersResponse> pages,
                                        const Output& output) {
  const Listing<v1::ListListenersResponse, v1::Listener> listing = {
      "listeners", &v1::ListListenersResponse::listeners, ListenersAsTable};
  return PrintListing(listing, pages, output);
}

void AddListListeners(CLI::App* parent, Action* action) {
  CLI::App* const app = parent->add_subcommand(
      "listeners", "TCP sockets that listen, and UDP sockets that are bound");
  const auto options = std::make_shared<ListListenersOptions>();
  app->add_option("--endpoint", options->endpoint,
                  "Only those that would take a packet for it; with a wildcard "
                  "address, those bound to that wildcard")
      ->type_name("ENDPOINT")
      ->check(NotEmpty);
  AddScopeOptions(app, &options->scope);
  AddPageSizeOption(app, &options->page_size);
  AddExamples(app, {{"connreg list listeners --endpoint 10.0.0.5:5432",
                     "what would take a packet for it"},
                    {"connreg list listeners --endpoint 0.0.0.0:22",
                     "what is bound to that wildcard"},
                    {"connreg list listeners --transport udp --output wide",
                     "all of UDP, with all that is known"}});
  app->callback([options, action] {
    action->perform = [options](
                          Client& client,
                          const Output& output) -> absl::StatusOr<ExitCode> {
      ASSIGN_OR_RETURN(const auto request, RequestOf(*options));
      return PrintListeners(
          [&](auto page) { return client.ListListeners(request, page); },
          output);
    };
  });
}

}  // namespace connreg::cli
