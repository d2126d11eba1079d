#include "service/model/join.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace connreg {
namespace {

// How good a mirror an observation is for another. Lower is better.
enum class Fit {
  kSameNetns = 1,
  kSameHost,
  kOtherHost,
  // Nothing speaks against it, and too little speaks for it.
  kUndecided,
  // It is another connection's.
  kNone,
};

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

// Joins the observations of one canonical four-tuple, network and transport.
class TupleJoin {
 public:
  TupleJoin(std::vector<const Observation*> ends, OwnersOfAddress owners)
      : ends_(std::move(ends)), owners_(owners) {}

  void AppendTo(std::vector<Connection>* connections) {
    Pair();
    for (size_t i = 0; i < ends_.size(); ++i) {
      if (!other_end_[i])
        connections->push_back(OneSided(i));
      else if (IsFirst(i, *other_end_[i]))
        connections->push_back(TwoSided(*ends_[i], *ends_[*other_end_[i]]));
    }
  }

 private:
  const FourTuple& TupleOf(size_t i) const { return ends_[i]->facts.tuple; }

  bool AreMirrors(size_t a, size_t b) const {
    return a != b && !TupleOf(a).is_self() && TupleOf(a) == TupleOf(b).Mirror();
  }

  void Pair() {
    std::vector<std::optional<size_t>> choice(ends_.size());
    for (size_t i = 0; i < ends_.size(); ++i) choice[i] = OnlyChoice(i);
    other_end_.resize(ends_.size());
    for (size_t i = 0; i < ends_.size(); ++i)
      if (choice[i] && choice[*choice[i]] == i) other_end_[i] = choice[i];
  }

  std::optional<size_t> OnlyChoice(size_t i) {
    Fit best = Fit::kUndecided;
    std::vector<size_t> choices;
    for (size_t j = 0; j < ends_.size(); ++j) {
      if (!AreMirrors(i, j)) continue;
      const Fit fit = FitOf(*ends_[i], *ends_[j]);
      if (fit > best || fit == Fit::kUndecided) continue;
      if (fit < best) choices.clear();
      best = fit;
      choices.push_back(j);
    }
    if (choices.size() != 1) return std::nullopt;
    return choices[0];
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
    const std::vector<AddressOwner>& owners =
        OwnersOf(near, near.facts.tuple.remote().address());
    if (owners.empty()) return Fit::kUndecided;
    bool far_owns = false;
    bool third_owns = false;
    for (const AddressOwner& owner : owners) {
      if (owner.host == near.reporter().host) return Fit::kNone;
      if (owner.host != far.reporter().host)
        third_owns = true;
      else if (owner.netns == far.facts.socket.netns || owner.netns.empty() ||
               far.facts.socket.netns.empty())
        far_owns = true;
    }
    if (!far_owns) return Fit::kNone;
    return third_owns ? Fit::kUndecided : Fit::kOtherHost;
  }

  const std::vector<AddressOwner>& OwnersOf(const Observation& asker,
                                            const IpAddress& address) {
    const absl::string_view host = asker.reporter().host;
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

  Connection OneSided(size_t i) {
    Connection connection = Derived(*ends_[i], nullptr);
    if (!TupleOf(i).is_self()) connection.one_sided = WhyOneSided(i);
    return connection;
  }

  // What is another's other end is not this one's.
  OneSidedReason WhyOneSided(size_t i) {
    for (size_t j = 0; j < ends_.size(); ++j)
      if (AreMirrors(i, j) && !other_end_[j] &&
          FitOf(*ends_[i], *ends_[j]) != Fit::kNone)
        return OneSidedReason::kAmbiguous;
    const IpAddress& remote = TupleOf(i).remote().address();
    const std::vector<AddressOwner>& owners = OwnersOf(*ends_[i], remote);
    if (remote.is_loopback() || !owners.empty()) {
      const bool silent = owners.empty()
                              ? ends_[i]->provenance.stale_since.has_value()
                              : std::all_of(owners.begin(), owners.end(),
                                            [](const AddressOwner& owner) {
                                              return owner.stale;
                                            });
      return silent ? OneSidedReason::kStale : OneSidedReason::kNotReported;
    }
    // A link-local address that is not this host's own may be that of any host
    // on the link.
    return remote.is_link_local() ? OneSidedReason::kAmbiguous
                                  : OneSidedReason::kUnmanaged;
  }

  static Connection TwoSided(const Observation& first,
                             const Observation& second) {
    return Derived(first, &second);
  }

  static Connection Derived(const Observation& first,
                            const Observation* second) {
    Connection connection{.first = first};
    if (second != nullptr) connection.second = *second;
    DeriveRoles(&connection);
    DeriveHalfClosed(&connection);
    if (second != nullptr && first.provenance.stale_since.has_value() !=
                                 second->provenance.stale_since.has_value())
      connection.conflicts.push_back(Conflict::kOneEndStale);
    return connection;
  }

  static void DeriveRoles(Connection* connection) {
    const ConnectionFacts& first = connection->first.facts;
    const Role second =
        connection->second ? connection->second->facts.role : Role::kUnknown;
    if (first.tuple.is_self() || first.role == Role::kBoth ||
        second == Role::kBoth) {
      DeriveBoth(connection);
    } else if (first.role == second && second != Role::kUnknown) {
      DeriveEqualRoles(connection);
    } else if (first.role != Role::kUnknown || second != Role::kUnknown) {
      const bool first_is_client =
          first.role == Role::kClient || second == Role::kServer;
      connection->client =
          first_is_client ? first.tuple.local() : first.tuple.remote();
      connection->server =
          first_is_client ? first.tuple.remote() : first.tuple.local();
      connection->evidence = first.role != Role::kUnknown
                                 ? first.evidence
                                 : connection->second->facts.evidence;
    }
  }

  static void DeriveBoth(Connection* connection) {
    const ConnectionFacts& first = connection->first.facts;
    connection->evidence = first.tuple.is_self() ? RoleEvidence::kSelf
                                                 : RoleEvidence::kSimultaneous;
    if (!first.tuple.is_self()) return;
    connection->client = first.tuple.local();
    connection->server = first.tuple.local();
  }

  // Two ends that both initiated are a simultaneous open; any other equal pair
  // of roles contradicts itself.
  static void DeriveEqualRoles(Connection* connection) {
    const bool both_initiated =
        connection->first.facts.evidence == RoleEvidence::kInitiated &&
        connection->second->facts.evidence == RoleEvidence::kInitiated;
    if (both_initiated)
      connection->evidence = RoleEvidence::kSimultaneous;
    else
      connection->conflicts.push_back(Conflict::kRolesDisagree);
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

  const std::vector<const Observation*> ends_;
  const OwnersOfAddress owners_;
  // Which two of ends_ are one connection's.
  std::vector<std::optional<size_t>> other_end_;
  // What owners_ answered, by address and, for a host-local one, by host.
  std::map<std::pair<IpAddress, absl::string_view>, std::vector<AddressOwner>>
      known_owners_;
};

}  // namespace

std::vector<Connection> Join(absl::Span<const Observation> observations,
                             OwnersOfAddress owners) {
  std::map<std::tuple<FourTuple, absl::string_view, Transport>,
           std::vector<const Observation*>>
      by_tuple;
  for (const Observation& observation : observations) {
    by_tuple[{observation.facts.tuple.Canonical(),
              observation.reporter().network,
              observation.facts.socket.transport}]
        .push_back(&observation);
  }
  std::vector<Connection> connections;
  for (auto& [tuple, ends] : by_tuple)
    TupleJoin(std::move(ends), owners).AppendTo(&connections);
  return connections;
}

}  // namespace connreg
