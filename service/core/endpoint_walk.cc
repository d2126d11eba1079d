#include "service/core/endpoint_walk.h"

#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "service/core/answer_room.h"

namespace connreg {
namespace {

// How many four-tuples are joined at a time.
constexpr size_t kBatch = 1000;
// After so many a page ends early, to keep its time short.
constexpr size_t kMaxWalked = 100'000;
// How many listeners of an endpoint are shown.
constexpr size_t kMaxListeners = 16;

// The side of `connection` whose own end `endpoint` is, of `host` if that is
// not empty. Null if there is none.
const Observation* OwnSide(const Endpoint& endpoint, const std::string& host,
                           const Connection& connection) {
  const auto is_own = [&](const Observation& side) {
    return side.facts.tuple.local() == endpoint &&
           (host.empty() || side.reporter().host == host);
  };
  if (is_own(connection.first)) return &connection.first;
  if (connection.second && is_own(*connection.second))
    return &*connection.second;
  return nullptr;
}

}  // namespace

EndpointPage EndpointWalk::Page() {
  EndpointPage page = UnnamedPage();
  std::vector<std::pair<HostKey, std::string>> namespaces;
  for (const EndpointSummary& summary : page.endpoints)
    namespaces.push_back(
        {{summary.place.host, summary.place.network}, summary.place.netns});
  std::vector<std::string> names = hosts_.NetnsNames(namespaces);
  for (size_t i = 0; i < names.size(); ++i)
    page.endpoints[i].netns_name = std::move(names[i]);
  return page;
}

EndpointPage EndpointWalk::UnnamedPage() {
  EndpointPage page;
  // One more than a page holds, so that the last page is known to be it, and
  // the one that the round before ended with.
  const size_t limit = query_.page_size + 2;
  AnswerRoom room(query_.page_size);
  std::optional<Endpoint> done;
  while (true) {
    const Endpoint first = done ? *done : First();
    std::set<Endpoint> endpoints;
    hosts_.AddEndpoints(query_, first, limit, &endpoints);
    connections_.AddEndpoints(query_, first, limit, &endpoints);
    size_t seen = 0;
    for (const Endpoint& endpoint : endpoints) {
      // Beyond that the indexes may have left some out.
      if (++seen > limit) break;
      if (done && endpoint <= *done) continue;
      for (auto& [place, summary] : At(endpoint)) {
        if (query_.after && place <= *query_.after) continue;
        const bool fits = room.Take(absl::MakeConstSpan(&summary, 1));
        if ((!fits || walked_ > kMaxWalked) && !page.endpoints.empty()) {
          page.next = page.endpoints.back().place;
          return page;
        }
        page.endpoints.push_back(std::move(summary));
      }
      done = endpoint;
    }
    // As many as that may be all that an index gave, of more that it has.
    if (seen < limit) return page;
  }
}

Endpoint EndpointWalk::First() const {
  if (query_.after) return query_.after->endpoint;
  const IpAddress lowest = IpAddress::V4({0, 0, 0, 0});
  return *Endpoint::Create(query_.prefix ? query_.prefix->address() : lowest,
                           1);
}

EndpointWalk::Summaries EndpointWalk::At(const Endpoint& endpoint) {
  Summaries summaries;
  CountConnections(endpoint, &summaries);
  std::set<EndpointPlace> there;
  for (const auto& [place, summary] : summaries) there.insert(place);
  AddListeners(endpoint, &summaries, &there);
  PlaceUnreportedEnds(&summaries, &there);
  std::erase_if(summaries, [&](const auto& summary) {
    return !there.contains(summary.first);
  });
  return summaries;
}

EndpointSummary& EndpointWalk::SummaryOf(const EndpointPlace& place,
                                         Summaries* summaries) {
  return summaries->try_emplace(place, EndpointSummary{.place = place})
      .first->second;
}

void EndpointWalk::CountConnections(const Endpoint& endpoint,
                                    Summaries* summaries) {
  std::optional<uint64_t> after;
  std::vector<RowGroup> groups;
  do {
    groups = connections_.Scan({query_.scope, endpoint}, after, kBatch);
    for (const JoinedGroup& group : joiner_.Join(&groups)) {
      for (const Connection& connection : group.live) {
        if (!Matches(query_.scope, connection)) continue;
        if (const std::optional<End> end = EndOf(endpoint, connection))
          ++SummaryOf(end->place, summaries).states[end->state];
      }
    }
    walked_ += groups.size();
    if (!groups.empty()) after = groups.back().hash;
  } while (groups.size() == kBatch);
}

void EndpointWalk::PlaceUnreportedEnds(Summaries* summaries,
                                       std::set<EndpointPlace>* there) const {
  std::vector<EndpointPlace> unplaced;
  for (const EndpointPlace& place : *there)
    if (place.host.empty()) unplaced.push_back(place);
  for (const EndpointPlace& place : unplaced) {
    const std::optional<EndpointPlace> found = SolePlace(place, *there);
    if (!found) continue;
    EndpointSummary moved = std::move(summaries->extract(place).mapped());
    EndpointSummary& summary = SummaryOf(*found, summaries);
    for (const auto& [state, count] : moved.states)
      summary.states[state] += count;
    summary.listener_count += moved.listener_count;
    for (ListenerAnswer& listener : moved.listeners)
      if (summary.listeners.size() < kMaxListeners)
        summary.listeners.push_back(std::move(listener));
    there->insert(*found);
  }
}

std::optional<EndpointPlace> EndpointWalk::SolePlace(
    const EndpointPlace& unplaced, const std::set<EndpointPlace>& there) const {
  const Reporter asker{.network = unplaced.network};
  const OwnersQuestion question{&asker, unplaced.endpoint.address()};
  const std::vector<AddressOwner> owners =
      hosts_.Owners(absl::MakeConstSpan(&question, 1)).front();
  EndpointPlace sole = unplaced;
  if (owners.size() == 1) {
    sole.host = owners.front().host;
    sole.netns = owners.front().netns;
    return sole;
  }
  if (!owners.empty()) return std::nullopt;
  // Behind it stand those of the hosts that have sockets there.
  auto it = there.upper_bound(unplaced);
  const auto is_here = [&](auto place) {
    return place != there.end() && place->transport == unplaced.transport &&
           place->network == unplaced.network;
  };
  if (!is_here(it) || is_here(std::next(it))) return std::nullopt;
  return *it;
}

std::optional<EndpointWalk::End> EndpointWalk::EndOf(
    const Endpoint& endpoint, const Connection& connection) const {
  const std::string& host = query_.scope.host;
  const Observation* const own = OwnSide(endpoint, host, connection);
  if (own == nullptr && !host.empty()) return std::nullopt;
  const Observation& side = own != nullptr ? *own : connection.first;
  End end{.place = {.endpoint = endpoint,
                    .transport = side.facts.socket.transport,
                    .network = side.reporter().network},
          .state = side.facts.state};
  if (own != nullptr) {
    end.place.host = own->reporter().host;
    end.place.netns = own->facts.socket.netns;
  }
  return end;
}

void EndpointWalk::AddListeners(const Endpoint& endpoint, Summaries* summaries,
                                std::set<EndpointPlace>* there) const {
  std::vector<std::pair<EndpointPlace, ListenerAnswer>> takers;
  for (ListenerGroup& group :
       hosts_.Takers({endpoint}, query_.scope, std::nullopt, SIZE_MAX)) {
    const bool is_bound = group.place.address.is_unspecified() ==
                          endpoint.address().is_unspecified();
    for (ListenerAnswer& listener : group.listeners) {
      const EndpointPlace place{.endpoint = endpoint,
                                .transport = group.place.transport,
                                .network = group.place.network,
                                .host = group.place.host,
                                .netns = listener.listener.facts.socket.netns};
      // What is bound to a wildcard is there at an address that was asked for
      // and that its host owns; elsewhere it only goes with what is there.
      if (is_bound || (query_.prefix && !listener.address_unverified))
        there->insert(place);
      takers.emplace_back(place, std::move(listener));
    }
  }
  for (auto& [place, listener] : takers) {
    // It may be what the ends that nobody reports are connected to.
    if (listener.address_unverified && !there->contains(place)) {
      place.host.clear();
      place.netns.clear();
    }
    EndpointSummary& summary = SummaryOf(place, summaries);
    ++summary.listener_count;
    if (summary.listeners.size() < kMaxListeners)
      summary.listeners.push_back(std::move(listener));
  }
}

}  // namespace connreg
