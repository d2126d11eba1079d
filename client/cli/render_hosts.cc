#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/origins.h"
#include "client/cli/render.h"
#include "client/cli/wording.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

std::string HostStateText(v1::HostState state) {
  switch (state) {
    case v1::HOST_STATE_LIVE:
      return "LIVE";
    case v1::HOST_STATE_STALE:
      return "STALE";
    case v1::HOST_STATE_EXPIRED:
      return "EXPIRED";
    case v1::HOST_STATE_NO_AGENT:
      return "NO-AGENT";
    default:
      return "?";
  }
}

Cell ReportersCell(const v1::Host& host) {
  if (host.reporters().empty()) return {"-"};
  const uint32_t count = host.reporter_count();
  return {Displayable(host.reporters(0).name()),
          count > 1 ? absl::StrCat(" (+", count - 1, ")") : ""};
}

std::vector<Cell> RowOf(const v1::Host& host, absl::Time now) {
  return {
      {Displayable(host.name())},
      {NetworkText(host.network())},
      {HostStateText(host.state())},
      {AgoText(host.state_time(), now)},
      {AgoText(host.last_report_time(), now)},
      {absl::StrCat(host.listener_count())},
      {absl::StrCat(host.connection_count())},
      ReportersCell(host),
      {absl::StrCat(host.refused_row_count())},
  };
}

}  // namespace

Table HostsAsTable(const Hosts& hosts, absl::Time now) {
  Table table;
  table.columns = {{"HOST", true},  {"NETWORK"},         {"STATE"},
                   {"SINCE"},       {"LAST REPORT"},     {"LISTENERS"},
                   {"CONNECTIONS"}, {"REPORTERS", true}, {"REFUSED"}};
  for (const v1::Host& host : hosts) table.rows.push_back(RowOf(host, now));
  DropDefaultNetwork(&table);
  table.DropIfAllSay("0", "REFUSED");
  return table;
}

}  // namespace connreg::cli
