#ifndef CONNREG_SERVICE_MODEL_ADDRESS_OWNERS_H_
#define CONNREG_SERVICE_MODEL_ADDRESS_OWNERS_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "service/model/socket.h"
#include "service/net/ip_address.h"
#include "service/net/prefix.h"

namespace connreg {

// A network namespace that owns an address.
struct AddressOwner {
  std::string host;
  std::string netns;
  // Whether nobody who says so has a lease in force.
  bool stale = false;
  // The interface that has it. Empty: not told.
  std::string device = {};

  bool operator==(const AddressOwner&) const = default;
  auto operator<=>(const AddressOwner&) const = default;
};

// Addresses that a network namespace takes packets for: a route of its kernel's
// local routing table.
struct LocalPrefix {
  Prefix prefix;
  // The interface that has them. Empty: not told.
  std::string device = {};

  bool operator==(const LocalPrefix&) const = default;
};

// What is told of a network namespace beside its sockets.
struct NetworkNamespace {
  std::string netns;
  std::vector<LocalPrefix> prefixes;
  // What people know it by. Empty: nothing.
  std::string name = {};

  bool operator==(const NetworkNamespace&) const = default;
};

// Tells which network namespaces own `address`, as `asker` would reach it: in
// the asker's network, or for a host-local address on the asker's host. Each
// once; empty: nobody is known to.
using OwnersOfAddress = absl::FunctionRef<std::vector<AddressOwner>(
    const Reporter& asker, const IpAddress& address)>;

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_ADDRESS_OWNERS_H_
