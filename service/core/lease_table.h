#ifndef CONNREG_SERVICE_CORE_LEASE_TABLE_H_
#define CONNREG_SERVICE_CORE_LEASE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/base/clock.h"
#include "service/core/expiry_hold.h"
#include "service/core/host_tally.h"
#include "service/core/lease.h"
#include "service/core/limited_reporters.h"
#include "service/model/coverage.h"
#include "service/model/host.h"
#include "service/model/query.h"
#include "service/model/socket.h"

namespace connreg {

// LeaseTable grants each reporter the right to be believed for a time, and
// knows from that which hosts are live. It knows nothing of rows: whoever ends
// a lease takes its rows away afterwards.
//
// A program's lease ends when it lapses. An agent's is kept for the grace, if
// no other agent reports for the host: the host is stale, until the agent
// renews the same lease or another agent takes its place. An agent that has
// begun to say all that there is makes its host syncing until it is in step.
//
// Leases lapse by the monotonic clock, and only when Lapse() is called.
//
// Not thread-safe.
class LeaseTable {
 public:
  struct Options {
    // How long a silent host keeps its rows.
    absl::Duration grace;
    // How long an expired host is remembered.
    absl::Duration memory;
    size_t max_reporters = 0;
    // Whether hosts are kept from expiring when too many go silent at once.
    bool hold_expiry = false;
  };
  // Hosts expire until so many leases have ended, or so many rows have gone;
  // others have to wait for the next Lapse().
  static constexpr size_t kExpiriesPerLapse = 1000;
  static constexpr size_t kRowsPerLapse = 50'000;

  LeaseTable(const Options& options, const Clock& clock)
      : options_(options), clock_(clock) {}

  // Lets the reporter's lease lapse `ttl` from now; grants one if it has none.
  // `in_step`: its holder has said all that there is.
  //
  // At the limit an agent takes the place of a stale one of its host, whose
  // lease ends then and is among the ends of the next Lapse().
  //
  // RESOURCE_EXHAUSTED: there are `max_reporters` others, and it takes the
  // place
  //   of none.
  absl::StatusOr<LeasePtr> Renew(const Reporter& reporter, absl::Duration ttl,
                                 bool in_step = true);
  // Lets the lease lapse as long from now as it was renewed for. False if it
  // has ended.
  bool Touch(LeaseId id, bool in_step);
  // Notes that the agent that holds the lease is gone for now: its stream was
  // lost.
  void Silence(LeaseId id);

  // The lease of `reporter`, in force or stale. Null if it has none.
  LeasePtr Find(const Reporter& reporter) const;
  // Whether the lease has not ended.
  bool Has(LeaseId id) const { return grants_.contains(id); }
  // Whether the lease has ended, or its agent gone silent.
  bool IsSilent(LeaseId id) const;
  // Those of the host's agents.
  std::vector<LeasePtr> AgentsOf(const HostKey& key) const;

  // Ends the lease of `reporter`, and returns it; null if it has none.
  LeasePtr End(const Reporter& reporter);

  struct Lapses {
    // By which hosts have gone live since the call before; the first
    // `max_reporters`.
    std::vector<LeasePtr> live;
    // Agents' leases that are stale from now on.
    std::vector<LeasePtr> stale;
    // Leases that ended, in the order in which they did.
    struct End {
      LeasePtr lease;
      // Whether that is since its host expired.
      bool expired = false;
    };
    std::vector<End> ends;
  };
  // Does what time has brought.
  Lapses Lapse();
  // Lets all leases last so much longer.
  void NoteStall(absl::Duration stall) { stalled_ += stall; }

  // Notes what the holder of `lease` cannot see, in place of what it said
  // before.
  //
  // REQUIRES: Has(lease.id)
  void SetGaps(const Lease& lease, std::vector<CoverageGap> gaps);
  // Notes that rows of `lease` were refused for lack of room.
  void NoteRefusal(const Lease& lease);

  size_t size() const { return grants_.size(); }
  // What is known of the hosts in `scope`.
  HostCounts Count(const Scope& scope) const;
  // Whether anybody reports for a host in `scope`.
  bool HasHost(const Scope& scope) const;
  // Since when the host is silent, if it is.
  std::optional<absl::Time> StaleSince(const HostKey& key) const;
  // Whether the host's agent is saying all that there is.
  bool IsSyncing(const HostKey& key) const;
  // How many hosts' agents are doing so for the first time.
  size_t first_syncing() const { return first_syncing_; }
  // Since when no host may expire. Unset: they may.
  std::optional<absl::Time> expiry_held_since() const {
    return options_.hold_expiry ? hold_.since() : std::nullopt;
  }
  // The first `limit` hosts of `query`, without their namespaces.
  std::vector<Host> List(const HostQuery& query, size_t limit) const;

 private:
  // What an agent does; programs always speak.
  enum class Phase { kSpeaks, kSyncing, kSilent };
  struct Grant {
    LeasePtr lease;
    Phase phase = Phase::kSpeaks;
    absl::Duration ttl;
    // When it lapses or, if it is silent, ends. See Now().
    absl::Duration deadline;
    std::vector<CoverageGap> gaps;
  };
  struct HostRecord {
    // Unset before the first lease.
    std::optional<HostState> state;
    absl::Time state_time;
    absl::Time last_report;
    // When an expired one is. See Now().
    absl::Duration forgotten_at;
    // Whether it has been live.
    bool was_live = false;
    std::set<LeaseId> leases;
    // How many of them are agents', by their phases.
    size_t live_agents = 0;
    size_t syncing_agents = 0;
    size_t stale_agents = 0;
    // How many of them are of reporters that cannot see all.
    size_t gapped = 0;
  };
  using Hosts = absl::btree_map<HostKey, HostRecord>;
  using Deadline = std::pair<absl::Duration, LeaseId>;
  using Deadlines = absl::btree_set<Deadline>;
  // How far one Lapse() has come with what expires.
  struct Pace {
    Deadline after{-absl::InfiniteDuration(), LeaseId{}};
    size_t leases = 0;
    size_t rows = 0;
  };

  // The monotonic clock, without the time in which the service stood still.
  absl::Duration Now() const { return clock_.Monotonic() - stalled_; }
  static size_t& CountOf(Phase phase, HostRecord& host);
  Host Describe(const HostKey& key, const HostRecord& record) const;
  // Whether the reporter may have one more lease, now that it takes the place
  // of a stale one if there is no room.
  bool MakeRoomFor(const Reporter& reporter);
  Grant& GrantNew(const Reporter& reporter);
  void Revive(Grant& grant, absl::Duration ttl, bool in_step);
  void SetPhase(Grant& grant, Phase phase);
  Deadlines& DeadlinesOf(const Grant& grant);
  void SetDeadline(Grant& grant, absl::Duration deadline);
  // Lets an agent's lease be stale from now on.
  void FallSilent(Grant& grant);
  // Takes the grant away, and leaves its host's state to the caller.
  LeasePtr Drop(LeaseId id);
  void LapseOne(LeaseId id, Lapses* lapses);
  // Ends the stale leases whose time comes before then.
  void Expire(const Deadline& before, Pace* pace, Lapses* lapses);
  void ExpireOne(LeaseId id, Lapses* lapses);
  // Lets the stale leases of a host that has a live agent again end then, at
  // the latest: the agent may still be telling what it sees.
  void EndStale(HostRecord& host, absl::Duration latest);
  // Gives a host the state that its leases make, and forgets one without.
  void Settle(const HostKey& key);
  void SetState(const HostKey& key, HostRecord& host, HostState state);
  void CountHost(const HostKey& key, const HostRecord& host, int change);
  // Counts one lease more, or less, of a reporter that cannot see all.
  void CountGapped(const HostKey& key, int change);
  void ForgetExpired(absl::Duration now);
  // Calls `visit` with each host in `scope`, from the first above `after`,
  // until it returns false.
  template <typename Visit>
  void ForEachHost(const Scope& scope, const std::optional<HostKey>& after,
                   Visit visit) const;

  const Options options_;
  const Clock& clock_;

  uint64_t last_id_ = 0;
  absl::btree_map<LeaseId, Grant> grants_;
  absl::flat_hash_map<Reporter, LeaseId> by_reporter_;
  // Of leases in force, and of those that are stale.
  Deadlines lapses_;
  Deadlines expiries_;
  Hosts hosts_;
  HostTally tally_;
  size_t first_syncing_ = 0;
  ExpiryHold hold_;
  absl::Duration stalled_;
  // Expired hosts, by the time when they are forgotten.
  absl::btree_set<std::pair<absl::Duration, HostKey>> expired_;
  LimitedReporters limited_;
  // For the next Lapse().
  std::vector<LeasePtr> went_live_;
  std::vector<LeasePtr> went_stale_;
  std::vector<LeasePtr> replaced_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_LEASE_TABLE_H_
