#ifndef CONNREG_CLIENT_AGENT_KERNEL_TABLES_H_
#define CONNREG_CLIENT_AGENT_KERNEL_TABLES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "client/agent/kernel.h"
#include "client/agent/sock_diag.h"
#include "service/model/address_owners.h"
#include "service/model/coverage.h"
#include "service/model/socket.h"

// What the kernel shows of a network namespace: over netlink, and where that is
// refused in /proc/net. What is lost by that, or altogether, is said as gaps.
namespace connreg {

// The sockets of one family and transport.
struct SocketTable {
  SocketFamily family = SocketFamily::kUnknown;
  Transport transport = Transport::kTcp;

  bool operator==(const SocketTable&) const = default;
};

struct SocketTables {
  // Each once, as it was read last.
  std::vector<DiagSocket> sockets;
  std::vector<SocketTable> unread;
  std::vector<CoverageGap> gaps;
  // Sockets at a link-local address of which it is not known on which of
  // several interfaces.
  size_t unzoned_count = 0;
};

SocketTables ReadSockets(const Kernel& kernel);

// How many prefixes a report takes of one network namespace.
inline constexpr size_t kMaxPrefixes = 10'000;

struct AddressTable {
  // Nothing if they could not be read, or are more than a report takes: what is
  // not in a list counts as somebody else's.
  std::optional<std::vector<LocalPrefix>> prefixes;
  std::vector<CoverageGap> gaps;
};

AddressTable ReadAddresses(const Kernel& kernel);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_KERNEL_TABLES_H_
