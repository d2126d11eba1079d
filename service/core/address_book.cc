#include "service/core/address_book.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"

namespace connreg {

bool AddressBook::Set(const Lease& lease, const LocalAddresses& addresses) {
  Told& told = told_[lease.id];
  told.reporter = *lease.reporter;
  const auto it = told.by_netns.find(addresses.netns);
  if (it != told.by_netns.end()) {
    if (it->second == addresses) return false;
    Unindex(told, lease.id, it->second);
  }
  told.by_netns[addresses.netns] = addresses;
  Index(told, lease.id, addresses);
  return true;
}

bool AddressBook::Remove(LeaseId lease) {
  const auto it = told_.find(lease);
  if (it == told_.end()) return false;
  for (const auto& [netns, addresses] : it->second.by_netns)
    Unindex(it->second, lease, addresses);
  told_.erase(it);
  return true;
}

std::vector<HostNetns> AddressBook::Owners(const Reporter& asker,
                                           const IpAddress& address) const {
  const auto space = spaces_.find(SpaceOf(asker, address));
  if (space == spaces_.end()) return {};
  std::vector<HostNetns> owners;
  for (const auto& [length, count] : space->second.lengths) {
    const auto& [is_v4, bits] = length;
    if (is_v4 != address.is_v4()) continue;
    const absl::StatusOr<Prefix> prefix = Prefix::Create(address, bits);
    if (!prefix.ok()) continue;
    const auto it = space->second.prefixes.find(*prefix);
    if (it == space->second.prefixes.end()) continue;
    for (const Owner& owner : it->second) owners.push_back(owner.netns);
  }
  std::sort(owners.begin(), owners.end());
  owners.erase(std::unique(owners.begin(), owners.end()), owners.end());
  return owners;
}

Ownership AddressBook::OwnershipOf(const Reporter& reporter,
                                   absl::string_view netns,
                                   const IpAddress& address) const {
  if (!IsTold(reporter, netns))
    return address.is_loopback() ? Ownership::kOwns : Ownership::kUnknown;
  const std::vector<HostNetns> owners = Owners(reporter, address);
  const bool owns =
      std::any_of(owners.begin(), owners.end(), [&](const HostNetns& owner) {
        return owner.host == reporter.host &&
               (netns.empty() || owner.netns == netns);
      });
  return owns ? Ownership::kOwns : Ownership::kDoesNotOwn;
}

AddressBook::Space AddressBook::SpaceOf(const Reporter& reporter,
                                        const IpAddress& address) {
  return {reporter.network, address.is_host_local() ? reporter.host : ""};
}

AddressBook::Length AddressBook::LengthOf(const Prefix& prefix) {
  return {prefix.address().is_v4(), prefix.length()};
}

void AddressBook::Index(const Told& told, LeaseId lease,
                        const LocalAddresses& addresses) {
  const Owner owner{{told.reporter.host, addresses.netns}, lease};
  for (const Prefix& prefix : addresses.prefixes) {
    SpaceOwners& space = spaces_[SpaceOf(told.reporter, prefix.address())];
    std::vector<Owner>& owners = space.prefixes[prefix];
    if (owners.empty()) ++space.lengths[LengthOf(prefix)];
    owners.push_back(owner);
  }
  ++told_netns_[{told.reporter.network, told.reporter.host}][addresses.netns];
}

void AddressBook::Unindex(const Told& told, LeaseId lease,
                          const LocalAddresses& addresses) {
  const Owner owner{{told.reporter.host, addresses.netns}, lease};
  for (const Prefix& prefix : addresses.prefixes) {
    const auto space = spaces_.find(SpaceOf(told.reporter, prefix.address()));
    if (space == spaces_.end()) continue;
    auto& [prefixes, lengths] = space->second;
    const auto it = prefixes.find(prefix);
    if (it == prefixes.end()) continue;
    std::erase(it->second, owner);
    if (!it->second.empty()) continue;
    prefixes.erase(it);
    const auto length = lengths.find(LengthOf(prefix));
    if (--length->second == 0) lengths.erase(length);
    if (prefixes.empty()) spaces_.erase(space);
  }
  const auto host =
      told_netns_.find({told.reporter.network, told.reporter.host});
  const auto netns = host->second.find(addresses.netns);
  if (--netns->second == 0) host->second.erase(netns);
  if (host->second.empty()) told_netns_.erase(host);
}

bool AddressBook::IsTold(const Reporter& reporter,
                         absl::string_view netns) const {
  const auto host = told_netns_.find(Space(reporter.network, reporter.host));
  if (host == told_netns_.end()) return false;
  return netns.empty() || host->second.contains(std::string(netns));
}

}  // namespace connreg
