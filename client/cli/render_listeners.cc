#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/order.h"
#include "client/cli/origins.h"
#include "client/cli/render.h"
#include "client/cli/wording.h"
#include "service/net/endpoint.h"
#include "service/wire/text.h"

namespace connreg::cli {
namespace {

std::string ListenerStateText(v1::ListenerState state) {
  switch (state) {
    case v1::LISTENER_STATE_LISTEN:
      return "LISTEN";
    case v1::LISTENER_STATE_BOUND:
      return "BOUND";
    default:
      return "?";
  }
}

std::string ListenerEndpointText(const v1::Listener& listener) {
  // A zone is the device already.
  const bool has_zone = absl::StrContains(listener.local().address(), '%');
  return EndpointText(AsListened(listener.local(), listener.v6_only()),
                      has_zone ? "" : listener.device());
}

std::string Notes(const v1::DerivedListener& derived) {
  return absl::StrCat(derived.address_unverified() ? " [unverified]" : "",
                      derived.multi_host() ? " [multi-host]" : "",
                      derived.has_stale_since_time() ? " [stale]" : "");
}

std::vector<Cell> RowOf(const v1::Listener& listener) {
  const v1::Reporter& reporter = listener.provenance().reporter();
  return {
      {TransportText(listener.socket().transport())},
      {ListenerStateText(listener.state())},
      {ListenerEndpointText(listener)},
      {NetworkText(reporter.network())},
      {Displayable(reporter.host()), Notes(listener.derived())},
      {NetnsText(listener.socket())},
      {OwnersText(listener.socket().owners())},
  };
}

// The endpoint, then the host.
using Place = std::pair<std::optional<Endpoint>, std::string>;

Place PlaceOf(const v1::Listener& listener) {
  return {PlaceOfEndpoint(listener.local()),
          listener.provenance().reporter().host()};
}

}  // namespace

Table ListenersAsTable(const Listeners& listeners, absl::Time) {
  Table table;
  table.columns = {{"PROTO"},      {"STATE"}, {"ENDPOINT"},     {"NETWORK"},
                   {"HOST", true}, {"NETNS"}, {"PROCESS", true}};
  Origins origins;
  for (const v1::Listener* listener : SortedBy(listeners, PlaceOf)) {
    table.rows.push_back(RowOf(*listener));
    origins.Add(listener->socket(), listener->provenance().reporter());
  }
  origins.DropIdleColumns(&table);
  return table;
}

}  // namespace connreg::cli
