#include "service/core/listener_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/hash/hash.h"

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

}  // namespace connreg
