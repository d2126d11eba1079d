// What a directory is asked; host_directory.cc has what changes it.
#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>

#include "absl/container/inlined_vector.h"
#include "service/core/host_directory.h"
#include "service/core/listener_endpoints.h"

namespace connreg {
namespace {

// The first `limit` groups of `answers` above `after`, in order.
std::vector<ListenerGroup> Grouped(std::vector<ListenerAnswer> answers,
                                   const std::optional<ListenerPlace>& after,
                                   size_t limit) {
  std::map<ListenerPlace, std::vector<ListenerAnswer>> by_place;
  for (ListenerAnswer& answer : answers) {
    const ListenerFacts& facts = answer.listener.facts;
    const ListenerPlace place =
        PlaceOf(answer.listener.reporter(), facts.socket, facts.local);
    if (!after || *after < place) by_place[place].push_back(std::move(answer));
  }
  std::vector<ListenerGroup> groups;
  for (auto& [place, listeners] : by_place) {
    if (groups.size() == limit) break;
    groups.push_back({place, std::move(listeners)});
  }
  return groups;
}

// Whether both were accepted by one host's sockets with one cookie, in one
// namespace.
bool AreFromOneListener(const Observation& a, const Observation& b) {
  return a.facts.listener_cookie == b.facts.listener_cookie &&
         a.reporter().host == b.reporter().host &&
         a.reporter().network == b.reporter().network &&
         a.facts.socket.netns == b.facts.socket.netns;
}

}  // namespace

size_t HostDirectory::reporter_count() const {
  ReaderLock lock(mutex_);
  return leases_.size();
}

size_t HostDirectory::listener_count() const {
  ReaderLock lock(mutex_);
  return listeners_.size();
}

HostCounts HostDirectory::Count(const Scope& scope) const {
  ReaderLock lock(mutex_);
  return leases_.Count(scope);
}

bool HostDirectory::HasHost(const Scope& scope) const {
  ReaderLock lock(mutex_);
  return leases_.HasHost(scope);
}

size_t HostDirectory::first_syncing() const {
  ReaderLock lock(mutex_);
  return leases_.first_syncing();
}

std::optional<absl::Time> HostDirectory::expiry_held_since() const {
  ReaderLock lock(mutex_);
  return leases_.expiry_held_since();
}

std::set<HostKey> HostDirectory::OwnersLocked(
    absl::Span<const IpAddress> addresses, const Scope& scope) const {
  std::set<HostKey> hosts;
  if (!scope.host.empty()) {
    for (const Host& host : leases_.List({.scope = scope}, SIZE_MAX))
      if (host.state != HostState::kExpired) hosts.insert(host.key);
    return hosts;
  }
  for (const IpAddress& address : addresses) {
    if (address.is_host_local()) continue;
    addresses_.VisitOwners(
        scope.network, address,
        [&](const std::string& network, const AddressOwner& owner) {
          hosts.insert({owner.host, network});
        });
  }
  return hosts;
}

HostDirectory::MissingOwners HostDirectory::OwnersMissing(
    absl::Span<const IpAddress> addresses, const Scope& scope) const {
  MissingOwners missing;
  bool all_silent = true;
  ReaderLock lock(mutex_);
  for (const HostKey& host : OwnersLocked(addresses, scope)) {
    if (leases_.IsSyncing(host)) missing.syncing = true;
    if (const std::optional<absl::Time> since = leases_.StaleSince(host))
      missing.silent.push_back({host, *since});
    else
      all_silent = false;
  }
  if (!all_silent) missing.silent.clear();
  return missing;
}

std::vector<Host> HostDirectory::List(const HostQuery& query,
                                      size_t limit) const {
  ReaderLock lock(mutex_);
  std::vector<Host> hosts = leases_.List(query, limit);
  for (Host& host : hosts)
    host.namespaces = addresses_.NamespaceCount(host.key);
  return hosts;
}

std::vector<std::vector<AddressOwner>> HostDirectory::Owners(
    absl::Span<const OwnersQuestion> questions) const {
  ReaderLock lock(mutex_);
  return addresses_.Owners(questions);
}

std::vector<ListenerGroup> HostDirectory::Takers(
    const Packet& packet, const Scope& scope,
    const std::optional<ListenerPlace>& after, size_t limit) const {
  std::vector<ListenerAnswer> answers;
  {
    ReaderLock lock(mutex_);
    answers = listeners_.Takers(packet, scope, addresses_);
    for (ListenerAnswer& answer : answers) NameNetnsLocked(&answer);
  }
  return Grouped(std::move(answers), after, limit);
}

std::vector<ListenerAnswer> HostDirectory::AcceptedFrom(
    absl::Span<const Connection> connections) const {
  std::vector<ListenerAnswer> listeners;
  // For each of them, what was accepted from it first.
  absl::InlinedVector<const Observation*, 2> found;
  const auto add = [&](const Observation& side, const ListenerTable& table) {
    if (side.facts.listener_cookie == 0 ||
        std::any_of(found.begin(), found.end(), [&](const Observation* other) {
          return AreFromOneListener(side, *other);
        }))
      return;
    std::optional<Listener> listener = table.AcceptedFrom(side);
    if (!listener) return;
    // It is in the namespace of what was accepted.
    listener->provenance.netns_name = side.provenance.netns_name;
    listeners.push_back({*std::move(listener)});
    found.push_back(&side);
  };
  ReaderLock lock(mutex_);
  for (const Connection& connection : connections) {
    add(connection.first, listeners_);
    if (connection.second) add(*connection.second, listeners_);
  }
  return listeners;
}

std::vector<ListenerGroup> HostDirectory::Scan(
    const Scope& scope, const std::optional<ListenerPlace>& after,
    size_t limit) const {
  ReaderLock lock(mutex_);
  std::vector<ListenerGroup> groups = listeners_.Scan(scope, after, limit);
  for (ListenerGroup& group : groups)
    for (ListenerAnswer& answer : group.listeners) NameNetnsLocked(&answer);
  return groups;
}

void HostDirectory::NameNetnsLocked(ListenerAnswer* answer) const {
  Listener& listener = answer->listener;
  const Reporter& reporter = listener.reporter();
  listener.provenance.netns_name = addresses_.NameOf(
      reporter.host, reporter.network, listener.facts.socket.netns);
}

void HostDirectory::NameNetns(absl::Span<Observation* const> rows) const {
  const Observation* last = nullptr;
  ReaderLock lock(mutex_);
  for (Observation* const row : rows) {
    // What is listed together is of one namespace more often than not.
    const bool as_last =
        last != nullptr &&
        last->provenance.reporter == row->provenance.reporter &&
        last->facts.socket.netns == row->facts.socket.netns;
    row->provenance.netns_name =
        as_last
            ? last->provenance.netns_name
            : addresses_.NameOf(row->reporter().host, row->reporter().network,
                                row->facts.socket.netns);
    last = row;
  }
}

std::vector<std::string> HostDirectory::NetnsNames(
    absl::Span<const std::pair<HostKey, std::string>> namespaces) const {
  std::vector<std::string> names;
  names.reserve(namespaces.size());
  ReaderLock lock(mutex_);
  for (const auto& [host, netns] : namespaces)
    names.push_back(addresses_.NameOf(host.name, host.network, netns));
  return names;
}

void HostDirectory::AddEndpoints(const EndpointQuery& query,
                                 const Endpoint& first, size_t limit,
                                 std::set<Endpoint>* endpoints) const {
  ReaderLock lock(mutex_);
  AddListenerEndpoints(listeners_, addresses_, query, first, limit, endpoints);
}

}  // namespace connreg
