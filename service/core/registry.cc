#include "service/core/registry.h"

#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

bool IsTruncated(const FoundConnections& found) { return found.truncated; }
bool IsTruncated(const FoundListeners& found) { return found.truncated; }
bool IsTruncated(const Absent&) { return false; }

absl::Status LeaseEnded(const Reporter& reporter) {
  return WithDetail(absl::AbortedError(absl::StrCat(
                        "reporter ", reporter.name, " of host ", reporter.host,
                        ": its lease ended while the rows were "
                        "being added; send them again")),
                    {.reason = "LEASE_ENDED"});
}

}  // namespace

Registry::Registry(const Options& options, const Clock& clock)
    : options_(options),
      clock_(clock),
      start_time_(clock.Now()),
      sync_end_(clock.Monotonic() + options.sync_time),
      history_(start_time_),
      capacity_(options.limits),
      connections_(options.hash_key,
                   {.closed_age = options.closed_age,
                    .closed_rows = options.closed_rows},
                   clock, history_, capacity_),
      hosts_({.grace = options.grace,
              .memory = options.closed_age,
              .max_reporters = options.limits.reporters,
              .hold_expiry = options.hold_expiry},
             clock, history_, capacity_),
      sessions_({.run_id = options.run_id,
                 .reconnect_window = options.reconnect_window,
                 .max_message_bytes = options.max_message_bytes},
                clock, capacity_, connections_, hosts_),
      joiner_(connections_, hosts_),
      finder_(connections_, hosts_, joiner_, history_),
      batch_finder_(connections_, hosts_, finder_),
      lister_(connections_, hosts_, joiner_) {
  syncing();
}

absl::StatusOr<RegistrationOutcome> Registry::Register(
    const Registration& registration) {
  if (registration.reporter.kind != ReporterKind::kAgent)
    return Add(registration);
  absl::StatusOr<RegistrationOutcome> outcome;
  RETURN_IF_ERROR(sessions_.WithoutSession(
      registration.reporter, [&] { outcome = Add(registration); }));
  return outcome;
}

absl::StatusOr<RegistrationOutcome> Registry::Add(
    const Registration& registration) {
  Refusals refusals;
  ASSIGN_OR_RETURN(const HostDirectory::Grant grant,
                   hosts_.Put(registration, &refusals));
  const LeasePtr& lease = grant.lease;
  connections_.Put(registration.connections, lease, &refusals);
  // Whoever ends a lease does so before taking its rows away. So either those
  // put above were there to be taken, or the end shows here.
  if (!hosts_.Has(lease->id)) {
    hosts_.RemoveLease(*lease);
    connections_.RemoveLease(*lease, std::nullopt);
    return LeaseEnded(registration.reporter);
  }
  if (refusals.total() > 0) hosts_.NoteRefusal(*lease);
  return RegistrationOutcome{.accepted = registration.listeners.size() +
                                         registration.connections.size() -
                                         refusals.of_rows(),
                             .limits = capacity_.Reached(refusals),
                             .lease_granted = grant.is_new};
}

absl::StatusOr<DeregistrationOutcome> Registry::Deregister(
    const Deregistration& deregistration) {
  if (deregistration.all) {
    return DeregistrationOutcome{
        .removed = sessions_.TakeAway(deregistration.reporter)};
  }
  if (deregistration.reporter.kind != ReporterKind::kAgent)
    return Remove(deregistration);
  DeregistrationOutcome outcome;
  RETURN_IF_ERROR(sessions_.WithoutSession(
      deregistration.reporter, [&] { outcome = Remove(deregistration); }));
  return outcome;
}

DeregistrationOutcome Registry::Remove(const Deregistration& deregistration) {
  const LeasePtr lease = hosts_.Find(deregistration.reporter);
  if (lease == nullptr) {
    return {.absent = deregistration.listeners.size() +
                      deregistration.connections.size()};
  }
  DeregistrationOutcome outcome = hosts_.Remove(deregistration, *lease);
  const size_t connections =
      connections_.Remove(deregistration.connections, lease->reporter);
  outcome.removed += connections;
  outcome.absent += deregistration.connections.size() - connections;
  return outcome;
}

absl::StatusOr<SessionWelcome> Registry::OpenSession(
    const SessionOpening& opening, std::optional<Epoch>* superseded) {
  return sessions_.Open(opening, superseded);
}

absl::StatusOr<Ack> Registry::Apply(Epoch epoch, const RowBatch& batch) {
  return sessions_.Apply(epoch, batch);
}

absl::StatusOr<Ack> Registry::Apply(Epoch epoch, const KeepAlive& keep_alive) {
  return sessions_.Apply(epoch, keep_alive);
}

void Registry::EndSession(Epoch epoch, const Goodbye& goodbye) {
  sessions_.End(epoch, goodbye);
}

void Registry::LoseSession(Epoch epoch) { sessions_.End(epoch, Goodbye()); }

void Registry::NoteStall(absl::Duration stall) {
  stalled_ += absl::ToInt64Nanoseconds(stall);
  hosts_.NoteStall(stall);
}

LookupAnswer Registry::Lookup(const LookupQuestion& question) const {
  LookupAnswer answer{.coverage = CoverageOf(question.scope)};
  answer.found = finder_.Find(question, answer.coverage.syncing);
  answer.coverage.truncated = std::visit(
      [](const auto& found) { return IsTruncated(found); }, answer.found);
  return answer;
}

BatchLookupAnswer Registry::BatchLookup(
    const BatchLookupQuestion& question) const {
  Coverage coverage =
      CoverageOf({.network = question.network, .host = question.host});
  BatchLookupAnswer answer = batch_finder_.Find(question, coverage.syncing);
  answer.coverage = std::move(coverage);
  return answer;
}

ConnectionPage Registry::ListConnections(const ConnectionQuery& query) const {
  return Listed(&Lister::ListConnections, query);
}

ListenerPage Registry::ListListeners(const ListenerQuery& query) const {
  return Listed(&Lister::ListListeners, query);
}

EndpointPage Registry::ListEndpoints(const EndpointQuery& query) const {
  return Listed(&Lister::ListEndpoints, query);
}

HostPage Registry::ListHosts(const HostQuery& query) const {
  HostPage page = Listed(&Lister::ListHosts, query);
  sessions_.index().Describe(&page.hosts);
  return page;
}

RegistryStatus Registry::GetStatus() const {
  return {.start_time = start_time_,
          .coverage = CoverageOf({}),
          .observations = connections_.size(),
          .listeners = hosts_.listener_count(),
          .reporters = hosts_.reporter_count(),
          .closed = connections_.closed_size(),
          .not_seen_since = history_.covered_since(),
          .grace = options_.grace,
          .limits = capacity_.Reached(),
          .sessions = sessions_.index().size(),
          .divergences = sessions_.index().divergences(),
          .expiry_held_since = hosts_.expiry_held_since()};
}

bool Registry::syncing() const {
  if (synced_.load()) return false;
  const uint32_t expected = options_.expected_hosts;
  const bool all_back = expected > 0 && hosts_.Count({}).live >= expected;
  const absl::Duration now =
      clock_.Monotonic() - absl::Nanoseconds(stalled_.load());
  const bool may_wait = now < sync_end_ + options_.sync_time;
  if (!all_back &&
      (now < sync_end_ || (may_wait && hosts_.first_syncing() > 0)))
    return true;
  synced_.store(true);
  return false;
}

Registry::Changes Registry::Advance() {
  Changes changes;
  const LeaseTable::Lapses lapses = hosts_.Lapse();
  for (const LeasePtr& lease : lapses.live)
    changes.live.push_back(lease->reporter);
  for (const LeasePtr& lease : lapses.stale)
    changes.stale.push_back(lease->reporter);
  for (const auto& [lease, expired] : lapses.ends) {
    std::optional<CloseReason> reason;
    if (!expired) reason = CloseReason::kLeaseEnded;
    connections_.RemoveLease(*lease, reason);
    (expired ? changes.expired : changes.ended).push_back(lease->reporter);
  }
  changes.lapsed_sessions = sessions_.NoteLapses(lapses);
  // A host that comes later does not make it syncing again.
  syncing();
  connections_.Forget();
  return changes;
}

template <typename Page, typename Query>
Page Registry::Listed(Page (Lister::*list)(const Query&) const,
                      const Query& query) const {
  Coverage coverage = CoverageOf(query.scope);
  Page page = (lister_.*list)(query);
  page.coverage = std::move(coverage);
  return page;
}

Coverage Registry::CoverageOf(const Scope& scope) const {
  return {.run_id = options_.run_id,
          .revision = history_.revision(),
          .syncing = syncing(),
          .hosts = hosts_.Count(scope),
          .expected_hosts = scope.network.empty() && scope.host.empty()
                                ? options_.expected_hosts
                                : 0};
}

}  // namespace connreg
