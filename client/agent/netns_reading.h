#ifndef CONNREG_CLIENT_AGENT_NETNS_READING_H_
#define CONNREG_CLIENT_AGENT_NETNS_READING_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "client/agent/kernel_tables.h"
#include "client/agent/netns_table.h"

namespace connreg {

// What the kernel shows inside of a network namespace, so that the rest can be
// done outside of it.
struct NetnsReading {
  // Kernel::NetnsName().
  std::string netns;
  FoundNetns found;
  SocketTables sockets;
  AddressTable addresses;
  // Why sockets that end are not heard of, if so.
  absl::Status ends = absl::OkStatus();
  // The names of the interfaces that sockets are bound to, by index.
  absl::flat_hash_map<uint32_t, std::string> interfaces;

  // Empty if there is none.
  std::string InterfaceName(uint32_t index) const;
};

// Reads the network namespace that `kernel` shows.
NetnsReading ReadNetns(std::string netns, const FoundNetns& found,
                       const Kernel& kernel);

// What people know it by: its name, or its inode.
std::string TextOf(const FoundNetns& found);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_NETNS_READING_H_
