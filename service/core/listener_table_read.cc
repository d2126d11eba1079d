// What a table is asked; listener_table.cc has what changes it.
#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "service/core/listener_table.h"
#include "service/core/listener_takers.h"
#include "service/model/views.h"

namespace connreg {
namespace {

// The listeners that represent their sockets, in the order of namespaces.
std::vector<Listener> Ordered(std::vector<Listener> rows) {
  std::vector<Listener> result = Representatives(std::move(rows));
  std::stable_sort(
      result.begin(), result.end(), [](const Listener& a, const Listener& b) {
        const auto order = [](const Listener& listener) {
          const Socket& socket = listener.facts.socket;
          return std::tie(socket.netns, listener.facts.device, socket.cookie);
        };
        return order(a) < order(b);
      });
  return result;
}

}  // namespace

std::vector<ListenerAnswer> ListenerTable::Takers(
    const Packet& packet, const Scope& scope,
    const AddressBook& addresses) const {
  ListenerTakers takers(packet, addresses);
  for (auto& [transport_and_host, rows] : RowsByHost(
           packet.to.port(), scope, HostsOf(packet.to, scope, addresses)))
    takers.Add(Ordered(std::move(rows)));
  return std::move(takers).Answers();
}

std::optional<Listener> ListenerTable::AcceptedFrom(
    const Observation& side) const {
  const uint64_t cookie = side.facts.listener_cookie;
  if (cookie == 0) return std::nullopt;
  const Socket& socket = side.facts.socket;
  const Endpoint& local = side.facts.tuple.local();
  const auto it = by_cookie_.find(KeyOf(side.reporter(), socket, cookie));
  if (it == by_cookie_.end()) return std::nullopt;
  // A dual-stack wildcard takes IPv4 too.
  for (const IpAddress& bound :
       {local.address(), IpAddress::V4({0, 0, 0, 0}), IpAddress()}) {
    const Endpoint end = Endpoint::Of(bound, local.port());
    absl::InlinedVector<const Row*, 1> views;
    for (const Row* const row : it->second) {
      const Socket& other = row->facts.socket;
      const Reporter& reporter = row->lease->reporter;
      if (row->facts.local == end && other.cookie == cookie &&
          other.transport == socket.transport && other.netns == socket.netns &&
          reporter.host == side.reporter().host &&
          reporter.network == side.reporter().network)
        views.push_back(row);
    }
    if (views.size() == 1) return ListenerOf(*views.front());
    if (!views.empty()) return RepresentativeOf(views);
  }
  return std::nullopt;
}

std::vector<ListenerGroup> ListenerTable::Scan(
    const Scope& scope, const std::optional<ListenerPlace>& after,
    size_t limit) const {
  std::vector<ListenerGroup> groups;
  auto it = after ? places_.upper_bound(*after)
                  : places_.lower_bound(ListenerPlace{.host = scope.host});
  for (; it != places_.end() && groups.size() < limit; ++it) {
    if (!scope.host.empty() && it->first.host != scope.host) break;
    if (!Matches(scope, it->first)) continue;
    std::vector<Listener> rows;
    for (const auto& row : it->second) rows.push_back(ListenerOf(*row));
    ListenerGroup& group = groups.emplace_back(ListenerGroup{it->first, {}});
    for (Listener& listener : Ordered(std::move(rows)))
      group.listeners.push_back({std::move(listener)});
  }
  return groups;
}

void ListenerTable::VisitPlacesIn(const Prefix& prefix, const Endpoint& first,
                                  VisitPlace visit) const {
  for (auto it = by_endpoint_.lower_bound(first);
       it != by_endpoint_.end() && !prefix.IsBefore(it->first.address());
       ++it) {
    if (!prefix.ContainsInAnyZone(it->first.address())) continue;
    for (const ListenerPlace& place : it->second)
      if (!visit(place)) return;
  }
}

void ListenerTable::VisitPlacesOf(const std::string& host,
                                  VisitPlace visit) const {
  for (auto it = places_.lower_bound(ListenerPlace{.host = host});
       it != places_.end() && it->first.host == host; ++it)
    if (!visit(it->first)) return;
}

Listener ListenerTable::ListenerOf(const Row& row) {
  return {row.facts,
          {.reporter = ReporterOf(row.lease),
           .first_seen = row.first_seen,
           .changed = row.changed,
           .revision = row.revision,
           .stale_since = row.lease->stale_since(row.mark)}};
}

Listener ListenerTable::RepresentativeOf(absl::Span<const Row* const> views) {
  std::vector<Listener> listeners;
  for (const Row* const row : views) listeners.push_back(ListenerOf(*row));
  return std::move(Representatives(std::move(listeners)).front());
}

std::optional<std::set<std::string>> ListenerTable::HostsOf(
    const Endpoint& endpoint, const Scope& scope,
    const AddressBook& addresses) const {
  if (!scope.host.empty()) return std::set<std::string>{scope.host};
  const IpAddress& address = endpoint.address();
  if (address.is_host_local() || address.is_unspecified()) return std::nullopt;
  std::set<std::string> hosts;
  addresses.VisitOwners(scope.network, address,
                        [&](const std::string&, const AddressOwner& owner) {
                          hosts.insert(owner.host);
                        });
  if (const auto bound = by_endpoint_.find(endpoint);
      bound != by_endpoint_.end())
    for (const ListenerPlace& place : bound->second) hosts.insert(place.host);
  for (const HostKey& host : unverified_) hosts.insert(host.name);
  return hosts;
}

std::map<ListenerTable::TransportAndHost, std::vector<Listener>>
ListenerTable::RowsByHost(
    uint16_t port, const Scope& scope,
    const std::optional<std::set<std::string>>& hosts) const {
  std::map<TransportAndHost, std::vector<Listener>> rows;
  const auto add = [&](const ListenerPlace& place) {
    if (!Matches(scope, place)) return;
    std::vector<Listener>& of_host =
        rows[{place.transport, place.host, place.network}];
    for (const auto& row : places_.at(place))
      of_host.push_back(ListenerOf(*row));
  };
  for (const Transport transport : {Transport::kTcp, Transport::kUdp}) {
    const auto places = by_port_.find({transport, port});
    if (places == by_port_.end()) continue;
    if (!hosts) {
      for (const ListenerPlace& place : places->second) add(place);
      continue;
    }
    for (const std::string& host : *hosts) {
      for (auto it = places->second.lower_bound(ListenerPlace{.host = host});
           it != places->second.end() && it->host == host; ++it)
        add(*it);
    }
  }
  return rows;
}

}  // namespace connreg
