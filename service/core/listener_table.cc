#include "service/core/listener_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/hash/hash.h"
#include "service/core/listener_takers.h"
#include "service/model/views.h"

namespace connreg {

ListenerPlace PlaceOf(const Reporter& reporter, const Socket& socket,
                      const Endpoint& local) {
  return {.host = reporter.host,
          .transport = socket.transport,
          .port = local.port(),
          .address = local.address(),
          .network = reporter.network};
}

Endpoint EndpointOf(const ListenerPlace& place) {
  return *Endpoint::Create(place.address, place.port);
}

bool Matches(const Scope& scope, const ListenerPlace& place) {
  return (scope.network.empty() || place.network == scope.network) &&
         (scope.host.empty() || place.host == scope.host) &&
         (!scope.transport || place.transport == *scope.transport);
}

namespace {

// Whether `row` is what its reporter calls by these names. Without a cookie or
// an inode on both sides, the place and the device are all there is to go by.
bool IsNamed(const ListenerFacts& row, const Socket& socket,
             absl::string_view device) {
  return row.socket.netns == socket.netns && row.device == device &&
         SameIncarnation(row.socket, socket);
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

}  // namespace

std::optional<RowLimit> ListenerTable::Put(const ListenerFacts& facts,
                                           uint64_t digest,
                                           const LeasePtr& lease,
                                           absl::Time now) {
  const ListenerPlace place =
      PlaceOf(lease->reporter, facts.socket, facts.local);
  const auto at = places_.find(place);
  if (at != places_.end()) {
    for (const std::unique_ptr<Row>& there : at->second) {
      Row& row = *there;
      if (row.lease != lease || !IsNamed(row.facts, facts.socket, facts.device))
        continue;
      row.mark = lease->mark();
      lease->digest_sum += digest - std::exchange(row.digest, digest);
      ListenerFacts successor = Succeed(row.facts, facts);
      if (successor == row.facts) return std::nullopt;
      const bool had_cookie = row.facts.socket.cookie != 0;
      row.facts = std::move(successor);
      if (!had_cookie) IndexCookie(row);
      row.changed = now;
      row.revision = history_.Record();
      return std::nullopt;
    }
    if (at->second.size() >= capacity_.limits().listeners_per_endpoint)
      return RowLimit::kListenersPerEndpoint;
  }
  if (const std::optional<RowLimit> limit = capacity_.Take(*lease))
    return limit;
  Rows& rows = places_[place];
  auto row = std::make_unique<Row>(
      Row{facts, lease, now, now, history_.Record(), lease->mark(), digest});
  // An agent that starts goes on where the one before it ended.
  for (const auto& other : rows) {
    if (facts.socket.cookie != 0 &&
        other->facts.socket.cookie == facts.socket.cookie &&
        IsNamed(other->facts, facts.socket, facts.device) &&
        AreAgentsOfOneHost(other->lease->reporter, lease->reporter))
      row->first_seen = other->first_seen;
  }
  IndexCookie(*row);
  rows.push_back(std::move(row));
  by_port_[{place.transport, place.port}].insert(place);
  by_endpoint_[facts.local].insert(place);
  by_lease_[lease->id].insert(place);
  ++by_netns_[{place.host, place.network}][facts.socket.netns];
  ++lease->listeners;
  lease->digest_sum += digest;
  ++size_;
  return std::nullopt;
}

size_t ListenerTable::Remove(const ListenerName& name, const Lease& lease) {
  const ListenerPlace place = PlaceOf(lease.reporter, name.socket, name.local);
  return Erase(place, lease.id, [&](const Row& row) {
    return row.lease->id == lease.id &&
           IsNamed(row.facts, name.socket, name.device);
  });
}

size_t ListenerTable::RemoveSome(LeaseId lease, std::optional<uint32_t> mark,
                                 std::optional<ListenerPlace>* after) {
  constexpr size_t kPlacesAtOnce = 500;
  const auto of_lease = by_lease_.find(lease);
  std::vector<ListenerPlace> places;
  if (of_lease != by_lease_.end()) {
    const auto& all = of_lease->second;
    for (auto it = *after ? all.upper_bound(**after) : all.begin();
         it != all.end() && places.size() < kPlacesAtOnce; ++it)
      places.push_back(*it);
  }
  after->reset();
  if (places.size() == kPlacesAtOnce) *after = places.back();
  size_t removed = 0;
  for (const ListenerPlace& place : places) {
    removed += Erase(place, lease, [&](const Row& row) {
      return row.lease->id == lease && (!mark || row.mark != *mark);
    });
  }
  return removed;
}

void ListenerTable::Review(const HostKey& host, const AddressBook& addresses) {
  const auto it = by_netns_.find(host);
  const bool is_unverified =
      it != by_netns_.end() &&
      std::any_of(it->second.begin(), it->second.end(), [&](const auto& netns) {
        return !addresses.IsTold(host, netns.first);
      });
  if (is_unverified)
    unverified_.insert(host);
  else
    unverified_.erase(host);
}

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

uint64_t ListenerTable::KeyOf(const Reporter& reporter, const Socket& socket,
                              uint64_t cookie) {
  return absl::HashOf(reporter.host, reporter.network, socket.netns, cookie);
}

void ListenerTable::IndexCookie(const Row& row) {
  const Socket& socket = row.facts.socket;
  if (socket.cookie == 0) return;
  by_cookie_[KeyOf(row.lease->reporter, socket, socket.cookie)].push_back(&row);
}

void ListenerTable::UnindexCookie(const Row& row) {
  const Socket& socket = row.facts.socket;
  const auto it =
      by_cookie_.find(KeyOf(row.lease->reporter, socket, socket.cookie));
  if (socket.cookie == 0 || it == by_cookie_.end()) return;
  it->second.erase(std::find(it->second.begin(), it->second.end(), &row));
  if (it->second.empty()) by_cookie_.erase(it);
}

void ListenerTable::Uncount(const HostKey& host, const std::string& netns) {
  const auto of_host = by_netns_.find(host);
  const auto of_netns = of_host->second.find(netns);
  if (--of_netns->second == 0) of_host->second.erase(of_netns);
  if (of_host->second.empty()) by_netns_.erase(of_host);
}

template <typename Predicate>
size_t ListenerTable::Erase(const ListenerPlace& place, LeaseId lease,
                            Predicate leaves) {
  const auto it = places_.find(place);
  if (it == places_.end()) return 0;
  Rows& rows = it->second;
  const size_t erased = std::erase_if(rows, [&](const auto& there) {
    const Row& row = *there;
    if (!leaves(row)) return false;
    UnindexCookie(row);
    Uncount({place.host, place.network}, row.facts.socket.netns);
    capacity_.Release(*row.lease);
    --row.lease->listeners;
    row.lease->digest_sum -= row.digest;
    history_.Record();
    return true;
  });
  size_ -= erased;
  const bool lease_stays =
      std::any_of(rows.begin(), rows.end(),
                  [&](const auto& row) { return row->lease->id == lease; });
  const auto erase_from = [&](auto& index, const auto& key) {
    const auto posted = index.find(key);
    if (posted == index.end()) return;
    posted->second.erase(place);
    if (posted->second.empty()) index.erase(posted);
  };
  if (!lease_stays) erase_from(by_lease_, lease);
  if (rows.empty()) {
    erase_from(by_port_, Port{place.transport, place.port});
    erase_from(by_endpoint_, EndpointOf(place));
    places_.erase(it);
  }
  return erased;
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
