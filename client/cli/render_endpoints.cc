#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/origins.h"
#include "client/cli/render.h"
#include "client/cli/wording.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

// Without its count: the one in the same cell is of listeners.
std::string FirstOwnerText(v1::Owners owners) {
  if (owners.processes_size() > 1)
    owners.mutable_processes()->DeleteSubrange(1, owners.processes_size() - 1);
  return OwnersText(owners);
}

std::string WhereText(const v1::EndpointSummary& summary) {
  if (summary.listeners().empty()) return EndpointText(summary.endpoint());
  return EndpointText(
      AsListened(summary.endpoint(), summary.listeners(0).v6_only()));
}

Cell ListenerCell(const v1::EndpointSummary& summary) {
  if (summary.listeners().empty()) return {"-"};
  const v1::Listener& first = summary.listeners(0);
  const uint32_t count = summary.listener_count();
  return {
      absl::StrCat(Displayable(first.provenance().reporter().host()), " ",
                   FirstOwnerText(first.socket().owners())),
      absl::StrCat(count > 1 ? absl::StrCat(" (+", count - 1, ")") : "",
                   first.derived().has_stale_since_time() ? " [stale]" : "")};
}

std::string StatesText(const v1::EndpointSummary& summary) {
  return absl::StrJoin(
      summary.states(), ", ", [](std::string* text, const v1::StateCount& of) {
        absl::StrAppend(text, StateText(of.state()), " ", of.count());
      });
}

std::vector<Cell> RowOf(const v1::EndpointSummary& summary) {
  return {
      {TransportText(summary.transport())},       {WhereText(summary)},
      {NetworkText(summary.network())},           ListenerCell(summary),
      {absl::StrCat(summary.connection_count())}, {StatesText(summary)},
  };
}

}  // namespace

Table EndpointsAsTable(const Endpoints& endpoints, absl::Time) {
  Table table;
  table.columns = {{"PROTO"},          {"ENDPOINT"},    {"NETWORK"},
                   {"LISTENER", true}, {"CONNECTIONS"}, {"STATES"}};
  for (const v1::EndpointSummary& endpoint : endpoints)
    table.rows.push_back(RowOf(endpoint));
  DropDefaultNetwork(&table);
  return table;
}

}  // namespace connreg::cli
