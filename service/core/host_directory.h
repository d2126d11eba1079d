#ifndef CONNREG_SERVICE_CORE_HOST_DIRECTORY_H_
#define CONNREG_SERVICE_CORE_HOST_DIRECTORY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "service/base/mutex.h"
#include "service/core/address_book.h"
#include "service/core/history.h"
#include "service/core/lease_table.h"
#include "service/model/query.h"
#include "service/model/registration.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"

namespace connreg {

// The listeners of one place, in the order of their namespaces.
struct ListenerGroup {
  ListenerPlace place;
  std::vector<ListenerAnswer> listeners;
};

// HostDirectory holds what is known of hosts beside their connections: which
// addresses their network namespaces own, and their listeners.
//
// Thread-safe. Its lock is never held together with a shard's: whoever needs
// both asks one, then the other.
class HostDirectory {
 public:
  explicit HostDirectory(History& history) : history_(history) {}

  // Adds what the holder of `lease` says, or replaces what it said before: the
  // addresses by namespace, the listeners by incarnation.
  void Put(absl::Span<const LocalAddresses> addresses,
           absl::Span<const ListenerFacts> listeners, const Lease& lease,
           absl::Time now);
  // Takes listeners of `lease` away.
  DeregistrationOutcome Remove(absl::Span<const ListenerName> names,
                               const Lease& lease);
  // Takes away all that the holder of `lease` said, and returns how many
  // listeners that were.
  size_t RemoveLease(LeaseId lease);

  // Which namespaces own each of `addresses`, as its asker would reach it.
  std::vector<std::vector<HostNetns>> Owners(
      absl::Span<const std::pair<const Reporter*, IpAddress>> addresses) const;

  // The first `limit` groups above `after`, in the order of their places, of
  // the listeners that would take a packet for `endpoint`; for a wildcard, of
  // those that are bound to it.
  std::vector<ListenerGroup> Takers(const Endpoint& endpoint,
                                    const Scope& scope,
                                    const std::optional<ListenerPlace>& after,
                                    size_t limit) const;

  // The first `limit` groups above `after` of the listeners in `scope`.
  std::vector<ListenerGroup> Scan(const Scope& scope,
                                  const std::optional<ListenerPlace>& after,
                                  size_t limit) const;

  // How many listeners it holds, views of one socket counted apart.
  size_t size() const;

 private:
  struct Row {
    Listener listener;
    LeaseId lease;
  };
  using Rows = std::vector<Row>;
  using Port = std::pair<Transport, uint16_t>;
  // Transport, host, network.
  using TransportAndHost = std::tuple<Transport, std::string, std::string>;

  void PutLocked(const ListenerFacts& facts, const Lease& lease, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  size_t RemoveLocked(const ListenerName& name, const Lease& lease)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Takes the rows at `place` for which `leaves` is true away.
  template <typename Predicate>
  size_t EraseLocked(const ListenerPlace& place, LeaseId lease,
                     Predicate leaves) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The rows of `port` in `scope`, host by host.
  std::map<TransportAndHost, std::vector<Listener>> RowsByHostLocked(
      uint16_t port, const Scope& scope) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // The listeners of one host, network, transport and port that would take a
  // packet for `address`.
  std::vector<ListenerAnswer> TakersLocked(const std::vector<Listener>& rows,
                                           const IpAddress& address) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  History& history_;

  mutable SharedMutex mutex_;
  AddressBook addresses_ ABSL_GUARDED_BY(mutex_);
  absl::btree_map<ListenerPlace, Rows> places_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Port, absl::btree_set<ListenerPlace>> by_port_
      ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<LeaseId, absl::btree_set<ListenerPlace>> by_lease_
      ABSL_GUARDED_BY(mutex_);
  size_t size_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_HOST_DIRECTORY_H_
