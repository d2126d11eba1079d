#ifndef CONNREG_CLIENT_AGENT_COLLECTOR_H_
#define CONNREG_CLIENT_AGENT_COLLECTOR_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/agent/kernel.h"
#include "client/agent/kernel_tables.h"
#include "client/agent/proc.h"
#include "service/model/address_owners.h"
#include "service/model/coverage.h"
#include "service/model/socket.h"

namespace connreg {

// What is known of one network namespace, and what is not.
struct Snapshot {
  std::string netns;
  // Nothing if they could not be read.
  std::optional<NetworkNamespace> addresses;
  std::vector<ListenerFacts> listeners;
  std::vector<ConnectionFacts> connections;

  // The tables of which nothing is known, and all that is not seen of the
  // sockets and the addresses.
  std::vector<SocketTable> unread_tables;
  std::vector<CoverageGap> gaps;
  // What else could not be collected, each with its reason, for people.
  std::vector<std::string> failures;
  // Sockets that the kernel showed and the model cannot express; with the
  // reason of the first.
  size_t inexpressible_count = 0;
  std::string inexpressible_reason;
  // Sockets with as many owners as a report may name, or more.
  size_t crowded_count = 0;
  // Processes that may not be looked into.
  size_t unreadable_process_count = 0;
};

// Whether it lacks listeners, connections or addresses, or some of their
// details.
bool IsPartial(const Snapshot& snapshot);

// Collector takes a snapshot of the TCP and UDP sockets of one network
// namespace: the sockets, the local addresses, the processes that hold them,
// and the roles that follow.
//
// A snapshot is not one instant: sockets are read before processes, so that a
// socket's holder is rarely missed. What cannot be read is left out and said
// so.
//
// Thread-safe.
class Collector {
 public:
  // `netns` is Kernel::NetnsName(). The others are to outlive the collector.
  Collector(const Kernel& kernel, const ProcessTable& processes,
            std::string netns)
      : kernel_(kernel), processes_(processes), netns_(std::move(netns)) {}

  Snapshot Collect() const;

 private:
  void AddRows(const std::vector<DiagSocket>& sockets,
               Snapshot* snapshot) const;

  const Kernel& kernel_;
  const ProcessTable& processes_;
  const std::string netns_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_COLLECTOR_H_
