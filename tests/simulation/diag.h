#ifndef CONNREG_TESTS_SIMULATION_DIAG_H_
#define CONNREG_TESTS_SIMULATION_DIAG_H_

#include <string>

#include "client/agent/sock_diag.h"
#include "service/model/socket.h"
#include "service/net/four_tuple.h"

namespace connreg::simulation {

// The interface to which sockets of a KernelModel may be bound.
inline constexpr char kDevice[] = "eth0";

// As the kernel shows them.
DiagSocket DiagOf(const ConnectionFacts& facts);
DiagSocket DiagOf(const ListenerFacts& facts);

// REQUIRES: it has both ends, with addresses of IPv4.
FourTuple TupleOf(const DiagSocket& socket);

// The name of the interface with this index; empty if there is none.
std::string DeviceOf(uint32_t interface);

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_DIAG_H_
