#ifndef CONNREG_SERVICE_CORE_LISTENER_TABLE_H_
#define CONNREG_SERVICE_CORE_LISTENER_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "service/core/address_book.h"
#include "service/core/capacity.h"
#include "service/core/history.h"
#include "service/core/lease.h"
#include "service/model/host.h"
#include "service/model/query.h"
#include "service/model/registration.h"
#include "service/model/socket.h"

namespace connreg {

// Where a listener of `reporter` is.
ListenerPlace PlaceOf(const Reporter& reporter, const Socket& socket,
                      const Endpoint& local);
Endpoint EndpointOf(const ListenerPlace& place);
bool Matches(const Scope& scope, const ListenerPlace& place);

// The listeners of one place, in the order of their namespaces.
struct ListenerGroup {
  ListenerPlace place;
  std::vector<ListenerAnswer> listeners;
};

// ListenerTable holds the listeners of all hosts.
//
// Not thread-safe.
class ListenerTable {
 public:
  ListenerTable(History& history, Capacity& capacity)
      : history_(history), capacity_(capacity) {}

  // Adds a listener of `lease`, or replaces what it said before of the same
  // incarnation. Returns the limit that keeps a new one out, if one does.
  //
  // REQUIRES: digest == DigestFor(lease->reporter, facts)
  std::optional<RowLimit> Put(const ListenerFacts& facts, uint64_t digest,
                              const LeasePtr& lease, absl::Time now);
  // Takes listeners of `lease` away, and returns how many they were. None is
  // remembered as closed.
  size_t Remove(const ListenerName& name, const Lease& lease);
  // Takes the listeners of `lease` away that were not said under `mark`, or
  // without one all of them: those of a number of places above `*after`, which
  // is moved on, and unset after the last. Returns how many they were.
  size_t RemoveSome(LeaseId lease, std::optional<uint32_t> mark,
                    std::optional<ListenerPlace>* after);

  // Notes what the listeners of `host`, or what is told of its addresses, have
  // become. Takers() relies on it.
  void Review(const HostKey& host, const AddressBook& addresses);

  // The listeners that would take `packet`, in the order of their hosts; if it
  // is to a wildcard, those that are bound to it. `addresses` tells what is
  // owned.
  std::vector<ListenerAnswer> Takers(const Packet& packet, const Scope& scope,
                                     const AddressBook& addresses) const;

  // The listener that `side` was accepted from, by its cookie and by what it
  // can be bound to; unset if it is not there, or `side` does not tell.
  std::optional<Listener> AcceptedFrom(const Observation& side) const;

  // The first `limit` groups above `after` of the listeners in `scope`.
  std::vector<ListenerGroup> Scan(const Scope& scope,
                                  const std::optional<ListenerPlace>& after,
                                  size_t limit) const;

  // Calls `visit` with the places whose addresses are in `prefix`, in the order
  // of their endpoints from `first` on, until it returns false.
  using VisitPlace = absl::FunctionRef<bool(const ListenerPlace&)>;
  void VisitPlacesIn(const Prefix& prefix, const Endpoint& first,
                     VisitPlace visit) const;
  // Calls `visit` with the places of the host, until it returns false.
  void VisitPlacesOf(const std::string& host, VisitPlace visit) const;

  // How many listeners it holds, views of one socket counted apart.
  size_t size() const { return size_; }

 private:
  struct Row {
    ListenerFacts facts;
    LeasePtr lease;
    absl::Time first_seen;
    absl::Time changed;
    uint64_t revision = 0;
    // See Lease.
    uint32_t mark = 0;
    // Of what was reported.
    uint64_t digest = 0;
  };
  // Each stays where it is, for by_cookie_.
  using Rows = std::vector<std::unique_ptr<Row>>;
  using Port = std::pair<Transport, uint16_t>;
  // Transport, host, network.
  using TransportAndHost = std::tuple<Transport, std::string, std::string>;

  static Listener ListenerOf(const Row& row);
  // The first that represents a socket of which some of `views` are.
  static Listener RepresentativeOf(absl::Span<const Row* const> views);
  // What by_cookie_ has the listeners of a socket under. Another socket may
  // have the same.
  static uint64_t KeyOf(const Reporter& reporter, const Socket& socket,
                        uint64_t cookie);
  // Does nothing if the row has no cookie.
  void IndexCookie(const Row& row);
  void UnindexCookie(const Row& row);
  // Counts one listener of the namespace less.
  void Uncount(const HostKey& host, const std::string& netns);
  // Takes the rows at `place` for which `leaves` is true away.
  template <typename Predicate>
  size_t Erase(const ListenerPlace& place, LeaseId lease, Predicate leaves);
  // The hosts that may have a listener for `endpoint`, if they are few: most of
  // a fleet listen on a well-known port, and hardly any own the address.
  std::optional<std::set<std::string>> HostsOf(
      const Endpoint& endpoint, const Scope& scope,
      const AddressBook& addresses) const;
  // The rows of `port` in `scope`, host by host; only of `hosts`, if given.
  std::map<TransportAndHost, std::vector<Listener>> RowsByHost(
      uint16_t port, const Scope& scope,
      const std::optional<std::set<std::string>>& hosts) const;

  History& history_;
  Capacity& capacity_;
  absl::btree_map<ListenerPlace, Rows> places_;
  absl::flat_hash_map<Port, absl::btree_set<ListenerPlace>> by_port_;
  absl::btree_map<Endpoint, std::set<ListenerPlace>> by_endpoint_;
  absl::flat_hash_map<LeaseId, absl::btree_set<ListenerPlace>> by_lease_;
  // In the order in which they came to have their cookies.
  absl::flat_hash_map<uint64_t, absl::InlinedVector<const Row*, 1>> by_cookie_;
  // How many listeners there are in each namespace of a host.
  absl::btree_map<HostKey, std::map<std::string, size_t>> by_netns_;
  // Hosts with a listener in a namespace whose addresses were not told.
  std::set<HostKey> unverified_;
  size_t size_ = 0;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_LISTENER_TABLE_H_
