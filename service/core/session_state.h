#ifndef CONNREG_SERVICE_CORE_SESSION_STATE_H_
#define CONNREG_SERVICE_CORE_SESSION_STATE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "service/model/report.h"

namespace connreg {

// SessionState is how far a session has come: which message is the next, and
// whether the agent has said all that there is.
//
// Not thread-safe.
class SessionState {
 public:
  explicit SessionState(bool snapshot_wanted)
      : phase_(snapshot_wanted ? Phase::kAwaitsSnapshot : Phase::kInStep) {}

  // Whether the message may come now.
  //
  // INVALID_ARGUMENT: see Registry::Apply().
  absl::Status Check(const RowBatch& batch) const;
  absl::Status Check(const KeepAlive& keep_alive) const;

  void BeginSnapshot() { phase_ = Phase::kAmidSnapshot; }
  void EndSnapshot() { phase_ = Phase::kInStep; }
  // What the agent claims is wrong.
  void WantSnapshot() { phase_ = Phase::kAwaitsSnapshot; }
  // A batch is applied.
  void Advance() { ++seq_; }

  // Of the last batch that is applied; 0: none.
  uint64_t seq() const { return seq_; }
  bool in_step() const { return phase_ == Phase::kInStep; }

 private:
  enum class Phase { kAwaitsSnapshot, kAmidSnapshot, kInStep };

  Phase phase_;
  uint64_t seq_ = 0;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_SESSION_STATE_H_
