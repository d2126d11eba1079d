#include "client/cli/lookup.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/arguments.h"
#include "client/cli/render.h"
#include "client/cli/table.h"
#include "client/cli/wording.h"
#include "service/base/status_macros.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

absl::Status WriteAsJson(const v1::LookupResponse& response,
                         const Output& output) {
  if (output.format == OutputFormat::kJson) return WriteJson(response, output);
  if (response.has_connections())
    return WriteEachAsJson(response.connections().connections(), output);
  if (response.has_listeners())
    return WriteEachAsJson(response.listeners().listeners(), output);
  return WriteJson(response.absent(), output);
}

// Told only where the question said another order.
void PrintOrder(v1::TupleOrder order, const v1::Endpoint& server,
                const Output& output) {
  if (order != v1::TUPLE_ORDER_REVERSED) return;
  output.out << "the ends are the other way round: " << EndpointText(server)
             << " is the server\n";
}

void PrintFound(const v1::FoundConnections& found, const Output& output) {
  if (found.connections().empty()) return;
  PrintOrder(found.order(), found.connections(0).derived().server(), output);
  output.out << FormatTable(ConnectionsAsTable(found.connections()),
                            output.width);
}

void PrintFound(const v1::FoundListeners& found, const Output& output) {
  PrintOrder(found.order(), found.endpoint(), output);
  output.out << "no connection; " << EndpointText(found.endpoint())
             << " would be taken by:\n"
             << FormatTable(ListenersAsTable(found.listeners()), output.width);
}

std::string Subject(const v1::LookupRequest& request) {
  if (request.has_endpoint()) return EndpointText(request.endpoint());
  return absl::StrCat(EndpointText(request.four_tuple().client()), " > ",
                      EndpointText(request.four_tuple().server()));
}

std::string AbsentText(const v1::LookupRequest& request,
                       const v1::Absent& absent) {
  switch (absent.reason()) {
    case v1::ABSENT_REASON_NOT_SEEN_SINCE:
      return absl::StrCat(Subject(request), " was not seen since ",
                          TimeText(absent.not_seen_since_time()));
    case v1::ABSENT_REASON_NO_SUCH_HOST:
      return absl::StrCat("nobody reports for host \"",
                          Displayable(request.host()), "\"");
    default:
      return Subject(request);
  }
}

// The command that lists all of what an answer was cut from.
std::string ListOf(const v1::LookupRequest& request,
                   const v1::LookupResponse& response) {
  const v1::Endpoint& endpoint = request.has_endpoint()
                                     ? request.endpoint()
                                     : request.four_tuple().server();
  return response.has_connections()
             ? absl::StrCat("connreg list connections --endpoint ",
                            EndpointText(endpoint))
             : absl::StrCat("connreg list listeners --endpoint ",
                            EndpointText(response.listeners().endpoint()));
}

void PrintAsTable(const v1::LookupRequest& request,
                  const v1::LookupResponse& response, const Output& output) {
  if (response.has_connections()) {
    PrintFound(response.connections(), output);
  } else if (response.has_listeners()) {
    PrintFound(response.listeners(), output);
  } else {
    output.out << "absent: " << AbsentText(request, response.absent()) << '\n';
  }
  if (response.coverage().truncated())
    output.err << "there are more; ask " << ListOf(request, response) << '\n';
}

}  // namespace

absl::StatusOr<v1::LookupRequest> RequestOf(const LookupOptions& options) {
  v1::LookupRequest request;
  SetScope(options.scope, &request);
  if (options.server.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_endpoint(),
                     ParseEndpoint("ENDPOINT", options.endpoint));
    return request;
  }
  v1::FourTuple* const tuple = request.mutable_four_tuple();
  ASSIGN_OR_RETURN(*tuple->mutable_client(),
                   ParseEndpoint("CLIENT", options.endpoint));
  ASSIGN_OR_RETURN(*tuple->mutable_server(),
                   ParseEndpoint("SERVER", options.server));
  return request;
}

absl::StatusOr<ExitCode> Print(const v1::LookupRequest& request,
                               const v1::LookupResponse& response,
                               const Output& output) {
  if (output.format == OutputFormat::kTable) {
    PrintAsTable(request, response, output);
  } else {
    RETURN_IF_ERROR(WriteAsJson(response, output));
  }
  const bool found = response.has_connections() || response.has_listeners();
  return found ? ExitCode::kDone : ExitCode::kAbsent;
}

void AddLookup(CLI::App* parent, Action* action) {
  CLI::App* const app = parent->add_subcommand(
      "lookup",
      "What an endpoint is, or with two, what the connection between them is");
  const auto options = std::make_shared<LookupOptions>();
  app->add_option("ENDPOINT", options->endpoint,
                  "An endpoint, or the client's where SERVER follows")
      ->required()
      ->type_name("");
  app->add_option("SERVER", options->server,
                  "The server's; either order finds the connection")
      ->type_name("");
  AddScopeOptions(app, &options->scope);
  app->callback([options, action] {
    *action = [options](Client& client,
                        const Output& output) -> absl::StatusOr<ExitCode> {
      ASSIGN_OR_RETURN(const v1::LookupRequest request, RequestOf(*options));
      ASSIGN_OR_RETURN(const v1::LookupResponse response,
                       client.Lookup(request));
      return Print(request, response, output);
    };
  });
}

}  // namespace connreg::cli
