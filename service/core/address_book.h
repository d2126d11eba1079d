#ifndef CONNREG_SERVICE_CORE_ADDRESS_BOOK_H_
#define CONNREG_SERVICE_CORE_ADDRESS_BOOK_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "service/core/capacity.h"
#include "service/core/history.h"
#include "service/core/lease.h"
#include "service/model/address_owners.h"
#include "service/model/host.h"
#include "service/model/query.h"
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

// Which namespaces own an address, as `asker` would reach it: see
// OwnersOfAddress.
struct OwnersQuestion {
  const Reporter* asker;
  IpAddress address;
};

// AddressBook knows which network namespaces own which addresses, as their
// reporters told. Namespaces of several reporters are told apart by lease, so
// that each takes back only its own word.
//
// Not thread-safe.
class AddressBook {
 public:
  AddressBook(History& history, const Limits& limits)
      : history_(history), limits_(limits) {}

  // Takes `told` in place of what this lease told of that namespace. Else the
  // limit that stands against it, and what it told stays; the namespace is
  // limited until it is told anew or taken back.
  std::optional<RowLimit> Set(const LeasePtr& lease,
                              const NetworkNamespace& told);

  // Takes back what this lease told of the namespace, if anything.
  void Remove(LeaseId lease, const std::string& netns);
  // Takes back all that this lease told.
  void Remove(LeaseId lease);

  // The namespaces that this lease told of.
  std::vector<std::string> NamespacesOf(LeaseId lease) const;
  // Whether one of them, or one that there was no room for, is limited.
  bool IsLimited(LeaseId lease) const;
  // This lease tells all its namespaces anew: none is limited.
  void LiftLimits(LeaseId lease);

  // Which namespaces own `address`, as `asker` would reach it. See
  // OwnersOfAddress.
  std::vector<AddressOwner> Owners(const Reporter& asker,
                                   const IpAddress& address) const;
  // The same of each of `questions`.
  std::vector<std::vector<AddressOwner>> Owners(
      absl::Span<const OwnersQuestion> questions) const;

  // Calls `visit` with each owner of `address`, which is not host-local, in
  // `network`, or if that is empty in any, and with that network.
  void VisitOwners(
      const std::string& network, const IpAddress& address,
      absl::FunctionRef<void(const std::string&, const AddressOwner&)> visit)
      const;

  // Whether the namespace `netns` of the reporter's host owns `address`, whose
  // Owners() are `owners`; an empty `netns` is any of the host. Loopback
  // addresses are every namespace's own, told or not.
  Ownership OwnershipOf(const Reporter& reporter, absl::string_view netns,
                        const IpAddress& address,
                        absl::Span<const AddressOwner> owners) const;

  // Whether addresses of that namespace were told; an empty one is any of the
  // host.
  bool IsTold(const HostKey& host, absl::string_view netns) const;
  // What people know that namespace by, as the lease says that was granted last
  // of those that say anything. Empty: nothing.
  std::string NameOf(absl::string_view host, absl::string_view network,
                     const std::string& netns) const;
  // Of how many namespaces of the host addresses were told.
  size_t NamespaceCount(const HostKey& host) const;

  // Calls `visit` with each single address in `prefix` that a namespace of
  // `scope` owns, with its network and each owner: by network, and in each in
  // the order of the addresses from `first` on. Goes on with the next network
  // when it returns false. Host-local addresses are visited only if the scope
  // names a host.
  using VisitOwned = absl::FunctionRef<bool(const std::string& network,
                                            const IpAddress& address,
                                            const AddressOwner& owner)>;
  void Visit(const Prefix& prefix, const Scope& scope, const IpAddress& first,
             VisitOwned visit) const;

 private:
  // The space in which an address means one thing: a network, or for host-local
  // addresses one host of it.
  using Space = std::pair<std::string, std::string>;

  // For questions that have not a space, but its parts.
  using SpaceView = std::pair<absl::string_view, absl::string_view>;
  struct SpaceHash {
    using is_transparent = void;
    size_t operator()(const SpaceView& space) const {
      return absl::HashOf(space);
    }
  };
  struct SpaceEqual {
    using is_transparent = void;
    bool operator()(const SpaceView& a, const SpaceView& b) const {
      return a == b;
    }
  };

  struct Owner {
    std::string netns;
    std::string device;
    LeasePtr lease;

    bool operator==(const Owner&) const = default;
  };
  // Whether of IPv4, and how many bits.
  using Length = std::pair<bool, int>;
  struct SpaceOwners {
    absl::flat_hash_map<Prefix, std::vector<Owner>> owners;
    // The same prefixes in their order.
    absl::btree_set<Prefix> prefixes;
    // How many prefixes there are of each length: those worth looking for.
    std::map<Length, int> lengths;
  };
  // What one lease told.
  struct Told {
    LeasePtr lease;
    std::map<std::string, NetworkNamespace> by_netns;
    size_t prefixes = 0;
    // Namespaces that met a limit, as many as may be told, and whether there
    // were more.
    absl::flat_hash_set<std::string> limited;
    bool are_more_limited = false;
  };

  std::optional<RowLimit> Replace(Told& all, const NetworkNamespace& told);
  static Length LengthOf(const Prefix& prefix);
  static Space SpaceOf(const Reporter& reporter, const IpAddress& address);
  static AddressOwner OwnerOf(const Owner& owner);
  static std::vector<AddressOwner> OwnersIn(const SpaceOwners& space,
                                            const IpAddress& address);
  void Index(const LeasePtr& lease, const NetworkNamespace& told);
  void Unindex(const LeasePtr& lease, const NetworkNamespace& told);

  History& history_;
  const Limits& limits_;
  absl::flat_hash_map<LeaseId, Told> told_;
  // In order, so that those of one network stand together.
  absl::btree_map<Space, SpaceOwners> spaces_;
  // What leases call each namespace of (network, host).
  using Names = std::map<LeaseId, std::string>;
  using NamesByNetns = std::map<std::string, Names>;
  absl::flat_hash_map<Space, NamesByNetns, SpaceHash, SpaceEqual> told_netns_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_ADDRESS_BOOK_H_
