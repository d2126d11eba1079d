#ifndef CONNREG_SERVICE_CORE_SESSION_TABLE_H_
#define CONNREG_SERVICE_CORE_SESSION_TABLE_H_

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "service/core/agent_runs.h"
#include "service/core/capacity.h"
#include "service/core/connection_table.h"
#include "service/core/host_directory.h"
#include "service/core/machine_claims.h"
#include "service/core/session_index.h"
#include "service/core/session_rows.h"
#include "service/model/report.h"

namespace connreg {

// SessionTable holds the sessions of agents, and applies what they say. The
// calls of one host's agents are made one after another, under a lock that is
// taken before any other, so that nothing of a session that another one has
// superseded is applied after that.
//
// Of an agent whose session is lost it remembers what tells its runs, and the
// machines of its host's name, apart, for as long as it has a lease.
//
// Thread-safe.
class SessionTable {
 public:
  struct Options {
    std::string run_id;
    absl::Duration reconnect_window;
    size_t max_message_bytes = 0;
  };
  // The tables outlive it.
  SessionTable(const Options& options, const Clock& clock, Capacity& capacity,
               ConnectionTable& connections, HostDirectory& hosts)
      : options_(options),
        clock_(clock),
        capacity_(capacity),
        connections_(connections),
        hosts_(hosts) {}

  // See Registry.
  absl::StatusOr<SessionWelcome> Open(const SessionOpening& opening,
                                      std::optional<Epoch>* superseded);
  absl::StatusOr<Ack> Apply(Epoch epoch, const RowBatch& batch);
  absl::StatusOr<Ack> Apply(Epoch epoch, const KeepAlive& keep_alive);
  void End(Epoch epoch, const Goodbye& goodbye);

  // Calls `change` while no session of the agent can begin.
  //
  // FAILED_PRECONDITION: one goes on.
  absl::Status WithoutSession(const Reporter& agent,
                              absl::FunctionRef<void()> change);
  // Ends the lease of the reporter and its session, takes all its rows away,
  // and returns how many those were.
  size_t TakeAway(const Reporter& reporter);

  // Ends the sessions whose leases have lapsed, and returns them, with those
  // that TakeAway() has ended since the call before.
  std::vector<Epoch> NoteLapses(const LeaseTable::Lapses& lapses);

  const SessionIndex& index() const { return index_; }

 private:
  // What is known of an agent by its sessions.
  struct Agent {
    explicit Agent(SessionRows its_rows) : rows(std::move(its_rows)) {}

    // Of the last session; unset if it has ended.
    std::optional<Epoch> epoch;
    SessionRows rows;
    AgentRuns runs;
  };
  struct Agents {
    // By name.
    std::map<std::string, Agent> by_name;
    MachineClaims machines;

    bool AnyAttached() const;
  };
  // The hosts whose names have one hash.
  struct Stripe {
    Mutex mutex;
    absl::btree_map<HostKey, Agents> hosts ABSL_GUARDED_BY(mutex);
  };

  Stripe& StripeOf(const Reporter& reporter);
  // The agent whose session that is; null if it has ended.
  static Agent* FindLocked(Stripe& stripe, const Reporter& reporter,
                           Epoch epoch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(stripe.mutex);
  absl::StatusOr<SessionWelcome> OpenLocked(const SessionOpening& opening,
                                            Agents& agents,
                                            std::optional<Epoch>* superseded);
  // FAILED_PRECONDITION: see Registry::OpenSession().
  absl::Status Admit(const SessionOpening& opening, Agents& agents);
  // Has the agent of the session `apply` something, which returns nothing if
  // the session has ended with its lease.
  absl::StatusOr<Ack> ApplyTo(
      Epoch epoch,
      absl::FunctionRef<absl::StatusOr<std::optional<Ack>>(Agent&)> apply);
  void Detach(Agent& agent, SessionIndex::End end);
  // Ends the lease of the reporter and takes all its rows away.
  size_t Remove(const Reporter& reporter, CloseReason reason);
  // Forgets the agent, and its host if that was its last one.
  void ForgetLocked(Stripe& stripe, const Reporter& reporter)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(stripe.mutex);
  // Detaches the session of a lease that has lapsed, and forgets the agent of
  // one that has ended.
  void NoteLapse(const Lease& lease, bool ended, std::vector<Epoch>* epochs);

  const Options options_;
  const Clock& clock_;
  Capacity& capacity_;
  ConnectionTable& connections_;
  HostDirectory& hosts_;

  SessionIndex index_;
  std::array<Stripe, 64> stripes_;

  Mutex taken_away_mutex_;
  std::vector<Epoch> taken_away_ ABSL_GUARDED_BY(taken_away_mutex_);
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_SESSION_TABLE_H_
