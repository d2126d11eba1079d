#ifndef CONNREG_SERVICE_CORE_SESSION_ROWS_H_
#define CONNREG_SERVICE_CORE_SESSION_ROWS_H_

#include <optional>

#include "absl/status/statusor.h"
#include "service/base/clock.h"
#include "service/core/capacity.h"
#include "service/core/connection_table.h"
#include "service/core/host_directory.h"
#include "service/core/lease.h"
#include "service/core/refused_rows.h"
#include "service/core/session_state.h"
#include "service/model/report.h"

namespace connreg {

// SessionRows is what an agent says in its sessions, as the tables have it: the
// lease of its rows, how far the session has come, and which rows there was no
// room for. It lives as long as the agent is known, through all its sessions.
//
// It knows nothing of which session is the last: its callers do.
//
// Not thread-safe; nor may two of one host be called at once.
class SessionRows {
 public:
  // What it works on. All outlive it.
  struct Tables {
    const Clock& clock;
    Capacity& capacity;
    ConnectionTable& connections;
    HostDirectory& hosts;
  };

  explicit SessionRows(const Tables& tables) : tables_(tables) {}

  // A session begins, of which the directory has `opened` the lease, and did
  // not take what `refusals` says.
  void Begin(const HostDirectory::Opened& opened, const Refusals& refusals);

  // Applies what the agent says. Nothing: the lease has ended before, and with
  // it the session; nothing of that stays.
  //
  // INVALID_ARGUMENT: see Registry::Apply(). Nothing has changed.
  //
  // REQUIRES: a session has begun.
  absl::StatusOr<std::optional<Ack>> Apply(const RowBatch& batch);
  absl::StatusOr<std::optional<Ack>> Apply(const KeepAlive& keep_alive);

  // That of the last session. Null before the first.
  const LeasePtr& lease() const { return lease_; }

 private:
  // Notes that the agent lacks room if it met `refusals` now, or rows of it are
  // missing since it did before.
  void NoteMissing(const Refusals& refusals);
  // Says in `ack` how far the session has come.
  void Complete(Ack* ack);

  const Tables tables_;
  LeasePtr lease_;
  SessionState state_{/*snapshot_wanted=*/true};
  // Whether the snapshot that goes on began with nothing that it could lack.
  bool starts_empty_ = false;
  RefusedRows refused_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_SESSION_ROWS_H_
