#ifndef CONNREG_SERVICE_CORE_REGISTRY_H_
#define CONNREG_SERVICE_CORE_REGISTRY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "service/base/clock.h"
#include "service/base/sip_hash.h"
#include "service/core/connection_table.h"
#include "service/core/history.h"
#include "service/core/host_directory.h"
#include "service/core/lease_table.h"
#include "service/model/query.h"
#include "service/model/registration.h"

namespace connreg {

// Registry is every listener and connection that reporters with a lease say
// there are. It composes the tables, and joins the two ends of a connection
// when it is asked.
//
// It knows nothing of the wire, starts no threads, and does nothing by itself:
// whoever owns it calls ExpireLeases() from time to time.
//
// Thread-safe. Rows become visible one by one; when Register() returns, all of
// its are.
class Registry {
 public:
  struct Options {
    // Names this life of the registry; revisions and positions mean nothing in
    // another.
    std::string run_id;
    // A secret drawn at random for this run.
    SipHashKey hash_key;
  };

  Registry(const Options& options, const Clock& clock);

  // Adds rows, and renews the reporter's lease.
  //
  // ABORTED: the lease ended meanwhile, and none of the rows is left.
  absl::Status Register(const Registration& registration);

  // Takes rows of one reporter away.
  DeregistrationOutcome Deregister(const Deregistration& deregistration);

  LookupAnswer Lookup(const LookupQuestion& question) const;
  ConnectionPage ListConnections(const ConnectionQuery& query) const;
  ListenerPage ListListeners(const ListenerQuery& query) const;
  RegistryStatus GetStatus() const;

  // Ends the leases whose time is over, takes their rows away, and returns who
  // held them.
  std::vector<Reporter> ExpireLeases();

  const std::string& run_id() const { return run_id_; }

 private:
  // Returns how many rows it took away.
  size_t RemoveLease(LeaseId lease);
  Coverage CurrentCoverage() const;
  // The connections of each group that are in `scope`.
  std::vector<std::vector<Connection>> Joined(
      const std::vector<RowGroup>& groups, const Scope& scope) const;
  // Empty if there are none.
  FoundConnections FindConnections(const LookupQuestion& question) const;
  FoundListeners FindListeners(const LookupQuestion& question) const;
  Absent WhyAbsent(const LookupQuestion& question) const;

  const std::string run_id_;
  const Clock& clock_;
  const absl::Time start_time_;

  History history_;
  LeaseTable leases_;
  ConnectionTable connections_;
  HostDirectory hosts_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_REGISTRY_H_
