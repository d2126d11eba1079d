#include "service/model/join.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "service/model/joined_roles.h"
#include "service/model/mirror_fit.h"

namespace connreg {
namespace {

using Fit = MirrorFit;

// RFC 9293 §3.3.2.
bool HasSentFin(ConnectionState state) {
  return state == ConnectionState::kFinWait1 ||
         state == ConnectionState::kFinWait2 ||
         state == ConnectionState::kClosing ||
         state == ConnectionState::kLastAck;
}
bool HasReceivedFin(ConnectionState state) {
  return state == ConnectionState::kCloseWait ||
         state == ConnectionState::kClosing ||
         state == ConnectionState::kLastAck;
}

// Whether two sockets can have been there at once. What is live may be; what
// began as the other ended took its place.
bool LivesOverlap(const Observation& a, const Observation& b) {
  if (!a.closure || !b.closure) return true;
  const absl::Time a_begin = a.provenance.first_seen;
  const absl::Time b_begin = b.provenance.first_seen;
  return a_begin == b_begin ||
         (a_begin < b.closure->time && b_begin < a.closure->time);
}

// Of one canonical four-tuple, network and transport: one or two nearly always.
using Ends = absl::InlinedVector<Observation*, 2>;

EndRole RoleOf(const Observation& end) {
  return {end.facts.role, end.facts.evidence};
}

// Joins the observations of one canonical four-tuple, network and transport,
// and moves them into their connections.
class TupleJoin {
 public:
  TupleJoin(Ends ends, OwnersOfAddress owners)
      : ends_(std::move(ends)), other_end_(ends_.size()), owners_(owners) {}

  void AppendTo(std::vector<Connection>* connections) {
    if (ends_.size() > 1) Pair();
    // All of them before anything is moved away.
    absl::InlinedVector<std::optional<OneSidedReason>, 2> reasons(ends_.size());
    for (size_t i = 0; i < ends_.size(); ++i)
      if (!other_end_[i] && !TupleOf(i).is_self()) reasons[i] = WhyOneSided(i);
    for (size_t i = 0; i < ends_.size(); ++i) {
      if (!other_end_[i]) {
        connections->push_back(Derived(*ends_[i], nullptr));
        connections->back().one_sided = reasons[i];
      } else if (IsFirst(i, *other_end_[i])) {
        connections->push_back(Derived(*ends_[i], ends_[*other_end_[i]]));
      }
    }
  }

 private:
  const FourTuple& TupleOf(size_t i) const { return ends_[i]->facts.tuple; }

  bool AreMirrors(size_t a, size_t b) const {
    return a != b && !TupleOf(a).is_self() && TupleOf(a) == TupleOf(b).Mirror();
  }

  void Pair() {
    Choices choice(ends_.size());
    for (size_t i = 0; i < ends_.size(); ++i) choice[i] = OnlyChoice(i);
    for (size_t i = 0; i < ends_.size(); ++i)
      if (choice[i] && choice[*choice[i]] == i) other_end_[i] = choice[i];
  }

  std::optional<size_t> OnlyChoice(size_t i) {
    Fit best = Fit::kUndecided;
    size_t choices = 0;
    size_t last = 0;
    for (size_t j = 0; j < ends_.size(); ++j) {
      if (!AreMirrors(i, j)) continue;
      const Fit fit = FitOf(*ends_[i], *ends_[j]);
      if (fit > best || fit == Fit::kUndecided) continue;
      if (fit < best) choices = 0;
      best = fit;
      ++choices;
      last = j;
    }
    if (choices != 1) return std::nullopt;
    return last;
  }

  Fit FitOf(const Observation& a, const Observation& b) {
    if (!LivesOverlap(a, b)) return Fit::kNone;
    if (a.reporter().host == b.reporter().host) {
      const std::string& a_netns = a.facts.socket.netns;
      const std::string& b_netns = b.facts.socket.netns;
      if (a_netns == b_netns) return Fit::kSameNetns;
      if (!a.facts.tuple.is_host_local()) return Fit::kSameHost;
      // One that was not told may be the other's.
      return a_netns.empty() || b_netns.empty() ? Fit::kUndecided : Fit::kNone;
    }
    if (a.facts.tuple.is_host_local()) return Fit::kNone;
    return std::max(OwnershipFit(a, b), OwnershipFit(b, a));
  }

  // Whether the other host's `far` is where packets of `near` go.
  Fit OwnershipFit(const Observation& near, const Observation& far) {
    return FitByOwners(near.reporter().host, far.reporter().host,
                       far.facts.socket.netns,
                       OwnersOf(near, near.facts.tuple.remote().address()));
  }

  const std::vector<AddressOwner>& OwnersOf(const Observation& asker,
                                            const IpAddress& address) {
    const absl::string_view host = asker.reporter().host;
    if (ends_.size() == 1)
      return sole_owners_ = owners_(asker.reporter(), address);
    const auto [it, inserted] = known_owners_.try_emplace(
        {address, address.is_host_local() ? host : absl::string_view()});
    if (inserted) it->second = owners_(asker.reporter(), address);
    return it->second;
  }

  // Whether the end `i` of a pair comes first in its connection.
  bool IsFirst(size_t i, size_t j) const {
    const auto rank = [](const Observation& end) {
      const Role role = end.facts.role;
      return role == Role::kClient ? 0 : role == Role::kServer ? 2 : 1;
    };
    return std::make_tuple(rank(*ends_[i]), TupleOf(i)) <
           std::make_tuple(rank(*ends_[j]), TupleOf(j));
  }

  // What is another's other end is not this one's.
  OneSidedReason WhyOneSided(size_t i) {
    for (size_t j = 0; j < ends_.size(); ++j)
      if (AreMirrors(i, j) && !other_end_[j] &&
          FitOf(*ends_[i], *ends_[j]) != Fit::kNone)
        return OneSidedReason::kAmbiguous;
    const IpAddress& remote = TupleOf(i).remote().address();
    const std::vector<AddressOwner>& owners = OwnersOf(*ends_[i], remote);
    if (owners.empty() && remote.is_loopback()) {
      return ends_[i]->provenance.stale_since ? OneSidedReason::kStale
                                              : OneSidedReason::kNotReported;
    }
    // A link-local address that is not this host's own may be that of any host
    // on the link.
    if (owners.empty() && remote.is_link_local())
      return OneSidedReason::kAmbiguous;
    return MissingEndReason(owners);
  }

  // Takes what `first` and `second` point to.
  static Connection Derived(Observation& first, Observation* second) {
    Connection connection{.first = std::move(first)};
    if (second != nullptr) connection.second = std::move(*second);
    DeriveRoles(&connection);
    DeriveHalfClosed(&connection);
    if (connection.second &&
        connection.first.provenance.stale_since.has_value() !=
            connection.second->provenance.stale_since.has_value())
      connection.conflicts.push_back(Conflict::kOneEndStale);
    return connection;
  }

  static void DeriveRoles(Connection* connection) {
    const FourTuple& tuple = connection->first.facts.tuple;
    if (tuple.is_self()) {
      connection->evidence = RoleEvidence::kSelf;
      connection->client = tuple.local();
      connection->server = tuple.local();
      return;
    }
    std::optional<EndRole> second;
    if (connection->second) second = RoleOf(*connection->second);
    const JoinedRoles roles = JoinRoles(RoleOf(connection->first), second);
    connection->evidence = roles.evidence;
    if (roles.disagree)
      connection->conflicts.push_back(Conflict::kRolesDisagree);
    if (!roles.first_is_client) return;
    connection->client =
        *roles.first_is_client ? tuple.local() : tuple.remote();
    connection->server =
        *roles.first_is_client ? tuple.remote() : tuple.local();
  }

  static void DeriveHalfClosed(Connection* connection) {
    const ConnectionState first = connection->first.facts.state;
    bool from_first = HasSentFin(first);
    bool to_first = HasReceivedFin(first);
    if (connection->second) {
      const ConnectionState second = connection->second->facts.state;
      from_first |= HasReceivedFin(second);
      to_first |= HasSentFin(second);
    }
    if (from_first != to_first)
      connection->conflicts.push_back(Conflict::kHalfClosed);
  }

  const Ends ends_;
  // Which two of ends_ are one connection's.
  using Choices = absl::InlinedVector<std::optional<size_t>, 2>;
  Choices other_end_;
  const OwnersOfAddress owners_;
  // What owners_ answered, by address and, for a host-local one, by host.
  absl::flat_hash_map<std::pair<IpAddress, absl::string_view>,
                      std::vector<AddressOwner>>
      known_owners_;
  // The same where there is one end, and one question.
  std::vector<AddressOwner> sole_owners_;
};

bool AreOfOneTuple(const Observation& a, const Observation& b) {
  return (a.facts.tuple == b.facts.tuple ||
          a.facts.tuple == b.facts.tuple.Mirror()) &&
         a.reporter().network == b.reporter().network &&
         a.facts.socket.transport == b.facts.socket.transport;
}

}  // namespace

std::vector<Connection> Join(std::vector<Observation> observations,
                             OwnersOfAddress owners) {
  std::vector<Connection> connections;
  const auto are_of_one = [&](const Observation& observation) {
    return AreOfOneTuple(observations.front(), observation);
  };
  if (std::all_of(observations.begin(), observations.end(), are_of_one)) {
    Ends ends;
    for (Observation& observation : observations) ends.push_back(&observation);
    connections.reserve(ends.size());
    TupleJoin(std::move(ends), owners).AppendTo(&connections);
    return connections;
  }
  std::map<std::tuple<FourTuple, absl::string_view, Transport>, Ends> by_tuple;
  for (Observation& observation : observations) {
    by_tuple[{observation.facts.tuple.Canonical(),
              observation.reporter().network,
              observation.facts.socket.transport}]
        .push_back(&observation);
  }
  for (auto& [tuple, ends] : by_tuple)
    TupleJoin(std::move(ends), owners).AppendTo(&connections);
  return connections;
}

}  // namespace connreg
