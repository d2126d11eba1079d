#ifndef CONNREG_CLIENT_AGENT_REPORT_LOOP_H_
#define CONNREG_CLIENT_AGENT_REPORT_LOOP_H_

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/agent/collector.h"
#include "client/agent/differ.h"
#include "client/agent/owner_memory.h"
#include "client/agent/reporter.h"
#include "client/agent/service_calls.h"
#include "service/base/clock.h"
#include "service/base/log.h"
#include "service/model/socket.h"

namespace connreg {

// ReportLoop keeps the service in step with a host: it takes a snapshot now and
// then, sends what changed since the last, and renews its
// lease by that.
//
// While the service does not answer it goes on, and says so once. What it
// cannot be sure that the service has, it sends again.
//
// Not thread-safe.
class ReportLoop {
 public:
  struct Options {
    // No other run has its name.
    Reporter reporter;
    // How the names of the runs begin whose place it takes: those for the same
    // network namespace.
    std::string name_prefix;
    absl::Duration ttl;
    absl::Duration interval;
  };
  // As Log() does.
  using Journal = std::function<void(LogLevel, absl::string_view,
                                     std::initializer_list<LogField>)>;

  // `collector`, `service` and `clock` are to outlive the loop.
  ReportLoop(const Options& options, const Collector& collector,
             ServiceCalls& service, const Clock& clock, Journal journal);

  // Reports once, and returns how long to wait before the next time.
  absl::Duration Round();

  // Lets what was reported go stale soon, since nobody will renew it.
  void Leave();

 private:
  absl::StatusOr<ReportOutcome> Tell(const Snapshot& snapshot);
  // How long to wait after a round that took `busy`, `scanning` of it here.
  absl::Duration Pause(absl::Duration busy, absl::Duration scanning) const;
  // Ends the leases of agents that reported for this namespace before this one
  // did: what they said and this one does not see is gone. Not if there may be
  // more than it sees.
  void TakeOver(const Snapshot& snapshot);
  void NoteAnswer(const Snapshot& snapshot, const ReportOutcome& outcome);
  void NoteSilence(const absl::Status& status);
  void NoteLimits(const ReportOutcome& outcome);
  void NoteGaps(const Snapshot& snapshot);

  const Options options_;
  const Collector& collector_;
  ServiceCalls& service_;
  const Clock& clock_;
  const Journal journal_;

  Differ differ_;
  OwnerMemory owners_;
  // More has ended than is remembered: the service is to forget everything.
  bool starts_over_ = false;
  bool took_over_ = false;
  // Unset before the first answer.
  bool was_answered_ = false;
  // Since when the service does not answer, on the monotonic clock.
  std::optional<absl::Duration> silent_since_;
  // What it last answered instead.
  absl::StatusCode silence_ = absl::StatusCode::kOk;
  // When all is offered again, since there was no room for some of it.
  std::optional<absl::Duration> offer_again_at_;
  bool is_limited_ = false;
  size_t refusals_told_ = 0;
  // What was said to be missing, without what differs from one look to the
  // next.
  std::set<std::string> gaps_told_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_REPORT_LOOP_H_
