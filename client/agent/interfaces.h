#ifndef CONNREG_CLIENT_AGENT_INTERFACES_H_
#define CONNREG_CLIENT_AGENT_INTERFACES_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "service/net/ip_address.h"

namespace connreg {

// Tells the name of the interface with an index; empty if there is none.
using InterfaceNames = absl::FunctionRef<std::string(uint32_t index)>;

// The name of the interface `index`, or its number where it has no name that
// can stand for a zone: the interface may be gone, and the kernel also allows
// names that no address could carry.
std::string InterfaceText(uint32_t index, InterfaceNames names);

// `address`, with the interface `index` for its zone if it is link-local. Index
// 0 is none.
IpAddress InZone(const IpAddress& address, uint32_t index,
                 InterfaceNames names);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_INTERFACES_H_
