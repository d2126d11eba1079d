#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/columns.h"
#include "client/cli/connection_text.h"
#include "client/cli/csv.h"
#include "client/cli/ends.h"
#include "client/cli/facts.h"
#include "client/cli/order.h"
#include "client/cli/origins.h"
#include "client/cli/render.h"
#include "client/cli/wording.h"
#include "service/net/endpoint.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

// What there is to show of a connection.
struct ShownConnection {
  ShownConnection(const v1::Connection& shown, const Style& how)
      : row(shown), style(how), ends(shown), closure(ClosureOf(shown)) {}

  const v1::Connection& row;
  const Style& style;
  const Ends ends;
  const v1::Closure* const closure;
};

using ConnectionColumns = std::vector<ColumnOf<ShownConnection>>;

std::string OwnersOf(const v1::Observation& side) {
  return OwnersText(side.socket().owners());
}

std::string AllOwnersOf(const v1::Observation& side) {
  return AllOwnersText(side.socket().owners());
}

std::string EvidenceOf(const v1::Observation& side) {
  const std::string evidence = EnumFact(side.role_evidence());
  return evidence.empty() ? kNotKnown : evidence;
}

// What stands behind the processes.
std::string NotesBehind(const ShownConnection& connection) {
  std::string text;
  for (const std::string& note : NotesOf(connection.row, connection.style))
    absl::StrAppend(&text, " ", note);
  return text;
}

// ---- Columns for people ----

ConnectionColumns ColumnsOfTuple() {
  return {
      {"PROTO", Shows::kInBoth, "transport",
       [](const auto& one) { return TransportText(one.row.transport()); }},
      {"STATE", Shows::kInBoth, "",
       [](const auto& one) { return StatesText(one.ends, one.closure); }},
      {"CLIENT", Shows::kInBoth, "",
       [](const auto& one) { return EndpointText(one.ends.first); }},
      {"", Shows::kInBoth, "",
       [](const auto& one) { return std::string(one.ends.sign()); }},
      {"SERVER", Shows::kInBoth, "",
       [](const auto& one) { return EndpointText(one.ends.second); }},
      {"NETWORK", Shows::kInBoth, "network",
       [](const auto& one) { return NetworkText(one.row.network()); }},
      {"HOST", Shows::kInBoth, "",
       [](const auto& one) {
         return HostsText(one.ends, one.row.derived().one_sided_reason());
       },
       true},
      {"NETNS", Shows::kInBoth, "",
       [](const auto& one) { return NetnsesText(one.ends); }},
      {"PROCESS", Shows::kInTable, "",
       [](const auto& one) { return one.ends.Both(OwnersOf, kNotKnown); }, true,
       NotesBehind},
      {"PROCESS", Shows::kInWide, "",
       [](const auto& one) { return one.ends.Both(AllOwnersOf, kNotKnown); }},
      {"ROLES BY", Shows::kInWide, "",
       [](const auto& one) { return one.ends.Both(EvidenceOf, kNotKnown); }},
  };
}

void AddWideFacts(ConnectionColumns* columns) {
  for (const SocketFact& fact : SocketFacts()) {
    if (fact.heading.empty()) continue;
    const auto of_side = [text = fact.text](const v1::Observation& side) {
      const std::string known = text(side.socket(), side.provenance());
      return known.empty() ? kNotKnown : known;
    };
    columns->push_back({fact.heading, Shows::kInWide, "",
                        [of_side](const ShownConnection& one) {
                          return one.ends.Both(of_side, kNotKnown);
                        }});
  }
  columns->push_back({"COMMUNITY ID", Shows::kInWide, "", [](const auto& one) {
                        return Displayable(one.row.derived().community_id());
                      }});
  columns->push_back({"NOTES", Shows::kInWide, "", [](const auto& one) {
                        return absl::StrJoin(NotesOf(one.row, one.style), " ");
                      }});
}

// ---- Columns of CSV ----

// The columns of one end, with `name` in front of theirs.
void AddEnd(absl::string_view name, bool is_first, ConnectionColumns* columns) {
  const auto add = [&](absl::string_view what, auto text) {
    columns->push_back({"", Shows::kNowhere, absl::StrCat(name, "_", what),
                        [is_first, text](const ShownConnection& one) {
                          const v1::Observation* const side =
                              is_first ? one.ends.at_first()
                                       : one.ends.at_second();
                          return side ? text(*side) : "";
                        }});
  };
  const auto endpoint = [is_first](const ShownConnection& one) {
    return is_first ? one.ends.first : one.ends.second;
  };
  columns->push_back({"", Shows::kNowhere, absl::StrCat(name, "_address"),
                      [endpoint](const ShownConnection& one) {
                        return Displayable(endpoint(one).address());
                      }});
  columns->push_back({"", Shows::kNowhere, absl::StrCat(name, "_port"),
                      [endpoint](const ShownConnection& one) {
                        return NumberFact(endpoint(one).port());
                      }});
  add("state", [](const auto& side) { return EnumFact(side.state()); });
  add("role_evidence",
      [](const auto& side) { return EnumFact(side.role_evidence()); });
  for (const SocketFact& fact : SocketFacts()) {
    if (fact.csv_name.empty()) continue;
    add(fact.csv_name, [text = fact.text](const v1::Observation& side) {
      return text(side.socket(), side.provenance());
    });
  }
  add("stale_since_time", [](const auto& side) {
    return TimeFact(side.derived().stale_since_time());
  });
}

std::string Conflicts(const ShownConnection& one) {
  std::vector<std::string> names;
  for (const int conflict : one.row.derived().conflicts())
    names.push_back(EnumFact(static_cast<v1::ConnectionConflict>(conflict)));
  return CsvList(names);
}

void AddDerived(ConnectionColumns* columns) {
  const auto add = [&](const char* name, auto text) {
    columns->push_back({"", Shows::kNowhere, name, text});
  };
  add("roles_known",
      [](const auto& one) { return FlagFact(one.ends.directed); });
  add("role_evidence", [](const auto& one) {
    return EnumFact(one.row.derived().role_evidence());
  });
  add("one_sided_reason", [](const auto& one) {
    return EnumFact(one.row.derived().one_sided_reason());
  });
  add("conflicts", Conflicts);
  add("close_time", [](const auto& one) {
    return one.closure ? TimeFact(one.closure->close_time()) : "";
  });
  add("close_reason", [](const auto& one) {
    return one.closure ? EnumFact(one.closure->reason()) : "";
  });
  add("community_id", [](const auto& one) {
    return Displayable(one.row.derived().community_id());
  });
}

ConnectionColumns Columns() {
  ConnectionColumns columns = ColumnsOfTuple();
  AddWideFacts(&columns);
  AddEnd("client", true, &columns);
  AddEnd("server", false, &columns);
  AddDerived(&columns);
  return columns;
}

// The server, then the client.
using Place = std::pair<std::optional<Endpoint>, std::optional<Endpoint>>;

Place PlaceOf(const v1::Connection& connection) {
  const Ends ends(connection);
  return {PlaceOfEndpoint(ends.second), PlaceOfEndpoint(ends.first)};
}

}  // namespace

Table ConnectionsAsTable(const Connections& connections, const Style& style) {
  const auto rows = IsForPeople(style.format) ? SortedBy(connections, PlaceOf)
                                              : AsTheyCame(connections);
  Table table = TableOf(Columns(), rows, style);
  if (style.format != OutputFormat::kTable) return table;
  Origins origins;
  for (const v1::Connection& connection : connections) {
    for (const v1::Observation& side : connection.observations())
      origins.Add(side.socket(), side.provenance().reporter());
  }
  origins.DropIdleColumns(&table);
  return table;
}

}  // namespace connreg::cli
