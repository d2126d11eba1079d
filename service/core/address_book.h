#ifndef CONNREG_SERVICE_CORE_ADDRESS_BOOK_H_
#define CONNREG_SERVICE_CORE_ADDRESS_BOOK_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "service/core/lease_table.h"
#include "service/model/address_owners.h"
#include "service/model/socket.h"
#include "service/net/ip_address.h"
#include "service/net/prefix.h"

namespace connreg {

// What a network namespace has to do with an address.
enum class Ownership {
  kOwns,
  kDoesNotOwn,
  // Its addresses were not told.
  kUnknown,
};

// AddressBook knows which network namespaces own which addresses, as their
// reporters told. Namespaces of several reporters are told apart by lease, so
// that each takes back only its own word.
//
// Not thread-safe.
class AddressBook {
 public:
  // Takes `addresses` in place of what this lease told of that namespace.
  // Returns whether that changed anything.
  bool Set(const Lease& lease, const LocalAddresses& addresses);

  // Takes back all that this lease told. Returns whether there was anything.
  bool Remove(LeaseId lease);

  // Which namespaces own `address`, as `asker` would reach it. See
  // OwnersOfAddress.
  std::vector<HostNetns> Owners(const Reporter& asker,
                                const IpAddress& address) const;

  // Whether the namespace `netns` of the reporter's host owns `address`; an
  // empty `netns` is any of the host. Loopback addresses are every namespace's
  // own unless it told otherwise.
  Ownership OwnershipOf(const Reporter& reporter, absl::string_view netns,
                        const IpAddress& address) const;

 private:
  // The space in which an address means one thing: a network, or for host-local
  // addresses one host of it.
  using Space = std::pair<std::string, std::string>;

  struct Owner {
    HostNetns netns;
    LeaseId lease;

    bool operator==(const Owner&) const = default;
  };
  // Whether of IPv4, and how many bits.
  using Length = std::pair<bool, int>;
  struct SpaceOwners {
    absl::flat_hash_map<Prefix, std::vector<Owner>> prefixes;
    // How many prefixes there are of each length: those worth looking for.
    std::map<Length, int> lengths;
  };
  // What one lease told.
  struct Told {
    Reporter reporter;
    std::map<std::string, LocalAddresses> by_netns;
  };

  static Length LengthOf(const Prefix& prefix);
  static Space SpaceOf(const Reporter& reporter, const IpAddress& address);
  void Index(const Told& told, LeaseId lease, const LocalAddresses& addresses);
  void Unindex(const Told& told, LeaseId lease,
               const LocalAddresses& addresses);
  bool IsTold(const Reporter& reporter, absl::string_view netns) const;

  absl::flat_hash_map<LeaseId, Told> told_;
  absl::flat_hash_map<Space, SpaceOwners> spaces_;
  // How many leases told of each (network, host), by namespace.
  absl::flat_hash_map<Space, std::map<std::string, int>> told_netns_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_ADDRESS_BOOK_H_
