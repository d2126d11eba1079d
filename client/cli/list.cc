#include "client/cli/list.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "client/cli/arguments.h"
#include "client/cli/render.h"
#include "client/cli/table.h"
#include "service/base/status_macros.h"

namespace connreg::cli {
namespace {

// The most that the service puts into one.
constexpr int kPageSize = 1000;

template <typename Request>
absl::StatusOr<Request> RequestOf(const ListOptions& options) {
  Request request;
  SetScope(options.scope, &request);
  request.set_page_size(kPageSize);
  if (options.endpoint.empty()) return request;
  ASSIGN_OR_RETURN(*request.mutable_endpoint(),
                   ParseEndpoint("--endpoint", options.endpoint));
  return request;
}

// What differs between the two listings.
const Connections& RowsOf(const v1::ListConnectionsResponse& response) {
  return response.connections();
}
const Listeners& RowsOf(const v1::ListListenersResponse& response) {
  return response.listeners();
}
Table AsTable(const Connections& rows) { return ConnectionsAsTable(rows); }
Table AsTable(const Listeners& rows) { return ListenersAsTable(rows); }

template <typename Response>
absl::StatusOr<ExitCode> PrintLines(Pages<Response> pages,
                                    const Output& output) {
  ExitCode exit_code = ExitCode::kAbsent;
  const auto print = [&](const Response& page) {
    if (!RowsOf(page).empty()) exit_code = ExitCode::kDone;
    return WriteEachAsJson(RowsOf(page), output);
  };
  RETURN_IF_ERROR(pages(print));
  return exit_code;
}

// All pages as one response, with the coverage of the last.
template <typename Response>
absl::StatusOr<Response> Merged(Pages<Response> pages) {
  Response all;
  const auto merge = [&](const Response& page) {
    all.clear_coverage();
    all.MergeFrom(page);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(pages(merge));
  all.clear_next_page_token();
  return all;
}

template <typename Response>
absl::StatusOr<ExitCode> PrintListing(Pages<Response> pages,
                                      absl::string_view noun,
                                      const Output& output) {
  if (output.format == OutputFormat::kNdjson)
    return PrintLines<Response>(pages, output);
  ASSIGN_OR_RETURN(const Response all, Merged<Response>(pages));
  const auto& rows = RowsOf(all);
  if (output.format == OutputFormat::kJson) {
    RETURN_IF_ERROR(WriteJson(all, output));
  } else if (rows.empty()) {
    output.err << "no " << noun << '\n';
  } else {
    output.out << FormatTable(AsTable(rows), output.width);
  }
  return rows.empty() ? ExitCode::kAbsent : ExitCode::kDone;
}

std::shared_ptr<ListOptions> AddOptions(CLI::App* app,
                                        const char* endpoint_help) {
  const auto options = std::make_shared<ListOptions>();
  app->add_option("--endpoint", options->endpoint, endpoint_help)
      ->type_name("ENDPOINT");
  AddScopeOptions(app, &options->scope);
  return options;
}

void AddConnections(CLI::App* parent, Action* action) {
  CLI::App* const app = parent->add_subcommand(
      "connections", "Connections, each once, with both ends where reported");
  const auto options = AddOptions(app, "Only those with this end");
  app->callback([options, action] {
    *action = [options](Client& client,
                        const Output& output) -> absl::StatusOr<ExitCode> {
      ASSIGN_OR_RETURN(const auto request, ConnectionsRequestOf(*options));
      return PrintConnections(
          [&](auto page) { return client.ListConnections(request, page); },
          output);
    };
  });
}

void AddListeners(CLI::App* parent, Action* action) {
  CLI::App* const app = parent->add_subcommand(
      "listeners", "TCP sockets that listen, and UDP sockets that are bound");
  const auto options =
      AddOptions(app,
                 "Only those that would take a packet for it; with a wildcard "
                 "address, those bound to that wildcard");
  app->callback([options, action] {
    *action = [options](Client& client,
                        const Output& output) -> absl::StatusOr<ExitCode> {
      ASSIGN_OR_RETURN(const auto request, ListenersRequestOf(*options));
      return PrintListeners(
          [&](auto page) { return client.ListListeners(request, page); },
          output);
    };
  });
}

}  // namespace

absl::StatusOr<v1::ListConnectionsRequest> ConnectionsRequestOf(
    const ListOptions& options) {
  return RequestOf<v1::ListConnectionsRequest>(options);
}

absl::StatusOr<v1::ListListenersRequest> ListenersRequestOf(
    const ListOptions& options) {
  return RequestOf<v1::ListListenersRequest>(options);
}

absl::StatusOr<ExitCode> PrintConnections(
    Pages<v1::ListConnectionsResponse> pages, const Output& output) {
  return PrintListing<v1::ListConnectionsResponse>(pages, "connections",
                                                   output);
}

absl::StatusOr<ExitCode> PrintListeners(Pages<v1::ListListenersResponse> pages,
                                        const Output& output) {
  return PrintListing<v1::ListListenersResponse>(pages, "listeners", output);
}

void AddList(CLI::App* app, Action* action) {
  CLI::App* const group =
      app->add_subcommand("list", "All connections, or all listeners");
  group->require_subcommand(1);
  AddConnections(group, action);
  AddListeners(group, action);
}

}  // namespace connreg::cli
