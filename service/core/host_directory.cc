#include "service/core/host_directory.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <tuple>

#include "service/base/status_macros.h"
#include "service/core/listener_endpoints.h"

namespace connreg {
namespace {

// The first `limit` groups of `answers` above `after`, in order.
std::vector<ListenerGroup> Grouped(std::vector<ListenerAnswer> answers,
                                   const std::optional<ListenerPlace>& after,
                                   size_t limit) {
  std::map<ListenerPlace, std::vector<ListenerAnswer>> by_place;
  for (ListenerAnswer& answer : answers) {
    const ListenerFacts& facts = answer.listener.facts;
    const ListenerPlace place =
        PlaceOf(answer.listener.reporter(), facts.socket, facts.local);
    if (!after || *after < place) by_place[place].push_back(std::move(answer));
  }
  std::vector<ListenerGroup> groups;
  for (auto& [place, listeners] : by_place) {
    if (groups.size() == limit) break;
    groups.push_back({place, std::move(listeners)});
  }
  return groups;
}

HostKey HostOf(const Lease& lease) {
  return {lease.reporter.host, lease.reporter.network};
}

}  // namespace

HostDirectory::HostDirectory(const LeaseTable::Options& options,
                             const Clock& clock, History& history,
                             Capacity& capacity)
    : leases_(options, clock),
      addresses_(history, capacity.limits()),
      listeners_(history, capacity),
      clock_(clock),
      capacity_(capacity) {}

absl::StatusOr<HostDirectory::Grant> HostDirectory::Put(
    const Registration& registration, Refusals* refusals) {
  WriterLock lock(mutex_);
  const bool is_new = leases_.Find(registration.reporter) == nullptr;
  ASSIGN_OR_RETURN(const LeasePtr lease,
                   RenewLocked(registration.reporter, registration.ttl,
                               /*in_step=*/true));
  if (registration.gaps) leases_.SetGaps(*lease, *registration.gaps);
  for (const NetworkNamespace& netns : registration.namespaces)
    NoteLocked(addresses_.Set(lease, netns), *lease, refusals);
  const absl::Time now = clock_.Now();
  for (const ListenerFacts& facts : registration.listeners)
    NoteLocked(listeners_.Put(facts, lease, now), *lease, refusals);
  listeners_.Review(HostOf(*lease), addresses_);
  return Grant{lease, is_new};
}

absl::StatusOr<HostDirectory::Opened> HostDirectory::Open(
    const SessionOpening& opening, Refusals* refusals) {
  WriterLock lock(mutex_);
  const LeasePtr known = leases_.Find(opening.reporter);
  const bool in_step =
      opening.digest == (known == nullptr ? RowDigest() : known->digest());
  ASSIGN_OR_RETURN(const LeasePtr lease,
                   RenewLocked(opening.reporter, opening.ttl, in_step));
  leases_.SetGaps(*lease, opening.gaps);
  std::set<std::string> there;
  for (const NetworkNamespace& netns : opening.namespaces)
    there.insert(netns.netns);
  for (const std::string& netns : addresses_.NamespacesOf(lease->id))
    if (!there.contains(netns)) addresses_.Remove(lease->id, netns);
  for (const NetworkNamespace& netns : opening.namespaces)
    NoteLocked(addresses_.Set(lease, netns), *lease, refusals);
  listeners_.Review(HostOf(*lease), addresses_);
  if (!in_step) lease->AdvanceMark();
  return Opened{lease, in_step};
}

bool HostDirectory::Apply(const RowBatch& batch, const LeasePtr& lease,
                          bool in_step, Refusals* refusals,
                          std::vector<uint32_t>* refused) {
  WriterLock lock(mutex_);
  if (!leases_.Touch(lease->id, in_step)) return false;
  for (const ListenerName& name : batch.gone_listeners)
    listeners_.Remove(name, *lease);
  for (const std::string& netns : batch.gone_namespaces)
    addresses_.Remove(lease->id, netns);
  for (const NetworkNamespace& netns : batch.namespaces)
    NoteLocked(addresses_.Set(lease, netns), *lease, refusals);
  if (batch.gaps) leases_.SetGaps(*lease, *batch.gaps);
  const absl::Time now = clock_.Now();
  for (uint32_t place = 0; place < batch.listeners.size(); ++place) {
    const std::optional<RowLimit> limit =
        listeners_.Put(batch.listeners[place], lease, now);
    NoteLocked(limit, *lease, refusals);
    if (limit) refused->push_back(place);
  }
  listeners_.Review(HostOf(*lease), addresses_);
  return true;
}

void HostDirectory::Sweep(const Lease& lease) {
  RemoveListeners(lease, lease.mark());
}

bool HostDirectory::Touch(LeaseId lease, bool in_step) {
  WriterLock lock(mutex_);
  return leases_.Touch(lease, in_step);
}

void HostDirectory::Silence(LeaseId lease) {
  WriterLock lock(mutex_);
  leases_.Silence(lease);
}

bool HostDirectory::IsSilent(LeaseId lease) const {
  ReaderLock lock(mutex_);
  return leases_.IsSilent(lease);
}

std::vector<LeasePtr> HostDirectory::AgentsOf(const HostKey& key) const {
  ReaderLock lock(mutex_);
  return leases_.AgentsOf(key);
}

absl::StatusOr<LeasePtr> HostDirectory::RenewLocked(const Reporter& reporter,
                                                    absl::Duration ttl,
                                                    bool in_step) {
  absl::StatusOr<LeasePtr> lease = leases_.Renew(reporter, ttl, in_step);
  if (!lease.ok()) capacity_.CountTurnedAway();
  return lease;
}

void HostDirectory::NoteLocked(const std::optional<RowLimit>& limit,
                               Lease& lease, Refusals* refusals) const {
  if (!limit) return;
  refusals->Add(*limit);
  capacity_.CountRefused(*limit, lease);
}

void HostDirectory::NoteRefusal(const Lease& lease) {
  WriterLock lock(mutex_);
  leases_.NoteRefusal(lease);
}

bool HostDirectory::Has(LeaseId lease) const {
  ReaderLock lock(mutex_);
  return leases_.Has(lease);
}

LeasePtr HostDirectory::Find(const Reporter& reporter) const {
  ReaderLock lock(mutex_);
  return leases_.Find(reporter);
}

DeregistrationOutcome HostDirectory::Remove(
    const Deregistration& deregistration, const Lease& lease) {
  WriterLock lock(mutex_);
  DeregistrationOutcome outcome;
  for (const ListenerName& name : deregistration.listeners) {
    const size_t removed = listeners_.Remove(name, lease);
    outcome.removed += removed;
    if (removed == 0) ++outcome.absent;
  }
  for (const std::string& netns : deregistration.namespaces)
    addresses_.Remove(lease.id, netns);
  listeners_.Review(HostOf(lease), addresses_);
  return outcome;
}

std::pair<LeasePtr, size_t> HostDirectory::End(const Reporter& reporter) {
  LeasePtr lease;
  {
    WriterLock lock(mutex_);
    lease = leases_.End(reporter);
  }
  if (lease == nullptr) return {};
  const size_t removed = RemoveLease(*lease);
  return {std::move(lease), removed};
}

size_t HostDirectory::RemoveLease(const Lease& lease) {
  {
    WriterLock lock(mutex_);
    addresses_.Remove(lease.id);
  }
  return RemoveListeners(lease, /*mark=*/std::nullopt);
}

size_t HostDirectory::RemoveListeners(const Lease& lease,
                                      std::optional<uint64_t> mark) {
  size_t removed = 0;
  std::optional<ListenerPlace> after;
  do {
    WriterLock lock(mutex_);
    removed += listeners_.RemoveSome(lease.id, mark, &after);
    if (!after) listeners_.Review(HostOf(lease), addresses_);
  } while (after);
  return removed;
}

LeaseTable::Lapses HostDirectory::Lapse() {
  LeaseTable::Lapses lapses;
  {
    WriterLock lock(mutex_);
    lapses = leases_.Lapse();
  }
  for (const LeaseTable::Lapses::End& end : lapses.ends)
    RemoveLease(*end.lease);
  return lapses;
}

void HostDirectory::NoteStall(absl::Duration stall) {
  WriterLock lock(mutex_);
  leases_.NoteStall(stall);
}

size_t HostDirectory::reporter_count() const {
  ReaderLock lock(mutex_);
  return leases_.size();
}

size_t HostDirectory::listener_count() const {
  ReaderLock lock(mutex_);
  return listeners_.size();
}

HostCounts HostDirectory::Count(const Scope& scope) const {
  ReaderLock lock(mutex_);
  return leases_.Count(scope);
}

bool HostDirectory::HasHost(const Scope& scope) const {
  ReaderLock lock(mutex_);
  return leases_.HasHost(scope);
}

size_t HostDirectory::first_syncing() const {
  ReaderLock lock(mutex_);
  return leases_.first_syncing();
}

std::optional<absl::Time> HostDirectory::expiry_held_since() const {
  ReaderLock lock(mutex_);
  return leases_.expiry_held_since();
}

std::set<HostKey> HostDirectory::OwnersLocked(
    absl::Span<const IpAddress> addresses, const Scope& scope) const {
  std::set<HostKey> hosts;
  if (!scope.host.empty()) {
    for (const Host& host : leases_.List({.scope = scope}, SIZE_MAX))
      if (host.state != HostState::kExpired) hosts.insert(host.key);
    return hosts;
  }
  for (const IpAddress& address : addresses) {
    if (address.is_host_local()) continue;
    addresses_.VisitOwners(
        scope.network, address,
        [&](const std::string& network, const AddressOwner& owner) {
          hosts.insert({owner.host, network});
        });
  }
  return hosts;
}

HostDirectory::MissingOwners HostDirectory::OwnersMissing(
    absl::Span<const IpAddress> addresses, const Scope& scope) const {
  MissingOwners missing;
  bool all_silent = true;
  ReaderLock lock(mutex_);
  for (const HostKey& host : OwnersLocked(addresses, scope)) {
    if (leases_.IsSyncing(host)) missing.syncing = true;
    if (const std::optional<absl::Time> since = leases_.StaleSince(host))
      missing.silent.push_back({host, *since});
    else
      all_silent = false;
  }
  if (!all_silent) missing.silent.clear();
  return missing;
}

std::vector<Host> HostDirectory::List(const HostQuery& query,
                                      size_t limit) const {
  ReaderLock lock(mutex_);
  std::vector<Host> hosts = leases_.List(query, limit);
  for (Host& host : hosts)
    host.namespaces = addresses_.NamespaceCount(host.key);
  return hosts;
}

std::vector<std::vector<AddressOwner>> HostDirectory::Owners(
    absl::Span<const std::pair<const Reporter*, IpAddress>> addresses) const {
  std::vector<std::vector<AddressOwner>> owners;
  owners.reserve(addresses.size());
  ReaderLock lock(mutex_);
  for (const auto& [asker, address] : addresses)
    owners.push_back(addresses_.Owners(*asker, address));
  return owners;
}

std::vector<ListenerGroup> HostDirectory::Takers(
    const Packet& packet, const Scope& scope,
    const std::optional<ListenerPlace>& after, size_t limit) const {
  std::vector<ListenerAnswer> answers;
  {
    ReaderLock lock(mutex_);
    answers = listeners_.Takers(packet, scope, addresses_);
    for (ListenerAnswer& answer : answers) NameNetnsLocked(&answer);
  }
  return Grouped(std::move(answers), after, limit);
}

std::vector<ListenerAnswer> HostDirectory::AcceptedFrom(
    absl::Span<const Connection> connections) const {
  std::vector<ListenerAnswer> listeners;
  std::set<std::tuple<std::string, std::string, std::string, uint64_t>> found;
  ReaderLock lock(mutex_);
  for (const Connection& connection : connections) {
    const Observation* const second =
        connection.second ? &*connection.second : nullptr;
    for (const Observation* side : {&connection.first, second}) {
      if (side == nullptr || side->facts.listener_cookie == 0) continue;
      const std::tuple key(side->reporter().host, side->reporter().network,
                           side->facts.socket.netns,
                           side->facts.listener_cookie);
      if (found.contains(key)) continue;
      std::optional<Listener> listener = listeners_.AcceptedFrom(*side);
      if (!listener) continue;
      listeners.push_back({*std::move(listener)});
      NameNetnsLocked(&listeners.back());
      found.insert(key);
    }
  }
  return listeners;
}

std::vector<ListenerGroup> HostDirectory::Scan(
    const Scope& scope, const std::optional<ListenerPlace>& after,
    size_t limit) const {
  ReaderLock lock(mutex_);
  std::vector<ListenerGroup> groups = listeners_.Scan(scope, after, limit);
  for (ListenerGroup& group : groups)
    for (ListenerAnswer& answer : group.listeners) NameNetnsLocked(&answer);
  return groups;
}

void HostDirectory::NameNetnsLocked(ListenerAnswer* answer) const {
  Listener& listener = answer->listener;
  listener.provenance.netns_name = addresses_.NameOf(
      HostKeyOf(listener.reporter()), listener.facts.socket.netns);
}

std::vector<std::string> HostDirectory::NetnsNames(
    absl::Span<const std::pair<HostKey, std::string>> namespaces) const {
  std::vector<std::string> names;
  names.reserve(namespaces.size());
  ReaderLock lock(mutex_);
  for (const auto& [host, netns] : namespaces)
    names.push_back(addresses_.NameOf(host, netns));
  return names;
}

void HostDirectory::AddEndpoints(const EndpointQuery& query,
                                 const Endpoint& first, size_t limit,
                                 std::set<Endpoint>* endpoints) const {
  ReaderLock lock(mutex_);
  AddListenerEndpoints(listeners_, addresses_, query, first, limit, endpoints);
}

}  // namespace connreg
