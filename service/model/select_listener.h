#ifndef CONNREG_SERVICE_MODEL_SELECT_LISTENER_H_
#define CONNREG_SERVICE_MODEL_SELECT_LISTENER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "service/model/socket.h"
#include "service/net/ip_address.h"

namespace connreg {

// By which interface a packet arrives, as far as that is known.
struct Arrival {
  // By this one. Empty: not known. A packet from the namespace itself counts as
  // arriving by the interface that has its address (rt_iif in
  // net/ipv4/route.c, ip6_rcv_core() in net/ipv6/ip6_input.c).
  std::string by = {};
  // Not by this one. Empty: not known.
  std::string not_by = {};
};

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
// interface: where neither the zone of `address` nor `arrival` says which that
// is, each interface that a listener is bound to is possible, and so is any
// other.
//
// Does not ask whether the namespace owns `address`. Knows nothing of what can
// be put before the kernel's own choice: BPF programs of the type sk_lookup,
// transparent proxies (TPROXY), and devices that are part of a VRF.
std::vector<size_t> SelectListener(
    absl::Span<const ListenerFacts* const> listeners, const IpAddress& address,
    const Arrival& arrival = {});

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_SELECT_LISTENER_H_
