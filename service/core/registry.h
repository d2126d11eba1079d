#ifndef CONNREG_SERVICE_CORE_REGISTRY_H_
#define CONNREG_SERVICE_CORE_REGISTRY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/base/clock.h"
#include "service/base/sip_hash.h"
#include "service/core/batch_finder.h"
#include "service/core/capacity.h"
#include "service/core/connection_table.h"
#include "service/core/finder.h"
#include "service/core/history.h"
#include "service/core/host_directory.h"
#include "service/core/joiner.h"
#include "service/core/lister.h"
#include "service/core/session_table.h"
#include "service/model/batch.h"
#include "service/model/query.h"
#include "service/model/registration.h"
#include "service/model/report.h"

namespace connreg {

// Registry is every listener and connection that reporters with a lease say
// there are. It composes the tables, and joins the two ends of a connection
// when it is asked.
//
// It knows nothing of the wire, starts no threads, and does nothing by itself:
// whoever owns it calls Advance() from time to time.
//
// Thread-safe. Rows become visible one by one; when Register() returns, all of
// its are.
class Registry {
 public:
  struct Options {
    // Names this life of the registry; revisions and positions mean nothing in
    // another.
    std::string run_id;
    // A secret drawn at random for this run.
    SipHashKey hash_key;
    Limits limits;
    // How long a host keeps its rows after its agent's lease has lapsed.
    absl::Duration grace = absl::Minutes(2);
    // How long, and how many closed connections are remembered; expired hosts
    // are as long.
    absl::Duration closed_age = absl::Hours(1);
    size_t closed_rows = 100'000;
    // For how long from its start it is SYNCING, and for as long again at most
    // while hosts are amid their first snapshots; unless as many hosts as are
    // expected have come back before. 0 hosts: not told.
    absl::Duration sync_time = absl::Seconds(40);
    uint32_t expected_hosts = 0;
    // Over how long a time agents are to come back that have lost their
    // streams.
    absl::Duration reconnect_window = absl::Seconds(10);
    // Whether stale hosts are kept when very many have gone silent at once.
    bool hold_expiry = true;
    // The largest message that whoever serves the registry takes.
    size_t max_message_bytes = 4 << 20;
  };

  Registry(const Options& options, const Clock& clock);

  // Adds rows, and renews the reporter's lease. What there is no room for is
  // told in the outcome.
  //
  // ABORTED: the lease ended meanwhile, and none of the rows is left.
  // FAILED_PRECONDITION: the reporter has a session. Nothing was applied.
  // RESOURCE_EXHAUSTED: there are as many reporters as there may be. Nothing
  //   was applied.
  absl::StatusOr<RegistrationOutcome> Register(
      const Registration& registration);

  // Takes rows of one reporter away.
  //
  // FAILED_PRECONDITION: only some are named, and the reporter has a session.
  absl::StatusOr<DeregistrationOutcome> Deregister(
      const Deregistration& deregistration);

  // Begins a session, which ends the one of this reporter before it: that is
  // told by `superseded`, unless it was lost before.
  //
  // FAILED_PRECONDITION: another run of the agent has taken this one's place
  //   (RUN_SUPERSEDED), or another machine reports under the host's name
  //   (HOST_NAME_TAKEN).
  // RESOURCE_EXHAUSTED: as Register().
  absl::StatusOr<SessionWelcome> OpenSession(const SessionOpening& opening,
                                             std::optional<Epoch>* superseded);
  // What the agent of a session says, in the order in which it says it. One
  // session's calls are made one after another.
  //
  // ABORTED: the session has ended; nothing was applied.
  // INVALID_ARGUMENT: `seq` is not the next (SEQ_OUT_OF_ORDER), a snapshot goes
  //   on that has not begun (NO_SNAPSHOT), or a claim is made amid one
  //   (CLAIM_AMID_SNAPSHOT); nothing was applied.
  absl::StatusOr<Ack> Apply(Epoch epoch, const RowBatch& batch);
  absl::StatusOr<Ack> Apply(Epoch epoch, const KeepAlive& keep_alive);
  // Ends a session, on purpose or since its stream was lost. One that has ended
  // already is passed over.
  void EndSession(Epoch epoch, const Goodbye& goodbye);
  void LoseSession(Epoch epoch);

  // The service itself stood still for so long: all leases last as much longer.
  void NoteStall(absl::Duration stall);

  LookupAnswer Lookup(const LookupQuestion& question) const;
  BatchLookupAnswer BatchLookup(const BatchLookupQuestion& question) const;
  ConnectionPage ListConnections(const ConnectionQuery& query) const;
  ListenerPage ListListeners(const ListenerQuery& query) const;
  EndpointPage ListEndpoints(const EndpointQuery& query) const;
  HostPage ListHosts(const HostQuery& query) const;
  RegistryStatus GetStatus() const;

  // Whether hosts may not have come back yet since the start.
  bool syncing() const;

  // Who has come, gone silent, or is gone, since the call before.
  struct Changes {
    // Agents by which hosts are live that were not.
    std::vector<Reporter> live;
    // Agents of hosts that are stale from now on, and of those that are
    // expired.
    std::vector<Reporter> stale;
    std::vector<Reporter> expired;
    // Others whose lease ended.
    std::vector<Reporter> ended;
    // Sessions that ended since their leases lapsed or were taken away.
    std::vector<Epoch> lapsed_sessions;
  };
  // Does what time has brought: ends leases, expires hosts, and forgets.
  Changes Advance();

  const std::string& run_id() const { return options_.run_id; }

 private:
  // A page, with the coverage from before it was made.
  template <typename Page, typename Query>
  Page Listed(Page (Lister::*list)(const Query&) const,
              const Query& query) const;
  Coverage CoverageOf(const Scope& scope) const;
  absl::StatusOr<RegistrationOutcome> Add(const Registration& registration);
  DeregistrationOutcome Remove(const Deregistration& deregistration);

  const Options options_;
  const Clock& clock_;
  const absl::Time start_time_;
  // On the monotonic clock, without the time in which the service stood still.
  const absl::Duration sync_end_;

  // Set once and for all.
  mutable std::atomic<bool> synced_{false};
  // For how long the service stood still, in nanoseconds.
  std::atomic<int64_t> stalled_{0};
  History history_;
  Capacity capacity_;
  ConnectionTable connections_;
  HostDirectory hosts_;
  SessionTable sessions_;
  const Joiner joiner_;
  const Finder finder_;
  const BatchFinder batch_finder_;
  const Lister lister_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_REGISTRY_H_
