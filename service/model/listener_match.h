#ifndef CONNREG_SERVICE_MODEL_LISTENER_MATCH_H_
#define CONNREG_SERVICE_MODEL_LISTENER_MATCH_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"
#include "service/model/socket.h"
#include "service/net/ip_address.h"

namespace connreg {

// Those of `listeners`, by their places, that the kernel may hand a packet for
// `address` to. All are of one host, network namespace, transport and port.
//
// The sockets bound to the exact address go before the wildcards, and among
// those the ones made for IPv4 before the dual-stack ones. An IPv6 wildcard
// takes IPv4 unless it is IPV6_V6ONLY. A socket bound to a device takes what
// arrives by it alone.
//
// Several are left where the kernel spreads packets over them (SO_REUSEPORT),
// or picks by the order of listen(2) or bind(2), as between a socket bound to
// the arriving device and one bound to none; where a UDP socket bound to a
// device goes before any other only if they share their port by SO_REUSEADDR;
// where multicast and broadcast go to all; and where it depends on the arriving
// interface: `address` with a zone names it, else each interface that a
// listener is bound to is possible, and so is any other.
//
// Does not ask whether the namespace owns `address`.
std::vector<size_t> EffectiveListeners(
    absl::Span<const ListenerFacts* const> listeners, const IpAddress& address);

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_LISTENER_MATCH_H_
