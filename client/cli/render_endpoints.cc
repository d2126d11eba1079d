#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/columns.h"
#include "client/cli/csv.h"
#include "client/cli/facts.h"
#include "client/cli/order.h"
#include "client/cli/origins.h"
#include "client/cli/render.h"
#include "client/cli/wording.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

using ShownEndpoint = Plain<v1::EndpointSummary>;

bool IsStale(const v1::Listener& listener) {
  return listener.derived().has_stale_since_time();
}

// Without its count: the one in the same cell is of listeners.
std::string FirstOwnerText(v1::Owners owners) {
  if (owners.processes_size() > 1)
    owners.mutable_processes()->DeleteSubrange(1, owners.processes_size() - 1);
  return OwnersText(owners);
}

std::string WhereText(const ShownEndpoint& endpoint) {
  const v1::EndpointSummary& row = endpoint.row;
  if (row.listeners().empty()) return EndpointText(row.endpoint());
  return EndpointText(AsListened(row.endpoint(), row.listeners(0).v6_only()));
}

std::string FirstListener(const ShownEndpoint& endpoint) {
  if (endpoint.row.listeners().empty()) return "-";
  const v1::Listener& first = endpoint.row.listeners(0);
  return FirstOwnerText(first.socket().owners());
}

std::string OtherListeners(const ShownEndpoint& endpoint) {
  if (endpoint.row.listeners().empty()) return "";
  return absl::StrCat(MoreText(endpoint.row.listener_count(), 1),
                      IsStale(endpoint.row.listeners(0)) ? " [stale]" : "");
}

std::string AllListeners(const ShownEndpoint& endpoint) {
  const v1::EndpointSummary& row = endpoint.row;
  if (row.listeners().empty()) return "-";
  const auto append = [](std::string* text, const v1::Listener& listener) {
    absl::StrAppend(text, AllOwnersText(listener.socket().owners()),
                    IsStale(listener) ? " [stale]" : "");
  };
  return absl::StrCat(absl::StrJoin(row.listeners(), "; ", append),
                      MoreText(row.listener_count(), row.listeners_size()));
}

// "?" where no host is known to be it.
std::string HostText(const ShownEndpoint& endpoint) {
  const std::string& host = endpoint.row.host();
  if (!host.empty()) return Displayable(host);
  return IsForPeople(endpoint.style.format) ? "?" : "";
}

// A socket of the endpoint's namespace.
v1::Socket PlaceOf(const v1::EndpointSummary& endpoint) {
  v1::Socket socket;
  socket.set_netns(endpoint.netns());
  socket.set_netns_name(endpoint.netns_name());
  return socket;
}

// Of each listener, the pids of its processes.
std::string ListenerPids(const ShownEndpoint& endpoint) {
  std::vector<std::string> pids;
  for (const v1::Listener& listener : endpoint.row.listeners())
    pids.push_back(PidsFact(listener.socket().owners()));
  return CsvList(pids);
}

std::string StatesText(const ShownEndpoint& endpoint) {
  const auto append = [](std::string* text, const v1::StateCount& of) {
    absl::StrAppend(text, StateText(of.state()), " ", of.count());
  };
  return absl::StrJoin(endpoint.row.states(), ", ", append);
}

uint64_t CountIn(v1::ConnectionState state, const v1::EndpointSummary& row) {
  uint64_t count = 0;
  for (const v1::StateCount& of : row.states())
    if (of.state() == state) count += of.count();
  return count;
}

// A column for each state that there is.
void AddStates(std::vector<ColumnOf<ShownEndpoint>>* columns) {
  for (int number = 1; number < v1::ConnectionState_ARRAYSIZE; ++number) {
    const auto state = static_cast<v1::ConnectionState>(number);
    columns->push_back({StateText(state), Shows::kInWide, EnumFact(state),
                        [state](const ShownEndpoint& endpoint) {
                          return absl::StrCat(CountIn(state, endpoint.row));
                        }});
  }
}

std::vector<ColumnOf<ShownEndpoint>> Columns() {
  std::vector<ColumnOf<ShownEndpoint>> columns = {
      {"PROTO", Shows::kInBoth, "transport",
       [](const auto& endpoint) {
         return TransportText(endpoint.row.transport());
       }},
      {"ENDPOINT", Shows::kInBoth, "", WhereText},
      {"", Shows::kNowhere, "address",
       [](const auto& endpoint) {
         return Displayable(endpoint.row.endpoint().address());
       }},
      {"", Shows::kNowhere, "port",
       [](const auto& endpoint) {
         return NumberFact(endpoint.row.endpoint().port());
       }},
      {"NETWORK", Shows::kInBoth, "network",
       [](const auto& endpoint) {
         return NetworkText(endpoint.row.network());
       }},
      {"HOST", Shows::kInBoth, "host", HostText, true},
      {"NETNS", Shows::kInBoth, "",
       [](const auto& endpoint) { return NetnsText(PlaceOf(endpoint.row)); }},
      {"", Shows::kNowhere, "netns",
       [](const auto& endpoint) { return Displayable(endpoint.row.netns()); }},
      {"", Shows::kNowhere, "netns_name",
       [](const auto& endpoint) {
         return Displayable(endpoint.row.netns_name());
       }},
      {"LISTENER", Shows::kInTable, "", FirstListener, true, OtherListeners},
      {"LISTENERS", Shows::kInWide, "", AllListeners},
      {"", Shows::kNowhere, "listener_count",
       [](const auto& endpoint) {
         return absl::StrCat(endpoint.row.listener_count());
       }},
      {"", Shows::kNowhere, "listener_pids", ListenerPids},
      {"CONNECTIONS", Shows::kInBoth, "connection_count",
       [](const auto& endpoint) {
         return absl::StrCat(endpoint.row.connection_count());
       }},
      {"STATES", Shows::kInTable, "", StatesText},
  };
  AddStates(&columns);
  return columns;
}

}  // namespace

Table EndpointsAsTable(const Endpoints& endpoints, const Style& style) {
  Table table = TableOf(Columns(), AsTheyCame(endpoints), style);
  if (style.format != OutputFormat::kTable) return table;
  Origins origins;
  for (const v1::EndpointSummary& endpoint : endpoints) {
    v1::Reporter reporter;
    reporter.set_host(endpoint.host());
    origins.Add(PlaceOf(endpoint), reporter);
  }
  origins.DropIdleColumns(&table);
  return table;
}

}  // namespace connreg::cli
