#ifndef CONNREG_CLIENT_AGENT_REPORT_JOURNAL_H_
#define CONNREG_CLIENT_AGENT_REPORT_JOURNAL_H_

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/agent/ledger.h"
#include "client/agent/registry_stream.h"
#include "client/agent/snapshot.h"
#include "service/base/clock.h"
#include "service/base/log.h"
#include "service/model/registration.h"
#include "service/model/socket.h"

namespace connreg {

// ReportJournal writes to the log how reporting goes: what changes, once.
//
// Not thread-safe.
class ReportJournal {
 public:
  // As Log() does.
  using Write = std::function<void(LogLevel, absl::string_view,
                                   std::initializer_list<LogField>)>;

  // `netns` is the agent's own. `clock` is to outlive the journal.
  ReportJournal(const Reporter& reporter, const std::string& netns,
                const Clock& clock, Write write);

  // What a look has shown.
  void NoteLook(const Snapshot& snapshot);
  // Looks come in other intervals than they were to.
  void NoteStretched(absl::Duration interval);

  void NoteAnswer(const RegistryStream::Answer& answer);
  // The registry has all that `ledger` has.
  void NoteInStep(const Ledger& ledger);
  // A stream has ended, or has not come about.
  void NoteLost(const absl::Status& status);

 private:
  void NoteLimits(const std::vector<LimitReached>& limits);
  // Rows were refused, or are not any more.
  void TellLimits(const Ledger& ledger);
  // More connections came and went unreported than are remembered.
  void TellDropped(const Ledger& ledger);

  const Reporter reporter_;
  const std::string netns_;
  const Clock& clock_;
  const Write write_;

  bool was_in_step_ = false;
  // Since when the registry does not answer, on the monotonic clock, and what
  // was said of that.
  std::optional<absl::Duration> silent_since_;
  std::set<std::string> silences_told_;

  // What was refused since the registry had all last, by limit.
  std::map<RowLimit, LimitReached> limits_;
  // It was said that there is no room; there is none for rows.
  bool is_limited_ = false;
  bool lacks_rows_ = false;
  size_t refusals_told_ = 0;
  size_t dropped_told_ = 0;

  // What was said to be missing, without what differs from one look to the
  // next.
  std::set<std::string> gaps_told_;
  absl::Duration stretched_told_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_REPORT_JOURNAL_H_
