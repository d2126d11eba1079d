#ifndef CONNREG_TESTS_PROPERTY_REFERENCE_REGISTRY_H_
#define CONNREG_TESTS_PROPERTY_REFERENCE_REGISTRY_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "service/base/clock.h"
#include "service/core/registry.h"
#include "service/model/address_owners.h"
#include "service/model/select_listener.h"

namespace connreg {

// The registry without shards, indexes, pages and locks: lists of rows that are
// searched from end to end. It shares the pure rules of the model with the real
// one (views, joins, listeners), which have tests of their own.
class ReferenceRegistry {
 public:
  ReferenceRegistry(const Registry::Options& options, const Clock& clock)
      : options_(options), clock_(clock), covered_since_(clock.Now()) {}

  // Returns how many rows were accepted.
  size_t Register(const Registration& registration);
  // Returns how many rows went.
  size_t Deregister(const Deregistration& deregistration);
  void Advance();

  // A predicate is true of one four-tuple and transport at most.
  LookupFinding Lookup(const LookupQuestion& question) const;
  // The whole listing, in no order.
  std::vector<Connection> Connections(const Scope& scope,
                                      const std::optional<Endpoint>& endpoint,
                                      bool show_closed) const;
  std::vector<EndpointSummary> Endpoints(
      const EndpointQuery& query, const std::vector<Endpoint>& all) const;
  std::map<HostKey, HostState> Hosts() const;
  // How many hosts of the network have a reporter that cannot see all.
  size_t GappedHosts(const std::string& network) const;
  // The rows that represent their sockets.
  std::vector<Observation> Shown() const;

  size_t observations() const { return rows_.size(); }
  size_t listeners() const { return listeners_.size(); }
  size_t closed() const { return closed_.size(); }
  size_t rows_of(const Reporter& reporter) const;

 private:
  struct Lease {
    size_t id = 0;
    // When it lapses or, if it is stale, ends.
    absl::Duration deadline;
    std::optional<absl::Time> stale_since;
    std::map<std::string, std::vector<LocalPrefix>> addresses;
    bool gapped = false;
  };
  struct Closed {
    Observation row;
    absl::Duration forget_at;
  };

  void Renew(const Reporter& reporter, absl::Duration ttl);
  bool Put(const Reporter& reporter, const ConnectionFacts& facts);
  bool Put(const Reporter& reporter, const ListenerFacts& facts);
  // Whether there is room for one more row of `reporter`.
  bool HasRoom(const Reporter& reporter) const;
  void Close(Observation row, CloseReason reason);
  size_t End(const Reporter& reporter, std::optional<CloseReason> reason);
  void Lapse(const Reporter& reporter);
  bool HasOther(const Reporter& agent, bool stale) const;

  std::vector<AddressOwner> Owners(const Reporter& asker,
                                   const IpAddress& address) const;
  Ownership OwnershipOf(const Reporter& reporter, const std::string& netns,
                        const IpAddress& address) const;
  std::string DeviceOf(const Reporter& reporter, const std::string& netns,
                       const IpAddress& address) const;
  Arrival ArrivalIn(const Reporter& reporter, const std::string& netns,
                    const Packet& packet) const;
  std::vector<ListenerAnswer> Takers(const Packet& packet,
                                     const Scope& scope) const;
  template <typename Keep>
  std::vector<Connection> Joined(bool closed, Keep keep) const;
  LookupFinding LookupBy(const TuplePredicate& predicate,
                         const LookupQuestion& question) const;
  Absent WhyAbsent(const LookupQuestion& question,
                   std::vector<Connection> closed) const;
  std::optional<HostState> StateOf(const HostKey& key) const;

  const Registry::Options options_;
  const Clock& clock_;
  absl::Time covered_since_;
  size_t last_lease_ = 0;
  std::map<Reporter, Lease> leases_;
  // When they are forgotten.
  std::map<HostKey, absl::Duration> expired_;
  std::vector<Observation> rows_;
  std::vector<Closed> closed_;
  std::vector<Listener> listeners_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_PROPERTY_REFERENCE_REGISTRY_H_
