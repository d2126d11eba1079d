#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/cli/columns.h"
#include "client/cli/csv.h"
#include "client/cli/facts.h"
#include "client/cli/order.h"
#include "client/cli/origins.h"
#include "client/cli/render.h"
#include "client/cli/session_text.h"
#include "client/cli/wording.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

using ShownHost = Plain<v1::Host>;

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
    case v1::HOST_STATE_SYNCING:
      return "SYNCING";
    default:
      return "?";
  }
}

std::vector<std::string> ReporterNames(const v1::Host& host) {
  std::vector<std::string> names;
  for (const v1::Reporter& reporter : host.reporters())
    names.push_back(Displayable(reporter.name()));
  return names;
}

std::string FirstReporter(const ShownHost& host) {
  const auto& reporters = host.row.reporters();
  return reporters.empty() ? "-" : Displayable(reporters[0].name());
}

std::string OtherReporters(const ShownHost& host) {
  return host.row.reporters().empty() ? ""
                                      : MoreText(host.row.reporter_count(), 1);
}

std::string AllReporters(const ShownHost& host) {
  const v1::Host& row = host.row;
  if (row.reporters().empty()) return "-";
  return absl::StrCat(absl::StrJoin(ReporterNames(row), "; "),
                      MoreText(row.reporter_count(), row.reporters_size()));
}

std::string State(const ShownHost& host) {
  return IsForPeople(host.style.format) ? HostStateText(host.row.state())
                                        : EnumFact(host.row.state());
}

std::string GapText(v1::GapKind kind) {
  switch (kind) {
    case v1::GAP_KIND_SOCKETS:
      return "sockets";
    case v1::GAP_KIND_SOCKET_DETAILS:
      return "socket details";
    case v1::GAP_KIND_ADDRESSES:
      return "addresses";
    case v1::GAP_KIND_PROCESSES:
      return "processes";
    default:
      return "?";
  }
}

// What is not seen of the host, each once: "sockets, addresses".
std::string GapsInShort(const ShownHost& host) {
  std::set<std::string> kinds;
  for (const v1::CoverageGap& gap : host.row.coverage_gaps())
    kinds.insert(GapText(gap.kind()));
  return kinds.empty() ? "-" : absl::StrJoin(kinds, ", ");
}

std::vector<std::string> GapDescriptions(const v1::Host& host) {
  std::vector<std::string> descriptions;
  for (const v1::CoverageGap& gap : host.coverage_gaps())
    descriptions.push_back(Displayable(gap.description()));
  return descriptions;
}

std::string GapsInFull(const ShownHost& host) {
  const auto& gaps = host.row.coverage_gaps();
  return gaps.empty() ? "-" : absl::StrJoin(GapDescriptions(host.row), "; ");
}

// One of a host's counts.
template <auto kCount>
std::string Count(const ShownHost& host) {
  return absl::StrCat((host.row.*kCount)());
}

// What the agent's session tells by `text`.
ColumnOf<ShownHost>::Text OfSession(std::string (*text)(const v1::Host&,
                                                        const Style&)) {
  return [text](const ShownHost& host) { return text(host.row, host.style); };
}

// A fact of the session, of which there is none without one.
template <typename Fact>
ColumnOf<ShownHost>::Text SessionFact(Fact fact) {
  return [fact](const ShownHost& host) -> std::string {
    if (host.row.has_session()) return absl::StrCat(fact(host.row.session()));
    return IsForPeople(host.style.format) ? "-" : "";
  };
}

// What stands at the end of a row: of the agent and its session.
void AddSessionColumns(std::vector<ColumnOf<ShownHost>>* columns) {
  columns->insert(
      columns->end(),
      {{"VERSION", Shows::kInBoth, "agent_version",
        OfSession(AgentVersionText)},
       {"NAME CONFLICT", Shows::kInBoth, "name_conflict_time",
        OfSession(NameConflictText)},
       {"DIVERGENCES", Shows::kInWide, "divergence_count",
        SessionFact(
            [](const auto& session) { return session.divergence_count(); })},
       {"EPOCH", Shows::kInWide, "epoch",
        SessionFact([](const auto& session) { return session.epoch(); })},
       {"ATTACHED", Shows::kInWide, "attached",
        SessionFact(
            [](const auto& session) { return FlagFact(session.attached()); })},
       {"OPENED", Shows::kInWide, "open_time",
        SessionFact(
            [](const auto& session) { return TimeFact(session.open_time()); })},
       {"BOOT ID", Shows::kInWide, "boot_id",
        SessionFact([](const auto& session) {
          return Displayable(session.boot_id());
        })}});
}

std::vector<ColumnOf<ShownHost>> RowColumns() {
  return {
      {"HOST", Shows::kInBoth, "host",
       [](const auto& host) { return Displayable(host.row.name()); }, true},
      {"NETWORK", Shows::kInBoth, "network",
       [](const auto& host) { return NetworkText(host.row.network()); }},
      {"STATE", Shows::kInBoth, "state", State},
      {"SINCE", Shows::kInBoth, "state_time",
       [](const auto& host) {
         return TimeText(host.row.state_time(), host.style);
       }},
      {"LAST REPORT", Shows::kInBoth, "last_report_time",
       [](const auto& host) {
         return TimeText(host.row.last_report_time(), host.style);
       }},
      {"INTERVAL", Shows::kInBoth, "interval_seconds", OfSession(IntervalText)},
      OfNumbers<ShownHost>({"CLOCK", Shows::kInBoth, "clock_offset_seconds",
                            OfSession(ClockText)}),
      {"NAMESPACES", Shows::kInWide, "netns_count",
       Count<&v1::Host::netns_count>},
      {"LISTENERS", Shows::kInBoth, "listener_count",
       Count<&v1::Host::listener_count>},
      {"CONNECTIONS", Shows::kInBoth, "connection_count",
       Count<&v1::Host::connection_count>},
      {"REPORTERS", Shows::kInTable, "", FirstReporter, true, OtherReporters},
      {"REPORTERS", Shows::kInWide, "", AllReporters},
      {"", Shows::kNowhere, "reporter_count", Count<&v1::Host::reporter_count>},
      {"", Shows::kNowhere, "reporters",
       [](const auto& host) { return CsvList(ReporterNames(host.row)); }},
      {"REFUSED", Shows::kInBoth, "refused_row_count",
       Count<&v1::Host::refused_row_count>},
      {"NOT SEEN", Shows::kInTable, "", GapsInShort},
      {"NOT SEEN", Shows::kInWide, "", GapsInFull},
      {"", Shows::kNowhere, "coverage_gaps",
       [](const auto& host) { return CsvList(GapDescriptions(host.row)); }},
  };
}

std::vector<ColumnOf<ShownHost>> Columns() {
  std::vector<ColumnOf<ShownHost>> columns = RowColumns();
  AddSessionColumns(&columns);
  return columns;
}

}  // namespace

Table HostsAsTable(const Hosts& hosts, const Style& style) {
  Table table = TableOf(Columns(), AsTheyCame(hosts), style);
  if (style.format != OutputFormat::kTable) return table;
  DropDefaultNetwork(&table);
  table.DropIfAllSay("0", "REFUSED");
  for (const absl::string_view name :
       {"NOT SEEN", "INTERVAL", "CLOCK", "VERSION", "NAME CONFLICT"})
    table.DropIfAllSay("-", name);
  return table;
}

}  // namespace connreg::cli
