#ifndef CONNREG_SERVICE_CORE_HOST_DIRECTORY_H_
#define CONNREG_SERVICE_CORE_HOST_DIRECTORY_H_

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "service/core/address_book.h"
#include "service/core/capacity.h"
#include "service/core/history.h"
#include "service/core/lease.h"
#include "service/core/lease_table.h"
#include "service/core/listener_table.h"
#include "service/model/connection.h"
#include "service/model/query.h"
#include "service/model/registration.h"

namespace connreg {

// HostDirectory holds what is known of hosts beside their connections: who
// reports for them and until when, which addresses their network namespaces
// own, and their listeners.
//
// Thread-safe. Its lock is never held together with a shard's: whoever needs
// both asks one, then the other.
class HostDirectory {
 public:
  HostDirectory(const LeaseTable::Options& options, const Clock& clock,
                History& history, Capacity& capacity);

  // A lease, and whether its reporter had none before.
  struct Grant {
    LeasePtr lease;
    bool is_new = false;
  };
  // Renews the reporter's lease, and adds its gaps, addresses and listeners, or
  // replaces what it said before: the addresses by namespace, the listeners by
  // incarnation. What there is no room for is counted in `refusals`.
  //
  // RESOURCE_EXHAUSTED: see LeaseTable::Renew(). Nothing was applied.
  absl::StatusOr<Grant> Put(const Registration& registration,
                            Refusals* refusals);
  // Notes that rows of `lease` were refused for lack of room.
  void NoteRefusal(const Lease& lease);
  // Whether the lease has not ended.
  bool Has(LeaseId lease) const;

  // The lease of `reporter`; null if it has none.
  LeasePtr Find(const Reporter& reporter) const;
  // Takes away listeners of `lease`, and what it told of namespaces.
  DeregistrationOutcome Remove(const Deregistration& deregistration,
                               const Lease& lease);
  // Ends the lease of `reporter`, takes away all that it said, and returns the
  // lease and how many listeners those were; null if it has none.
  std::pair<LeasePtr, size_t> End(const Reporter& reporter);
  // Takes away all that the holder of an ended lease said.
  void RemoveLease(const Lease& lease);
  // Does what time has brought, and takes away what the holders of the leases
  // that ended or expired said.
  LeaseTable::Lapses Lapse();

  // How many reporters have a lease, and how many listeners there are, views of
  // one socket counted apart.
  size_t reporter_count() const;
  size_t listener_count() const;
  // See LeaseTable.
  HostCounts Count(const Scope& scope) const;
  bool HasHost(const Scope& scope) const;
  // The silent hosts in `scope` that own one of `addresses`, or if it names a
  // host that one. Empty if a host that is not silent owns one, too.
  std::vector<StaleHost> SilentOwners(absl::Span<const IpAddress> addresses,
                                      const Scope& scope) const;
  std::vector<Host> List(const HostQuery& query, size_t limit) const;

  // Which namespaces own each of `addresses`, as its asker would reach it.
  std::vector<std::vector<AddressOwner>> Owners(
      absl::Span<const std::pair<const Reporter*, IpAddress>> addresses) const;

  // What people know each of the network namespaces by.
  std::vector<std::string> NetnsNames(
      absl::Span<const std::pair<HostKey, std::string>> namespaces) const;

  // The first `limit` groups above `after`, in the order of their places, of
  // the listeners that would take `packet`; if it is to a wildcard, of those
  // that are bound to it.
  std::vector<ListenerGroup> Takers(const Packet& packet, const Scope& scope,
                                    const std::optional<ListenerPlace>& after,
                                    size_t limit) const;
  // The listeners that the sockets of `connections` were accepted from and that
  // still wait, each once.
  std::vector<ListenerAnswer> AcceptedFrom(
      absl::Span<const Connection> connections) const;
  // See ListenerTable.
  std::vector<ListenerGroup> Scan(const Scope& scope,
                                  const std::optional<ListenerPlace>& after,
                                  size_t limit) const;

  // Adds the endpoints of `query` that have a listener, bound to the endpoint
  // itself or to a wildcard: at least the first `limit` that are not below
  // `first`, and some that may turn out to have none.
  void AddEndpoints(const EndpointQuery& query, const Endpoint& first,
                    size_t limit, std::set<Endpoint>* endpoints) const;

 private:
  void NameNetnsLocked(ListenerAnswer* answer) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Takes away all that the holder of `lease` said, and returns how many
  // listeners that were.
  size_t RemoveLocked(const Lease& lease) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable SharedMutex mutex_;
  LeaseTable leases_ ABSL_GUARDED_BY(mutex_);
  AddressBook addresses_ ABSL_GUARDED_BY(mutex_);
  ListenerTable listeners_ ABSL_GUARDED_BY(mutex_);
  const Clock& clock_;
  Capacity& capacity_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_HOST_DIRECTORY_H_
