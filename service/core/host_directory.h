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
#include "service/model/report.h"

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
  struct Opened {
    LeasePtr lease;
    // Whether its rows are those that the agent has; else a snapshot begins.
    bool in_step = false;
  };
  // The same of a session that begins: of `opening` the namespaces and gaps, in
  // place of all that was told before.
  absl::StatusOr<Opened> Open(const SessionOpening& opening,
                              Refusals* refusals);
  // Renews the lease of a session, and does what `batch` says beside
  // connections: takes away, then adds or replaces. What there is no room for
  // is counted in `refusals`, and the places of listeners are added to
  // `refused`. False if the lease has ended; then nothing was done.
  bool Apply(const RowBatch& batch, const LeasePtr& lease, bool in_step,
             Refusals* refusals, std::vector<uint32_t>* refused);
  // Takes away the listeners of `lease` that its snapshot lacks.
  void Sweep(const Lease& lease);
  // Renews the lease of a session, and notes that its namespaces met a limit if
  // they did. False if it has ended.
  bool Touch(const Lease& lease, bool in_step);
  // See LeaseTable.
  void Silence(LeaseId lease);
  bool IsSilent(LeaseId lease) const;
  std::vector<LeasePtr> AgentsOf(const HostKey& key) const;
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
  // Takes away all that the holder of an ended lease said, and returns how many
  // listeners those were.
  size_t RemoveLease(const Lease& lease);
  // Does what time has brought, and takes away what the holders of the leases
  // that ended or expired said.
  LeaseTable::Lapses Lapse();
  // Lets all leases last so much longer.
  void NoteStall(absl::Duration stall);

  // How many reporters have a lease, and how many listeners there are, views of
  // one socket counted apart.
  size_t reporter_count() const;
  size_t listener_count() const;
  // See LeaseTable.
  HostCounts Count(const Scope& scope) const;
  bool HasHost(const Scope& scope) const;
  size_t first_syncing() const;
  std::optional<absl::Time> expiry_held_since() const;
  struct MissingOwners {
    // Whether one of them is saying all that there is.
    bool syncing = false;
    // Those that are silent; empty if another one is not.
    std::vector<StaleHost> silent;
  };
  // Of the hosts in `scope` that own one of `addresses`, or if it names a host
  // of that one, those that cannot say now what there is.
  MissingOwners OwnersMissing(absl::Span<const IpAddress> addresses,
                              const Scope& scope) const;
  std::vector<Host> List(const HostQuery& query, size_t limit) const;

  // What each of `questions` asks.
  std::vector<std::vector<AddressOwner>> Owners(
      absl::Span<const OwnersQuestion> questions) const;

  // Gives each of `rows` what people know its network namespace by.
  void NameNetns(absl::Span<Observation* const> rows) const;
  // What people know each of the network namespaces by.
  std::vector<std::string> NetnsNames(
      absl::Span<const std::pair<HostKey, std::string>> namespaces) const;

  // The first `limit` groups above `after`, in the order of their places, of
  // the listeners that would take `packet`; if it is to a wildcard, of those
  // that are bound to it.
  std::vector<ListenerGroup> Takers(const Packet& packet, const Scope& scope,
                                    const std::optional<ListenerPlace>& after,
                                    size_t limit) const;
  // The listeners that the sockets of `connections`, whose namespaces are
  // named, were accepted from and that still wait, each once.
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
  // Counts what met a limit.
  void NoteLocked(const std::optional<RowLimit>& limit, Lease& lease,
                  Refusals* refusals) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<LeasePtr> RenewLocked(const Reporter& reporter,
                                       absl::Duration ttl, bool in_step)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Takes away the listeners of `lease` that were not said under `mark`, or
  // without one all of them, and returns how many that were. Lets go of the
  // lock now and then.
  size_t RemoveListeners(const Lease& lease, std::optional<uint32_t> mark);
  // The hosts in `scope` that own one of `addresses`, or the one it names.
  std::set<HostKey> OwnersLocked(absl::Span<const IpAddress> addresses,
                                 const Scope& scope) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  mutable SharedMutex mutex_;
  LeaseTable leases_ ABSL_GUARDED_BY(mutex_);
  AddressBook addresses_ ABSL_GUARDED_BY(mutex_);
  ListenerTable listeners_ ABSL_GUARDED_BY(mutex_);
  const Clock& clock_;
  Capacity& capacity_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_HOST_DIRECTORY_H_
