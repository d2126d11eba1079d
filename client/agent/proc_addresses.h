#ifndef CONNREG_CLIENT_AGENT_PROC_ADDRESSES_H_
#define CONNREG_CLIENT_AGENT_PROC_ADDRESSES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "service/net/ip_address.h"
#include "service/net/prefix.h"

// The local addresses, out of what /proc/net shows as text.
namespace connreg {

// The prefixes of the local routes of IPv4 in `text`, a /proc/net/fib_trie
// (fib_trie_seq_show() in net/ipv4/fib_trie.c): in order, each once.
//
// DATA_LOSS: a route's address or length is malformed. It says where.
absl::StatusOr<std::vector<Prefix>> ParseFibTrie(absl::string_view text);

// An address of IPv6 that an interface has.
struct InterfaceAddress {
  // Without a zone.
  IpAddress address;
  uint32_t interface = 0;
  std::string interface_name;

  bool operator==(const InterfaceAddress&) const = default;
};

// The addresses in `text`, a /proc/net/if_inet6 (if6_seq_show() in
// net/ipv6/addrconf.c), as they came.
//
// DATA_LOSS: a line is malformed. It says which.
absl::StatusOr<std::vector<InterfaceAddress>> ParseIfInet6(
    absl::string_view text);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_PROC_ADDRESSES_H_
