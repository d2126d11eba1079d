#include "service/core/address_book.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/status/statusor.h"

namespace connreg {

std::optional<RowLimit> AddressBook::Set(const LeasePtr& lease,
                                         const NetworkNamespace& told) {
  Told& all = told_[lease->id];
  all.lease = lease;
  const std::optional<RowLimit> limit = Replace(all, told);
  if (!limit)
    all.limited.erase(told.netns);
  else if (all.limited.size() < limits_.namespaces_per_reporter)
    all.limited.insert(told.netns);
  else if (!all.limited.contains(told.netns))
    all.are_more_limited = true;
  return limit;
}

std::optional<RowLimit> AddressBook::Replace(Told& all,
                                             const NetworkNamespace& told) {
  const auto it = all.by_netns.find(told.netns);
  const bool is_new = it == all.by_netns.end();
  if (!is_new && it->second == told) return std::nullopt;
  if (is_new && all.by_netns.size() >= limits_.namespaces_per_reporter)
    return RowLimit::kNamespacesPerReporter;
  const size_t before = is_new ? 0 : it->second.prefixes.size();
  const size_t after = all.prefixes - before + told.prefixes.size();
  if (after > limits_.prefixes_per_reporter)
    return RowLimit::kPrefixesPerReporter;
  if (!is_new) Unindex(all.lease, it->second);
  all.by_netns[told.netns] = told;
  all.prefixes = after;
  Index(all.lease, told);
  history_.Record();
  return std::nullopt;
}

void AddressBook::Remove(LeaseId lease, const std::string& netns) {
  const auto all = told_.find(lease);
  if (all == told_.end()) return;
  all->second.limited.erase(netns);
  const auto it = all->second.by_netns.find(netns);
  if (it == all->second.by_netns.end()) return;
  Unindex(all->second.lease, it->second);
  all->second.prefixes -= it->second.prefixes.size();
  all->second.by_netns.erase(it);
  history_.Record();
}

void AddressBook::Remove(LeaseId lease) {
  const auto it = told_.find(lease);
  if (it == told_.end()) return;
  for (const auto& [netns, told] : it->second.by_netns)
    Unindex(it->second.lease, told);
  told_.erase(it);
  history_.Record();
}

std::vector<std::string> AddressBook::NamespacesOf(LeaseId lease) const {
  std::vector<std::string> names;
  if (const auto it = told_.find(lease); it != told_.end())
    for (const auto& [netns, told] : it->second.by_netns)
      names.push_back(netns);
  return names;
}

bool AddressBook::IsLimited(LeaseId lease) const {
  const auto it = told_.find(lease);
  return it != told_.end() &&
         (!it->second.limited.empty() || it->second.are_more_limited);
}

void AddressBook::LiftLimits(LeaseId lease) {
  const auto it = told_.find(lease);
  if (it == told_.end()) return;
  it->second.limited.clear();
  it->second.are_more_limited = false;
}

std::vector<AddressOwner> AddressBook::Owners(const Reporter& asker,
                                              const IpAddress& address) const {
  const auto space = spaces_.find(SpaceOf(asker, address));
  if (space == spaces_.end()) return {};
  return OwnersIn(space->second, address);
}

std::vector<std::vector<AddressOwner>> AddressBook::Owners(
    absl::Span<const OwnersQuestion> questions) const {
  std::vector<std::vector<AddressOwner>> owners;
  owners.reserve(questions.size());
  // Most questions are of one network.
  auto space = spaces_.end();
  for (const auto& [asker, address] : questions) {
    if (address.is_host_local()) {
      owners.push_back(Owners(*asker, address));
      continue;
    }
    if (space == spaces_.end() || space->first.first != asker->network)
      space = spaces_.find({asker->network, ""});
    owners.push_back(space == spaces_.end() ? std::vector<AddressOwner>()
                                            : OwnersIn(space->second, address));
  }
  return owners;
}

std::vector<AddressOwner> AddressBook::OwnersIn(const SpaceOwners& space,
                                                const IpAddress& address) {
  std::vector<AddressOwner> owners;
  const auto& lengths = space.lengths;
  for (auto length = lengths.rbegin(); length != lengths.rend(); ++length) {
    const auto& [is_v4, bits] = length->first;
    if (is_v4 != address.is_v4()) continue;
    const absl::StatusOr<Prefix> prefix = bits == address.bits()
                                              ? Prefix(address)
                                              : Prefix::Create(address, bits);
    if (!prefix.ok()) continue;
    const auto it = space.owners.find(*prefix);
    if (it == space.owners.end()) continue;
    for (const Owner& owner : it->second) owners.push_back(OwnerOf(owner));
  }
  if (owners.size() < 2) return owners;
  // Of one namespace, what is in force comes before what is stale, and then the
  // longest prefix.
  const auto rank = [](const AddressOwner& owner) {
    return std::tie(owner.host, owner.netns, owner.stale);
  };
  std::stable_sort(owners.begin(), owners.end(),
                   [&](const AddressOwner& a, const AddressOwner& b) {
                     return rank(a) < rank(b);
                   });
  const auto same = [](const AddressOwner& a, const AddressOwner& b) {
    return a.host == b.host && a.netns == b.netns;
  };
  owners.erase(std::unique(owners.begin(), owners.end(), same), owners.end());
  return owners;
}

std::string AddressBook::NameOf(absl::string_view host,
                                absl::string_view network,
                                const std::string& netns) const {
  const auto of_host = told_netns_.find(SpaceView(network, host));
  if (of_host == told_netns_.end()) return "";
  const auto names = of_host->second.find(netns);
  if (names == of_host->second.end()) return "";
  const auto last =
      std::find_if(names->second.rbegin(), names->second.rend(),
                   [](const auto& name) { return !name.second.empty(); });
  return last == names->second.rend() ? "" : last->second;
}

size_t AddressBook::NamespaceCount(const HostKey& host) const {
  const auto it = told_netns_.find(SpaceView(host.network, host.name));
  return it == told_netns_.end() ? 0 : it->second.size();
}

void AddressBook::Visit(const Prefix& prefix, const Scope& scope,
                        const IpAddress& first, VisitOwned visit) const {
  for (auto space = spaces_.lower_bound({scope.network, ""});
       space != spaces_.end(); ++space) {
    const std::string& network = space->first.first;
    const std::string& host = space->first.second;
    if (!scope.network.empty() && network != scope.network) return;
    if (!host.empty() && host != scope.host) continue;
    const auto& [owners, prefixes, lengths] = space->second;
    const auto visit_owners = [&](const Prefix& owned,
                                  const std::vector<Owner>& by) {
      return std::all_of(by.begin(), by.end(), [&](const Owner& owner) {
        if (!scope.host.empty() && owner.lease->reporter.host != scope.host)
          return true;
        return visit(network, owned.address(), OwnerOf(owner));
      });
    };
    for (auto it = prefixes.lower_bound(Prefix(first));
         it != prefixes.end() && !prefix.IsBefore(it->address()); ++it) {
      if (!it->is_single_address() || !prefix.ContainsInAnyZone(it->address()))
        continue;
      if (!visit_owners(*it, owners.at(*it))) break;
    }
  }
}

void AddressBook::VisitOwners(
    const std::string& network, const IpAddress& address,
    absl::FunctionRef<void(const std::string&, const AddressOwner&)> visit)
    const {
  for (auto space = spaces_.lower_bound({network, ""});
       space != spaces_.end() &&
       (network.empty() || space->first.first == network);
       // On to the next network: those of single hosts, of which there are very
       // many, have no addresses that mean the same elsewhere.
       space = spaces_.lower_bound({space->first.first + '\0', ""})) {
    if (!space->first.second.empty()) continue;
    const Reporter asker{.network = space->first.first};
    for (const AddressOwner& owner : Owners(asker, address))
      visit(space->first.first, owner);
  }
}

Ownership AddressBook::OwnershipOf(
    const Reporter& reporter, absl::string_view netns, const IpAddress& address,
    absl::Span<const AddressOwner> owners) const {
  if (address.is_loopback()) return Ownership::kOwns;
  if (!IsTold({reporter.host, reporter.network}, netns))
    return Ownership::kUnknown;
  const auto is_before = [](const AddressOwner& owner,
                            const std::string& host) {
    return owner.host < host;
  };
  for (auto it = std::lower_bound(owners.begin(), owners.end(), reporter.host,
                                  is_before);
       it != owners.end() && it->host == reporter.host; ++it)
    if (netns.empty() || it->netns == netns) return Ownership::kOwns;
  return Ownership::kDoesNotOwn;
}

AddressBook::Space AddressBook::SpaceOf(const Reporter& reporter,
                                        const IpAddress& address) {
  return {reporter.network, address.is_host_local() ? reporter.host : ""};
}

AddressBook::Length AddressBook::LengthOf(const Prefix& prefix) {
  return {prefix.address().is_v4(), prefix.length()};
}

AddressOwner AddressBook::OwnerOf(const Owner& owner) {
  return {.host = owner.lease->reporter.host,
          .netns = owner.netns,
          .stale = owner.lease->stale_since().has_value(),
          .device = owner.device};
}

void AddressBook::Index(const LeasePtr& lease, const NetworkNamespace& told) {
  const Reporter& reporter = lease->reporter;
  for (const LocalPrefix& local : told.prefixes) {
    SpaceOwners& space = spaces_[SpaceOf(reporter, local.prefix.address())];
    std::vector<Owner>& owners = space.owners[local.prefix];
    if (owners.empty()) {
      space.prefixes.insert(local.prefix);
      ++space.lengths[LengthOf(local.prefix)];
    }
    owners.push_back({told.netns, local.device, lease});
  }
  told_netns_[{reporter.network, reporter.host}][told.netns][lease->id] =
      told.name;
}

void AddressBook::Unindex(const LeasePtr& lease, const NetworkNamespace& told) {
  const Reporter& reporter = lease->reporter;
  for (const LocalPrefix& local : told.prefixes) {
    const auto space = spaces_.find(SpaceOf(reporter, local.prefix.address()));
    if (space == spaces_.end()) continue;
    auto& [owners, prefixes, lengths] = space->second;
    const auto it = owners.find(local.prefix);
    if (it == owners.end()) continue;
    std::erase(it->second, Owner{told.netns, local.device, lease});
    if (!it->second.empty()) continue;
    owners.erase(it);
    prefixes.erase(local.prefix);
    const auto length = lengths.find(LengthOf(local.prefix));
    if (--length->second == 0) lengths.erase(length);
    if (prefixes.empty()) spaces_.erase(space);
  }
  const auto host = told_netns_.find({reporter.network, reporter.host});
  const auto netns = host->second.find(told.netns);
  netns->second.erase(lease->id);
  if (netns->second.empty()) host->second.erase(netns);
  if (host->second.empty()) told_netns_.erase(host);
}

bool AddressBook::IsTold(const HostKey& host, absl::string_view netns) const {
  const auto it = told_netns_.find(SpaceView(host.network, host.name));
  if (it == told_netns_.end()) return false;
  return netns.empty() || it->second.contains(std::string(netns));
}

}  // namespace connreg
