#include "service/core/host_directory.h"

#include <cstdint>
#include <vector>

#include "service/base/status_macros.h"

namespace connreg {
namespace {

HostKey HostOf(const Lease& lease) {
  return {lease.reporter.host, lease.reporter.network};
}

// Worked out while no lock is held: owners may have long texts.
std::vector<uint64_t> DigestsOf(const std::vector<ListenerFacts>& listeners,
                                const Reporter& reporter) {
  std::vector<uint64_t> digests;
  digests.reserve(listeners.size());
  for (const ListenerFacts& facts : listeners)
    digests.push_back(DigestFor(reporter, facts));
  return digests;
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
  const std::vector<uint64_t> digests =
      DigestsOf(registration.listeners, registration.reporter);
  WriterLock lock(mutex_);
  const bool is_new = leases_.Find(registration.reporter) == nullptr;
  ASSIGN_OR_RETURN(const LeasePtr lease,
                   RenewLocked(registration.reporter, registration.ttl,
                               /*in_step=*/true));
  if (registration.gaps) leases_.SetGaps(*lease, *registration.gaps);
  for (const NetworkNamespace& netns : registration.namespaces)
    NoteLocked(addresses_.Set(lease, netns), *lease, refusals);
  const absl::Time now = clock_.Now();
  for (size_t i = 0; i < registration.listeners.size(); ++i) {
    NoteLocked(
        listeners_.Put(registration.listeners[i], digests[i], lease, now),
        *lease, refusals);
  }
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
  addresses_.LiftLimits(lease->id);
  for (const NetworkNamespace& netns : opening.namespaces)
    NoteLocked(addresses_.Set(lease, netns), *lease, refusals);
  listeners_.Review(HostOf(*lease), addresses_);
  if (!in_step) lease->AdvanceMark();
  return Opened{lease, in_step};
}

bool HostDirectory::Apply(const RowBatch& batch, const LeasePtr& lease,
                          bool in_step, Refusals* refusals,
                          std::vector<uint32_t>* refused) {
  const std::vector<uint64_t> digests =
      DigestsOf(batch.listeners, lease->reporter);
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
        listeners_.Put(batch.listeners[place], digests[place], lease, now);
    NoteLocked(limit, *lease, refusals);
    if (limit) refused->push_back(place);
  }
  listeners_.Review(HostOf(*lease), addresses_);
  return true;
}

void HostDirectory::Sweep(const Lease& lease) {
  RemoveListeners(lease, lease.mark());
}

bool HostDirectory::Touch(const Lease& lease, bool in_step) {
  WriterLock lock(mutex_);
  if (!leases_.Touch(lease.id, in_step)) return false;
  if (addresses_.IsLimited(lease.id)) leases_.NoteRefusal(lease);
  return true;
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
                                      std::optional<uint32_t> mark) {
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

}  // namespace connreg
