#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/cli/columns.h"
#include "client/cli/facts.h"
#include "client/cli/order.h"
#include "client/cli/origins.h"
#include "client/cli/render.h"
#include "client/cli/wording.h"
#include "service/net/endpoint.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

using ShownListener = Plain<v1::Listener>;

std::string StateText(v1::ListenerState state) {
  switch (state) {
    case v1::LISTENER_STATE_LISTEN:
      return "LISTEN";
    case v1::LISTENER_STATE_BOUND:
      return "BOUND";
    default:
      return "?";
  }
}

std::string State(const ShownListener& listener) {
  return IsForPeople(listener.style.format) ? StateText(listener.row.state())
                                            : EnumFact(listener.row.state());
}

std::string WhereText(const ShownListener& listener) {
  return ListenerText(listener.row);
}

// What a kTable has behind the host, from its blank on.
std::string Notes(const ShownListener& listener) {
  const v1::DerivedListener& derived = listener.row.derived();
  const bool is_unverified =
      derived.address_unverified() || derived.device_unverified();
  return absl::StrCat(is_unverified ? " [unverified]" : "",
                      derived.multi_host() ? " [multi-host]" : "",
                      derived.has_stale_since_time() ? " [stale]" : "");
}

std::string WideNotes(const ShownListener& listener) {
  return std::string(absl::StripPrefix(Notes(listener), " "));
}

std::string HostText(const ShownListener& listener) {
  return Displayable(listener.row.provenance().reporter().host());
}

// For people, "?" in place of what is not known.
std::string Known(const std::string& fact, const Style& style) {
  return fact.empty() && IsForPeople(style.format) ? "?" : fact;
}

void AddSocketFacts(std::vector<ColumnOf<ShownListener>>* columns) {
  for (const SocketFact& fact : SocketFacts()) {
    columns->push_back(
        {fact.heading, fact.heading.empty() ? Shows::kNowhere : Shows::kInWide,
         fact.csv_name, [text = fact.text](const ShownListener& listener) {
           const v1::Listener& row = listener.row;
           return Known(text(row.socket(), row.provenance()), listener.style);
         }});
  }
}

void AddDerived(std::vector<ColumnOf<ShownListener>>* columns) {
  columns->push_back(
      {"", Shows::kNowhere, "address_unverified", [](const auto& listener) {
         return FlagFact(listener.row.derived().address_unverified());
       }});
  columns->push_back(
      {"", Shows::kNowhere, "device_unverified", [](const auto& listener) {
         return FlagFact(listener.row.derived().device_unverified());
       }});
  columns->push_back(
      {"", Shows::kNowhere, "multi_host", [](const auto& listener) {
         return FlagFact(listener.row.derived().multi_host());
       }});
  columns->push_back(
      {"", Shows::kNowhere, "stale_since_time", [](const auto& listener) {
         return TimeFact(listener.row.derived().stale_since_time());
       }});
  columns->push_back({"NOTES", Shows::kInWide, "", WideNotes});
}

std::vector<ColumnOf<ShownListener>> Columns() {
  std::vector<ColumnOf<ShownListener>> columns = {
      {"PROTO", Shows::kInBoth, "transport",
       [](const auto& listener) {
         return TransportText(listener.row.socket().transport());
       }},
      {"STATE", Shows::kInBoth, "state", State},
      {"ENDPOINT", Shows::kInBoth, "", WhereText},
      {"", Shows::kNowhere, "address",
       [](const auto& listener) {
         return Displayable(listener.row.local().address());
       }},
      {"", Shows::kNowhere, "port",
       [](const auto& listener) {
         return NumberFact(listener.row.local().port());
       }},
      {"NETWORK", Shows::kInBoth, "network",
       [](const auto& listener) {
         return NetworkText(listener.row.provenance().reporter().network());
       }},
      {"HOST", Shows::kInTable, "", HostText, true, Notes},
      {"HOST", Shows::kInWide, "", HostText},
      {"NETNS", Shows::kInBoth, "",
       [](const auto& listener) { return NetnsText(listener.row.socket()); }},
      {"PROCESS", Shows::kInTable, "",
       [](const auto& listener) {
         return OwnersText(listener.row.socket().owners());
       },
       true},
      {"PROCESS", Shows::kInWide, "",
       [](const auto& listener) {
         return AllOwnersText(listener.row.socket().owners());
       }},
      {"V6ONLY", Shows::kInWide, "v6_only",
       [](const auto& listener) { return FlagFact(listener.row.v6_only()); }},
      {"DEVICE", Shows::kInWide, "device",
       [](const auto& listener) { return Displayable(listener.row.device()); }},
  };
  AddSocketFacts(&columns);
  AddDerived(&columns);
  return columns;
}

// The endpoint, then the host.
using Place = std::pair<std::optional<Endpoint>, std::string>;

Place PlaceOf(const v1::Listener& listener) {
  return {PlaceOfEndpoint(listener.local()),
          listener.provenance().reporter().host()};
}

}  // namespace

Table ListenersAsTable(const Listeners& listeners, const Style& style) {
  const auto rows = IsForPeople(style.format) ? SortedBy(listeners, PlaceOf)
                                              : AsTheyCame(listeners);
  Table table = TableOf(Columns(), rows, style);
  if (style.format != OutputFormat::kTable) return table;
  Origins origins;
  for (const v1::Listener& listener : listeners)
    origins.Add(listener.socket(), listener.provenance().reporter());
  origins.DropIdleColumns(&table);
  return table;
}

}  // namespace connreg::cli
