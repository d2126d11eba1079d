#include "service/core/listener_endpoints.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

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

// The wildcard listeners of hosts, each asked for once: a host may own
// thousands of addresses, and have thousands of listeners that are bound to
// one.
class Wildcards {
 public:
  Wildcards(const ListenerTable& listeners, const Scope& scope)
      : listeners_(listeners), scope_(scope) {}

  // Adds the endpoints of `address`, from `first` on, that a wildcard listener
  // of `host` may take packets for.
  void AddAt(const IpAddress& address, const std::string& host,
             const Endpoint& first, std::set<Endpoint>* endpoints) {
    for (const ListenerPlace& place : Of(host)) {
      if (place.address.is_v4() && address.is_v6()) continue;
      const Endpoint endpoint = *Endpoint::Create(address, place.port);
      if (endpoint >= first) endpoints->insert(endpoint);
    }
  }

 private:
  const std::vector<ListenerPlace>& Of(const std::string& host) {
    const auto [it, is_new] = of_host_.try_emplace(host);
    if (is_new) {
      std::vector<ListenerPlace>& places = it->second;
      listeners_.VisitPlacesOf(host, [&](const ListenerPlace& place) {
        if (place.address.is_unspecified() && Matches(scope_, place))
          places.push_back(place);
        return true;
      });
    }
    return it->second;
  }

  const ListenerTable& listeners_;
  const Scope& scope_;
  std::map<std::string, std::vector<ListenerPlace>> of_host_;
};

// Adds, of each network, the first `limit` endpoints from `first` on that a
// wildcard listener takes packets for, since its host owns the address.
void AddWildcards(const ListenerTable& listeners, const AddressBook& addresses,
                  const EndpointQuery& query, const Endpoint& first,
                  size_t limit, std::set<Endpoint>* endpoints) {
  const Scope& scope = query.scope;
  Wildcards wildcards(listeners, scope);
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
      wildcards.AddAt(only, host, first, endpoints);
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
    wildcards.AddAt(address, owner.host, first, &found);
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
