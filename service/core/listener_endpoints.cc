#include "service/core/listener_endpoints.h"

#include <optional>
#include <string>

namespace connreg {
namespace {

// Whether endpoints of `address` are listed for `query`.
bool IsListed(const EndpointQuery& query, const IpAddress& address) {
  return !address.is_host_local() || !query.scope.host.empty();
}

// Adds the first `limit` endpoints from `first` on that listeners are bound to.
void AddBound(const ListenerTable& listeners, const EndpointQuery& query,
              const Endpoint& first, size_t limit,
              std::set<Endpoint>* endpoints) {
  std::optional<Endpoint> last;
  size_t added = 0;
  const auto add = [&](const ListenerPlace& place) {
    const Endpoint endpoint = EndpointOf(place);
    if (endpoint == last || !Matches(query.scope, place)) return true;
    if (added == limit) return false;
    if (!IsListed(query, place.address)) return true;
    last = endpoint;
    ++added;
    endpoints->insert(endpoint);
    return true;
  };
  listeners.VisitPlacesIn(*query.prefix, first, add);
}

// Adds the endpoints of `address`, from `first` on, that a wildcard listener of
// `host` may take packets for.
void AddWildcardsAt(const IpAddress& address, const std::string& host,
                    const ListenerTable& listeners, const Scope& scope,
                    const Endpoint& first, std::set<Endpoint>* endpoints) {
  listeners.VisitPlacesOf(host, [&](const ListenerPlace& place) {
    const bool may_take = place.address.is_unspecified() &&
                          (place.address.is_v6() || address.is_v4());
    if (!may_take || !Matches(scope, place)) return true;
    const Endpoint endpoint = *Endpoint::Create(address, place.port);
    if (endpoint >= first) endpoints->insert(endpoint);
    return true;
  });
}

// Adds, of each network, the first `limit` endpoints from `first` on that a
// wildcard listener takes packets for, since its host owns the address.
void AddWildcards(const ListenerTable& listeners, const AddressBook& addresses,
                  const EndpointQuery& query, const Endpoint& first,
                  size_t limit, std::set<Endpoint>* endpoints) {
  const Scope& scope = query.scope;
  const IpAddress& only = query.prefix->address();
  const bool is_whole = !only.is_link_local() || !only.zone().empty();
  if (query.prefix->is_single_address() && is_whole) {
    // It may be owned as part of a block, as loopback addresses are.
    std::set<std::string> hosts;
    if (!scope.host.empty()) {
      hosts.insert(scope.host);
    } else {
      addresses.VisitOwners(scope.network, only,
                            [&](const std::string&, const AddressOwner& owner) {
                              hosts.insert(owner.host);
                            });
    }
    for (const std::string& host : hosts)
      AddWildcardsAt(only, host, listeners, scope, first, endpoints);
    return;
  }
  std::string network_of_found;
  std::set<Endpoint> found;
  const auto add = [&](const std::string& network, const IpAddress& address,
                       const AddressOwner& owner) {
    if (network != network_of_found) {
      endpoints->insert(found.begin(), found.end());
      found.clear();
      network_of_found = network;
    }
    if (found.size() >= limit && found.rbegin()->address() < address)
      return false;
    AddWildcardsAt(address, owner.host, listeners, scope, first, &found);
    return true;
  };
  addresses.Visit(*query.prefix, scope, first.address(), add);
  endpoints->insert(found.begin(), found.end());
}

}  // namespace

void AddListenerEndpoints(const ListenerTable& listeners,
                          const AddressBook& addresses,
                          const EndpointQuery& query, const Endpoint& first,
                          size_t limit, std::set<Endpoint>* endpoints) {
  if (query.prefix) {
    AddBound(listeners, query, first, limit, endpoints);
    AddWildcards(listeners, addresses, query, first, limit, endpoints);
    return;
  }
  listeners.VisitPlacesOf(query.scope.host, [&](const ListenerPlace& place) {
    const Endpoint endpoint = EndpointOf(place);
    if (Matches(query.scope, place) && endpoint >= first)
      endpoints->insert(endpoint);
    return true;
  });
}

}  // namespace connreg
