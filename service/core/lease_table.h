#ifndef CONNREG_SERVICE_CORE_LEASE_TABLE_H_
#define CONNREG_SERVICE_CORE_LEASE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "service/model/socket.h"

namespace connreg {

// Names one lease from its grant to its end. A reporter that comes back after
// its lease ended gets another one, with a higher id, so that what is left to
// do for the old one cannot touch the rows of the new.
enum class LeaseId : uint64_t {};

// A lease and who holds it.
struct Lease {
  LeaseId id;
  // Never null.
  std::shared_ptr<const Reporter> reporter;
};

// LeaseTable grants each reporter the right to be believed for a time. It knows
// nothing of rows: whoever ends a lease takes its rows away afterwards.
//
// Leases end by the monotonic clock, and only when EndLapsed() is called.
//
// Thread-safe.
class LeaseTable {
 public:
  explicit LeaseTable(const Clock& clock) : clock_(clock) {}

  // Lets the reporter's lease end `ttl` from now; grants one if it has none.
  Lease Renew(const Reporter& reporter, absl::Duration ttl);

  // The lease of `reporter`, if one is in force.
  std::optional<Lease> Find(const Reporter& reporter) const;
  bool InForce(LeaseId id) const;

  // Ends the lease of `reporter`, and returns it if there was one.
  std::optional<Lease> End(const Reporter& reporter);
  // Ends the leases whose time is over, and returns them.
  std::vector<Lease> EndLapsed();

  size_t size() const;
  // How many hosts have an agent with a lease in force.
  size_t agent_host_count() const;
  // Whether any reporter of `host` has a lease in force.
  bool HasHost(absl::string_view host) const;

 private:
  struct Grant {
    Lease lease;
    // On the monotonic clock.
    absl::Duration end;
  };
  // How many leases there are for a host.
  struct HostLeases {
    size_t agents = 0;
    size_t programs = 0;
  };

  void CountLocked(const Reporter& reporter, int change)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;

  mutable SharedMutex mutex_;
  uint64_t last_id_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<Reporter, Grant> grants_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<LeaseId> in_force_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<std::string, HostLeases> hosts_ ABSL_GUARDED_BY(mutex_);
  size_t agent_hosts_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_LEASE_TABLE_H_
