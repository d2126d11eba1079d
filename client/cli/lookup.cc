#include "client/cli/lookup.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/arguments.h"
#include "client/cli/coverage.h"
#include "client/cli/ends.h"
#include "client/cli/examples.h"
#include "client/cli/render.h"
#include "client/cli/table.h"
#include "client/cli/wording.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "service/base/status_macros.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

using StaleHosts = google::protobuf::RepeatedPtrField<v1::StaleHost>;

absl::Status WriteAsJson(const v1::LookupResponse& response,
                         const Output& output) {
  if (output.format == OutputFormat::kJson) return WriteJson(response, output);
  if (response.has_connections())
    return WriteEachAsJson(response.connections().connections(), output);
  if (response.has_listeners())
    return WriteEachAsJson(response.listeners().listeners(), output);
  return WriteJson(response.absent(), output);
}

// The rows of what was found, or the one that says why nothing was.
void PrintAsCsv(const v1::LookupResponse& response, const Output& output) {
  const Style style = output.style();
  const v1::Absent& absent = response.absent();
  if (response.has_connections()) {
    const auto& found = response.connections().connections();
    WriteTable(ConnectionsAsTable(found, style), output);
  } else if (response.has_listeners()) {
    const auto& found = response.listeners().listeners();
    WriteTable(ListenersAsTable(found, style), output);
  } else if (!absent.closed().empty()) {
    WriteTable(ConnectionsAsTable(absent.closed(), style), output);
  } else {
    WriteTable(AbsentAsTable(absent, style), output);
  }
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
  WriteTable(ConnectionsAsTable(found.connections(), output.style()), output);
}

// "no connection now; closed 4m12s ago (reported gone):".
std::string ClosedText(const Connections& closed, const Style& style) {
  const v1::Closure* const last =
      closed.empty() ? nullptr : ClosureOf(closed[0]);
  if (last == nullptr) return "no connection now";
  return absl::StrCat("no connection now; ",
                      closed.size() > 1 ? "the last closed " : "closed ",
                      TimeText(last->close_time(), style), " (",
                      CloseReasonText(last->reason()), "):");
}

void PrintClosed(const Connections& closed, const Output& output) {
  output.out << ClosedText(closed, output.style()) << '\n';
  WriteTable(ConnectionsAsTable(closed, output.style()), output);
}

void PrintFound(const v1::FoundListeners& found, const Output& output) {
  PrintOrder(found.order(), found.endpoint(), output);
  if (!found.closed().empty()) PrintClosed(found.closed(), output);
  output.out << (found.closed().empty() ? "no connection; " : "")
             << EndpointText(found.endpoint()) << " would be taken by:\n";
  WriteTable(ListenersAsTable(found.listeners(), output.style()), output);
}

std::string Subject(const v1::LookupRequest& request) {
  if (request.has_endpoint()) return EndpointText(request.endpoint());
  return absl::StrCat(EndpointText(request.four_tuple().client()), " > ",
                      EndpointText(request.four_tuple().server()));
}

// "db1 is silent since 4m12s ago, db2 since ...".
std::string StaleHostsText(const StaleHosts& hosts, const Style& style) {
  std::string text;
  for (const v1::StaleHost& host : hosts) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", Displayable(host.host()),
                    text.empty() ? " is silent since " : " since ",
                    TimeText(host.stale_since_time(), style));
  }
  return text;
}

std::string AbsentText(const v1::LookupRequest& request,
                       const v1::Absent& absent, const Style& style) {
  switch (absent.reason()) {
    case v1::ABSENT_REASON_NOT_SEEN_SINCE:
      return absl::StrCat("absent: ", Subject(request),
                          ": no connection since ",
                          TimeText(absent.not_seen_since_time(), style),
                          ", and no listener now");
    case v1::ABSENT_REASON_NO_SUCH_HOST:
      return absl::StrCat("absent: nobody reports for host \"",
                          Displayable(request.host()), "\"");
    case v1::ABSENT_REASON_HOST_STALE:
      return absl::StrCat("no connection or listener known; ",
                          StaleHostsText(absent.stale_hosts(), style));
    case v1::ABSENT_REASON_SYNCING:
      return "nothing yet: the service started lately, and hosts may not have "
             "come back to it";
    default:
      return absl::StrCat("absent: ", Subject(request), ": ?");
  }
}

void PrintAbsent(const v1::LookupRequest& request, const v1::Absent& absent,
                 const Output& output) {
  if (absent.reason() == v1::ABSENT_REASON_CLOSED)
    PrintClosed(absent.closed(), output);
  else
    output.out << AbsentText(request, absent, output.style()) << '\n';
}

// The command that lists all of what an answer was cut from.
std::string ListOf(const v1::LookupRequest& request,
                   const v1::LookupResponse& response) {
  const v1::Endpoint& endpoint = request.has_endpoint()
                                     ? request.endpoint()
                                     : request.four_tuple().server();
  return response.has_listeners()
             ? absl::StrCat("connreg list listeners --endpoint ",
                            EndpointText(response.listeners().endpoint()))
             : absl::StrCat("connreg list connections --endpoint ",
                            EndpointText(endpoint));
}

void PrintForPeople(const v1::LookupRequest& request,
                    const v1::LookupResponse& response, const Output& output) {
  if (response.has_connections()) {
    PrintFound(response.connections(), output);
  } else if (response.has_listeners()) {
    PrintFound(response.listeners(), output);
  } else {
    PrintAbsent(request, response.absent(), output);
  }
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
  if (IsForPeople(output.format)) {
    PrintForPeople(request, response, output);
  } else if (output.format == OutputFormat::kCsv) {
    PrintAsCsv(response, output);
  } else {
    RETURN_IF_ERROR(WriteAsJson(response, output));
  }
  const v1::Coverage& coverage = response.coverage();
  TellCoverage(coverage, ListOf(request, response), output);
  if (coverage.truncated()) return ExitCode::kPartial;
  const bool found = response.has_connections() || response.has_listeners();
  if (found) return ExitCode::kDone;
  return IsPartial(coverage) ? ExitCode::kPartial : ExitCode::kAbsent;
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
  AddExamples(app, {{"connreg lookup 10.0.0.5:5432",
                     "who is connected to it, or what listens there"},
                    {"connreg lookup 10.0.0.9:51000 10.0.0.5:5432",
                     "which processes are at its ends"},
                    {"connreg lookup '[2001:db8::5]:443' --output wide",
                     "all that is known of it"}});
  app->callback([options, action] {
    action->perform = [options](
                          Client& client,
                          const Output& output) -> absl::StatusOr<ExitCode> {
      ASSIGN_OR_RETURN(const v1::LookupRequest request, RequestOf(*options));
      ASSIGN_OR_RETURN(const v1::LookupResponse response,
                       client.Lookup(request));
      return Print(request, response, output);
    };
  });
}

}  // namespace connreg::cli
