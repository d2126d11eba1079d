#ifndef CONNREG_CLIENT_AGENT_LOCAL_ADDRESSES_H_
#define CONNREG_CLIENT_AGENT_LOCAL_ADDRESSES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "client/agent/interfaces.h"
#include "client/agent/netlink.h"
#include "service/model/address_owners.h"

namespace connreg {

// The prefixes of the local routes in `messages`, as NetlinkDump() returns them
// for routes: those of type RTN_LOCAL in the table RT_TABLE_LOCAL, each with
// the interface that it is on. Routes of other types and tables are passed
// over. Link-local addresses get the route's interface for their zone. In
// order, each once: of several routes to one prefix it is the first.
//
// DATA_LOSS: a message is cut short or is not a route, or its address and
//   length do not fit together. It says where.
absl::StatusOr<std::vector<LocalPrefix>> ParseLocalRoutes(Bytes messages,
                                                          InterfaceNames names);

// The addresses that the calling thread's network namespace takes packets for:
// the kernel's local routing tables of IPv4 and IPv6, together. In order, each
// once; none if no interface is up.
//
// The errors of NetlinkDump() and ParseLocalRoutes().
absl::StatusOr<std::vector<LocalPrefix>> DumpLocalPrefixes(
    InterfaceNames names);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_LOCAL_ADDRESSES_H_
