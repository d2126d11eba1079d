#ifndef CONNREG_CLIENT_AGENT_SNAPSHOT_H_
#define CONNREG_CLIENT_AGENT_SNAPSHOT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/agent/kernel_tables.h"
#include "client/agent/sock_diag.h"
#include "service/model/address_owners.h"
#include "service/model/coverage.h"
#include "service/model/socket.h"

namespace connreg {

// What is known of one network namespace.
struct NetnsSnapshot {
  // Kernel::NetnsName().
  std::string netns;
  // See FoundNetns.
  uint64_t inode = 0;
  // Nothing if they could not be read.
  std::optional<NetworkNamespace> addresses;
  std::vector<ListenerFacts> listeners;
  std::vector<ConnectionFacts> connections;
  // The tables of which nothing is known.
  std::vector<SocketTable> unread_tables;
  // Of `connections`, as the kernel shows them, those in FIN-WAIT-2 that no
  // process has open: the kernel does not tell when these end.
  std::vector<DiagSocket> remainders = {};
};

// What is known of the sockets of one host, and what is not.
struct Snapshot {
  // The agent's own first.
  std::vector<NetnsSnapshot> namespaces;
  // Those that are there too, and of which nothing is known, by inode.
  std::vector<uint64_t> unread_inodes;
  // There may be others that were not even found.
  bool may_lack_namespaces = false;

  // All that is not seen of the sockets and the addresses.
  std::vector<CoverageGap> gaps;
  // What else could not be collected, each with its reason, for people.
  std::vector<std::string> failures;
  // Sockets that the kernel showed and the model cannot express; with the
  // reason of the first.
  size_t inexpressible_count = 0;
  std::string inexpressible_reason;
  // Sockets with more owners than a report may name, or may tell all of.
  size_t crowded_count = 0;
  // Processes that may not be looked into.
  size_t unreadable_process_count = 0;
};

// Whether it lacks listeners, connections or addresses, or some of their
// details.
bool IsPartial(const Snapshot& snapshot);

// How many listeners and connections there are in all network namespaces.
size_t CountListeners(const Snapshot& snapshot);
size_t CountConnections(const Snapshot& snapshot);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_SNAPSHOT_H_
