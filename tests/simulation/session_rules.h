#ifndef CONNREG_TESTS_SIMULATION_SESSION_RULES_H_
#define CONNREG_TESTS_SIMULATION_SESSION_RULES_H_

#include <map>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "service/model/host.h"
#include "service/model/report.h"
#include "service/model/socket.h"
#include "tests/simulation/trace.h"

namespace connreg::simulation {

// SessionRules fails a run in which the registry lets in a session that it must
// not, turns one away without a reason, or listens to one that has ended.
class SessionRules {
 public:
  explicit SessionRules(Trace& trace) : trace_(trace) {}

  void NoteWelcome(const SessionOpening& opening, Epoch epoch,
                   absl::Duration now);
  void NoteRefusal(const SessionOpening& opening, const absl::Status& status);
  // The registry took something that this session said.
  void NoteTaken(const Reporter& reporter, Epoch epoch, absl::Duration now);
  bool IsAttached(const Reporter& reporter, Epoch epoch) const;
  void NoteEnd(const Reporter& reporter, Epoch epoch);
  // Nothing is left of this agent.
  void NoteForgotten(const Reporter& reporter) { displaced_.erase(reporter); }
  // Nothing is left of this session. The same for an unknown one.
  void NoteLapse(Epoch epoch);

 private:
  struct Attached {
    Epoch epoch{};
    std::string boot_id;
    std::string instance;
    absl::Duration ttl;
    // When it was heard last.
    absl::Duration heard;
  };

  Trace& trace_;
  Epoch last_epoch_{};
  std::map<Reporter, Attached> attached_;
  // Runs of an agent in whose place another one came while they reported, with
  // that.
  std::map<Reporter, std::map<std::string, std::string>> displaced_;
  // All that was ever welcomed.
  std::map<HostKey, std::set<std::string>> boot_ids_;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_SESSION_RULES_H_
