#include "client/cli/list_hosts.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/string_view.h"
#include "client/cli/arguments.h"
#include "client/cli/examples.h"
#include "client/cli/render.h"
#include "client/cli/scope_options.h"
#include "service/flags/flag.h"

namespace connreg::cli {
namespace {

// Anything that is no state is any.
v1::HostState StateOf(absl::string_view text) {
  if (text == "live") return v1::HOST_STATE_LIVE;
  if (text == "stale") return v1::HOST_STATE_STALE;
  if (text == "expired") return v1::HOST_STATE_EXPIRED;
  if (text == "syncing") return v1::HOST_STATE_SYNCING;
  if (text == "no-agent") return v1::HOST_STATE_NO_AGENT;
  return v1::HOST_STATE_UNSPECIFIED;
}

}  // namespace

v1::ListHostsRequest RequestOf(const ListHostsOptions& options) {
  v1::ListHostsRequest request;
  request.set_host(options.host);
  request.set_network(options.network);
  request.set_state(StateOf(options.state));
  request.set_page_size(options.page_size);
  return request;
}

absl::StatusOr<ExitCode> PrintHosts(Pages<v1::ListHostsResponse> pages,
                                    const Output& output) {
  const Listing<v1::ListHostsResponse, v1::Host> listing = {
      "hosts", &v1::ListHostsResponse::hosts, HostsAsTable};
  return PrintListing(listing, pages, output);
}

void AddListHosts(CLI::App* parent, Action* action) {
  CLI::App* const app = parent->add_subcommand(
      "hosts", "Machines that report, or have lately stopped to");
  const auto options = std::make_shared<ListHostsOptions>();
  app->add_option("HOST", options->host, "Only this one")
      ->type_name("")
      ->check(NameError);
  AddNetworkOption(app, &options->network);
  flags::AddChoice(
      app,
      {.name = "--state",
       .help = "Only those that report (live), that have not said all yet "
               "(syncing), that have gone silent (stale), whose rows are gone "
               "(expired), or that only programs report for (no-agent)"},
      {"live", "syncing", "stale", "expired", "no-agent"}, &options->state);
  AddPageSizeOption(app, &options->page_size);
  AddExamples(app,
              {{"connreg list hosts", "every machine that reports"},
               {"connreg list hosts --state stale", "which have gone silent"},
               {"connreg list hosts web1 --output wide",
                "its agent: interval, clock, what it cannot see"}});
  app->callback([options, action] {
    action->perform = [options](
                          Client& client,
                          const Output& output) -> absl::StatusOr<ExitCode> {
      const v1::ListHostsRequest request = RequestOf(*options);
      return PrintHosts(
          [&](auto page) { return client.ListHosts(request, page); }, output);
    };
  });
}

}  // namespace connreg::cli
