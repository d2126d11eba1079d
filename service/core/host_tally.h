#ifndef CONNREG_SERVICE_CORE_HOST_TALLY_H_
#define CONNREG_SERVICE_CORE_HOST_TALLY_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "service/model/coverage.h"
#include "service/model/host.h"

namespace connreg {

// The member of `counts` for `state`.
uint32_t& CountOf(HostState state, HostCounts& counts);

// HostTally counts hosts by their states, network by network.
//
// Not thread-safe.
class HostTally {
 public:
  // Counts `change` more hosts of `network` in `state`.
  void Add(const std::string& network, HostState state, int change);
  // Counts `change` more that a reporter cannot see all of.
  void AddGapped(const std::string& network, int change);

  // Of `network`, or if that is empty of all.
  HostCounts Of(const std::string& network) const;
  // How many hosts have an agent, silent ones among them.
  size_t with_agent() const { return all_.live + all_.syncing + all_.stale; }
  size_t stale() const { return all_.stale; }

 private:
  void DropIfNone(const std::string& network);

  absl::flat_hash_map<std::string, HostCounts> by_network_;
  HostCounts all_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_HOST_TALLY_H_
