#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/ends.h"
#include "client/cli/order.h"
#include "client/cli/origins.h"
#include "client/cli/render.h"
#include "client/cli/wording.h"
#include "service/net/endpoint.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

constexpr char kNotKnown[] = "?";
constexpr char kClosed[] = "CLOSED";

std::string StateOf(const v1::Observation& side) {
  return StateText(side.state());
}

std::string HostOf(const v1::Observation& side) {
  return Displayable(side.provenance().reporter().host());
}

std::string NetnsOf(const v1::Observation& side) {
  return NetnsText(side.socket());
}

std::string OwnersOf(const v1::Observation& side) {
  return OwnersText(side.socket().owners());
}

std::string StatesText(const Ends& ends) {
  if (ends.first_side && ends.second_side && !ends.Agree(StateOf)) {
    return absl::StrCat(StateOf(*ends.first_side), "/",
                        StateOf(*ends.second_side));
  }
  const v1::Observation* known = ends.only         ? ends.only
                                 : ends.first_side ? ends.first_side
                                                   : ends.second_side;
  return StateOf(*known);
}

std::string ReasonText(v1::OneSidedReason reason) {
  switch (reason) {
    case v1::ONE_SIDED_REASON_UNMANAGED:
      return "(unmanaged)";
    case v1::ONE_SIDED_REASON_NOT_REPORTED:
      return "(not reported)";
    case v1::ONE_SIDED_REASON_AMBIGUOUS:
      return "(ambiguous)";
    case v1::ONE_SIDED_REASON_STALE:
      return "(stale)";
    case v1::ONE_SIDED_REASON_NAT_SUSPECTED:
      return "(nat suspected)";
    default:
      return kNotKnown;
  }
}

std::string HostsText(const Ends& ends, v1::OneSidedReason reason) {
  return ends.Agree(HostOf) ? HostOf(*ends.first_side)
                            : ends.Both(HostOf, ReasonText(reason));
}

std::string NetnsesText(const Ends& ends) {
  return ends.Agree(HostOf) && ends.Agree(NetnsOf)
             ? NetnsOf(*ends.first_side)
             : ends.Both(NetnsOf, kNotKnown);
}

std::string ConflictText(int conflict) {
  switch (conflict) {
    case v1::CONNECTION_CONFLICT_HALF_CLOSED:
      return "half-closed";
    case v1::CONNECTION_CONFLICT_ROLES_DISAGREE:
      return "roles disagree";
    case v1::CONNECTION_CONFLICT_ONE_END_STALE:
      return "one end stale";
    default:
      return kNotKnown;
  }
}

bool IsStale(const v1::Observation& side) {
  return side.derived().has_stale_since_time();
}

// Which of the hosts are silent; empty if none is.
std::string StaleText(const v1::Connection& connection) {
  const auto& sides = connection.observations();
  const auto stale = std::find_if(sides.begin(), sides.end(), IsStale);
  if (stale == sides.end()) return "";
  return std::all_of(sides.begin(), sides.end(), IsStale)
             ? "stale"
             : absl::StrCat(HostOf(*stale), " stale");
}

std::string Notes(const v1::Connection& connection, const v1::Closure* closure,
                  absl::Time now) {
  std::vector<std::string> notes;
  if (closure) {
    notes.push_back(absl::StrCat("closed ", AgoText(closure->close_time(), now),
                                 ": ", CloseReasonText(closure->reason())));
  }
  const std::string stale = StaleText(connection);
  if (!stale.empty()) notes.push_back(stale);
  for (const int conflict : connection.derived().conflicts()) {
    const bool is_said =
        conflict == v1::CONNECTION_CONFLICT_ONE_END_STALE && !stale.empty();
    if (!is_said) notes.push_back(ConflictText(conflict));
  }
  std::string text;
  for (const std::string& note : notes) absl::StrAppend(&text, " [", note, "]");
  return text;
}

std::vector<Cell> RowOf(const v1::Connection& connection, absl::Time now) {
  const Ends ends(connection);
  const v1::OneSidedReason reason = connection.derived().one_sided_reason();
  const v1::Closure* const closure = ClosureOf(connection);
  return {
      {TransportText(connection.transport())},
      {closure ? kClosed : StatesText(ends)},
      {EndpointText(ends.first)},
      {std::string(ends.sign())},
      {EndpointText(ends.second)},
      {NetworkText(connection.network())},
      {HostsText(ends, reason)},
      {NetnsesText(ends)},
      {ends.Both(OwnersOf, kNotKnown), Notes(connection, closure, now)},
  };
}

// The server, then the client.
using Place = std::pair<std::optional<Endpoint>, std::optional<Endpoint>>;

Place PlaceOf(const v1::Connection& connection) {
  const Ends ends(connection);
  return {PlaceOfEndpoint(ends.second), PlaceOfEndpoint(ends.first)};
}

}  // namespace

Table ConnectionsAsTable(const Connections& connections, absl::Time now) {
  Table table;
  table.columns = {{"PROTO"},      {"STATE"},  {"CLIENT"},
                   {""},           {"SERVER"}, {"NETWORK"},
                   {"HOST", true}, {"NETNS"},  {"PROCESS", true}};
  Origins origins;
  for (const v1::Connection* connection : SortedBy(connections, PlaceOf)) {
    table.rows.push_back(RowOf(*connection, now));
    for (const v1::Observation& side : connection->observations())
      origins.Add(side.socket(), side.provenance().reporter());
  }
  origins.DropIdleColumns(&table);
  return table;
}

}  // namespace connreg::cli
