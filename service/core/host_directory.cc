#include "service/core/host_directory.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "service/model/listener_match.h"
#include "service/model/views.h"

namespace connreg {
namespace {

ListenerPlace PlaceOf(const Reporter& reporter, const Socket& socket,
                      const Endpoint& local) {
  return {.host = reporter.host,
          .transport = socket.transport,
          .port = local.port(),
          .address = local.address(),
          .network = reporter.network};
}

bool Matches(const Scope& scope, const ListenerPlace& place) {
  return (scope.network.empty() || place.network == scope.network) &&
         (scope.host.empty() || place.host == scope.host) &&
         (!scope.transport || place.transport == *scope.transport);
}

// Whether `row` is what its reporter calls by these names. Without a cookie or
// an inode on both sides, the place and the device are all there is to go by.
bool IsNamed(const ListenerFacts& row, const Socket& socket,
             absl::string_view device) {
  return row.socket.netns == socket.netns && row.device == device &&
         SameIncarnation(row.socket, socket);
}

// Whether `listener` would take a packet for `address` only as a wildcard.
bool IsWildcardFor(const ListenerFacts& listener, const IpAddress& address) {
  return listener.local.address().is_unspecified() && !address.is_unspecified();
}

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

// Marks answers for an address that listeners of several hosts of one network
// take: the ones that may not own it do not count.
void MarkMultiHost(std::vector<ListenerAnswer>* answers) {
  std::map<std::string, std::set<std::string>> hosts;
  for (const ListenerAnswer& answer : *answers) {
    const Reporter& reporter = answer.listener.reporter();
    if (!answer.derived->address_unverified)
      hosts[reporter.network].insert(reporter.host);
  }
  for (ListenerAnswer& answer : *answers) {
    if (!answer.derived->address_unverified)
      answer.derived->multi_host =
          hosts[answer.listener.reporter().network].size() > 1;
  }
}

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

}  // namespace

void HostDirectory::Put(absl::Span<const LocalAddresses> addresses,
                        absl::Span<const ListenerFacts> listeners,
                        const Lease& lease, absl::Time now) {
  WriterLock lock(mutex_);
  for (const LocalAddresses& local : addresses)
    if (addresses_.Set(lease, local)) history_.Record();
  for (const ListenerFacts& facts : listeners) PutLocked(facts, lease, now);
}

DeregistrationOutcome HostDirectory::Remove(
    absl::Span<const ListenerName> names, const Lease& lease) {
  WriterLock lock(mutex_);
  DeregistrationOutcome outcome;
  for (const ListenerName& name : names) {
    const size_t removed = RemoveLocked(name, lease);
    outcome.removed += removed;
    if (removed == 0) ++outcome.absent;
  }
  return outcome;
}

size_t HostDirectory::RemoveLease(LeaseId lease) {
  WriterLock lock(mutex_);
  if (addresses_.Remove(lease)) history_.Record();
  const auto it = by_lease_.find(lease);
  if (it == by_lease_.end()) return 0;
  const absl::btree_set<ListenerPlace> places = it->second;
  size_t removed = 0;
  for (const ListenerPlace& place : places) {
    removed += EraseLocked(place, lease,
                           [&](const Row& row) { return row.lease == lease; });
  }
  return removed;
}

std::vector<std::vector<HostNetns>> HostDirectory::Owners(
    absl::Span<const std::pair<const Reporter*, IpAddress>> addresses) const {
  std::vector<std::vector<HostNetns>> owners;
  owners.reserve(addresses.size());
  ReaderLock lock(mutex_);
  for (const auto& [asker, address] : addresses)
    owners.push_back(addresses_.Owners(*asker, address));
  return owners;
}

std::vector<ListenerGroup> HostDirectory::Takers(
    const Endpoint& endpoint, const Scope& scope,
    const std::optional<ListenerPlace>& after, size_t limit) const {
  std::vector<ListenerAnswer> answers;
  {
    ReaderLock lock(mutex_);
    for (const auto& [transport_and_host, rows] :
         RowsByHostLocked(endpoint.port(), scope)) {
      std::vector<ListenerAnswer> takers =
          TakersLocked(Ordered(rows), endpoint.address());
      std::move(takers.begin(), takers.end(), std::back_inserter(answers));
    }
  }
  const IpAddress& address = endpoint.address();
  if (!address.is_host_local() && !address.is_unspecified())
    MarkMultiHost(&answers);
  return Grouped(std::move(answers), after, limit);
}

std::vector<ListenerGroup> HostDirectory::Scan(
    const Scope& scope, const std::optional<ListenerPlace>& after,
    size_t limit) const {
  std::vector<ListenerGroup> groups;
  ReaderLock lock(mutex_);
  auto it = after ? places_.upper_bound(*after)
                  : places_.lower_bound(ListenerPlace{.host = scope.host});
  for (; it != places_.end() && groups.size() < limit; ++it) {
    if (!scope.host.empty() && it->first.host != scope.host) break;
    if (!Matches(scope, it->first)) continue;
    std::vector<Listener> rows;
    for (const Row& row : it->second) rows.push_back(row.listener);
    ListenerGroup& group = groups.emplace_back(ListenerGroup{it->first, {}});
    for (Listener& listener : Ordered(std::move(rows)))
      group.listeners.push_back({std::move(listener), std::nullopt});
  }
  return groups;
}

size_t HostDirectory::size() const {
  ReaderLock lock(mutex_);
  return size_;
}

void HostDirectory::PutLocked(const ListenerFacts& facts, const Lease& lease,
                              absl::Time now) {
  const ListenerPlace place =
      PlaceOf(*lease.reporter, facts.socket, facts.local);
  Rows& rows = places_[place];
  const auto it = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
    return row.lease == lease.id &&
           IsNamed(row.listener.facts, facts.socket, facts.device);
  });
  if (it != rows.end()) {
    Listener& known = it->listener;
    ListenerFacts successor = Succeed(known.facts, facts);
    if (successor == known.facts) return;
    known.facts = std::move(successor);
    known.provenance.changed = now;
  } else {
    rows.push_back(
        {Listener{facts, Provenance{lease.reporter, now, now}}, lease.id});
    by_port_[{place.transport, place.port}].insert(place);
    by_lease_[lease.id].insert(place);
    ++size_;
  }
  history_.Record();
}

size_t HostDirectory::RemoveLocked(const ListenerName& name,
                                   const Lease& lease) {
  const ListenerPlace place = PlaceOf(*lease.reporter, name.socket, name.local);
  return EraseLocked(place, lease.id, [&](const Row& row) {
    return row.lease == lease.id &&
           IsNamed(row.listener.facts, name.socket, name.device);
  });
}

template <typename Predicate>
size_t HostDirectory::EraseLocked(const ListenerPlace& place, LeaseId lease,
                                  Predicate leaves) {
  const auto it = places_.find(place);
  if (it == places_.end()) return 0;
  Rows& rows = it->second;
  const size_t erased = std::erase_if(rows, leaves);
  for (size_t i = 0; i < erased; ++i) history_.RecordForgetting();
  size_ -= erased;
  const bool lease_stays =
      std::any_of(rows.begin(), rows.end(),
                  [&](const Row& row) { return row.lease == lease; });
  if (!lease_stays) {
    if (const auto held = by_lease_.find(lease); held != by_lease_.end()) {
      held->second.erase(place);
      if (held->second.empty()) by_lease_.erase(held);
    }
  }
  if (rows.empty()) {
    const auto port = by_port_.find({place.transport, place.port});
    port->second.erase(place);
    if (port->second.empty()) by_port_.erase(port);
    places_.erase(it);
  }
  return erased;
}

std::map<HostDirectory::TransportAndHost, std::vector<Listener>>
HostDirectory::RowsByHostLocked(uint16_t port, const Scope& scope) const {
  std::map<TransportAndHost, std::vector<Listener>> rows;
  for (const Transport transport : {Transport::kTcp, Transport::kUdp}) {
    const auto places = by_port_.find({transport, port});
    if (places == by_port_.end()) continue;
    for (const ListenerPlace& place : places->second) {
      if (!Matches(scope, place)) continue;
      std::vector<Listener>& of_host =
          rows[{transport, place.host, place.network}];
      for (const Row& row : places_.at(place)) of_host.push_back(row.listener);
    }
  }
  return rows;
}

std::vector<ListenerAnswer> HostDirectory::TakersLocked(
    const std::vector<Listener>& rows, const IpAddress& address) const {
  std::map<std::string, std::vector<const Listener*>> by_netns;
  std::map<std::string, Ownership> ownership;
  for (const Listener& row : rows) {
    const IpAddress& local = row.facts.local.address();
    if (address.is_unspecified() && local != address) continue;
    const std::string& netns = row.facts.socket.netns;
    if (ownership.find(netns) == ownership.end())
      ownership[netns] = addresses_.OwnershipOf(row.reporter(), netns, address);
    // A wildcard is not for addresses that its namespace does not own.
    if (IsWildcardFor(row.facts, address) &&
        ownership[netns] == Ownership::kDoesNotOwn)
      continue;
    by_netns[netns].push_back(&row);
  }
  std::vector<ListenerAnswer> answers;
  for (const auto& [netns, listeners] : by_netns) {
    std::vector<const ListenerFacts*> facts;
    for (const Listener* listener : listeners)
      facts.push_back(&listener->facts);
    for (const size_t i : EffectiveListeners(facts, address)) {
      const bool unverified = IsWildcardFor(*facts[i], address) &&
                              ownership[netns] == Ownership::kUnknown;
      answers.push_back({*listeners[i], ListenerAnswer::Derived{
                                            .address_unverified = unverified}});
    }
  }
  return answers;
}

}  // namespace connreg
