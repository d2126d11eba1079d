#include "client/cli/lookup.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/absent_text.h"
#include "client/cli/arguments.h"
#include "client/cli/connection_block.h"
#include "client/cli/coverage.h"
#include "client/cli/ends.h"
#include "client/cli/examples.h"
#include "client/cli/listener_notes.h"
#include "client/cli/render.h"
#include "client/cli/table.h"
#include "client/cli/wording.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"

namespace connreg::cli {
namespace {

// Up to so many connections are shown in full, and more of them in a table.
constexpr int kMaxInFull = 3;

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

// An endpoint has many connections, of which people want a list.
bool AreShownInFull(const v1::LookupRequest& request, const Connections& found,
                    const Output& output) {
  return output.format == OutputFormat::kTable &&
         found.size() <= (request.has_endpoint() ? 1 : kMaxInFull);
}

void PrintConnections(const v1::LookupRequest& request,
                      const Connections& found, const Listeners* waiting,
                      const Output& output) {
  if (!AreShownInFull(request, found, output)) {
    WriteTable(ConnectionsAsTable(found, output.style()), output);
    return;
  }
  for (int i = 0; i < found.size(); ++i) {
    output.out << (i == 0 ? "" : "\n")
               << ConnectionBlock(found[i], waiting, output.style(),
                                  output.width);
  }
}

void PrintFound(const v1::LookupRequest& request,
                const v1::FoundConnections& found, const Output& output) {
  if (found.connections().empty()) return;
  PrintOrder(found.order(), found.connections(0).derived().server(), output);
  PrintConnections(request, found.connections(), &found.listeners(), output);
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

void PrintClosed(const v1::LookupRequest& request, const Connections& closed,
                 const Output& output) {
  output.out << ClosedText(closed, output.style()) << '\n';
  PrintConnections(request, closed, nullptr, output);
}

void PrintFound(const v1::LookupRequest& request,
                const v1::FoundListeners& found, const Output& output) {
  PrintOrder(found.order(), found.endpoint(), output);
  if (!found.closed().empty()) PrintClosed(request, found.closed(), output);
  output.out << (found.closed().empty() ? "no connection; " : "")
             << EndpointText(found.endpoint()) << " would be taken by:\n";
  WriteTable(ListenersAsTable(found.listeners(), output.style()), output);
  output.out << ListenerNotes(found);
}

void PrintAbsent(const v1::LookupRequest& request, const v1::Absent& absent,
                 const Output& output) {
  if (absent.reason() == v1::ABSENT_REASON_CLOSED)
    PrintClosed(request, absent.closed(), output);
  else
    output.out << AbsentText(request, absent, output.style()) << '\n';
}

// The command that lists all of what an answer was cut from; empty if there is
// none.
std::string ListOf(const v1::LookupRequest& request,
                   const v1::LookupResponse& response) {
  if (request.has_community_id()) return "";
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
    PrintFound(request, response.connections(), output);
  } else if (response.has_listeners()) {
    PrintFound(request, response.listeners(), output);
  } else {
    PrintAbsent(request, response.absent(), output);
  }
}

}  // namespace

absl::StatusOr<v1::LookupRequest> RequestOf(const LookupOptions& options) {
  v1::LookupRequest request;
  SetScope(options.scope, &request);
  if (LooksLikeCommunityId(options.endpoint)) {
    if (!options.server.empty()) {
      return InField("SERVER", InvalidArgument("SERVER_NOT_NEEDED",
                                               "a Community ID names both "
                                               "ends; leave the second out"));
    }
    ASSIGN_OR_RETURN(*request.mutable_community_id(),
                     CheckedCommunityId("ENDPOINT", options.endpoint));
    return request;
  }
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
      "What an endpoint is, or with two, or by a Community ID, what the "
      "connection between them is");
  const auto options = std::make_shared<LookupOptions>();
  app->add_option("ENDPOINT", options->endpoint,
                  "An endpoint, or the client's where SERVER follows, or a "
                  "Community ID")
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
                    {"connreg lookup 1:SmAASlefIp2O8Kam70CCnxMgk+c=",
                     "the same by the Community ID of a flow log"},
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
