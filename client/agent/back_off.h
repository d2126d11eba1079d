#ifndef CONNREG_CLIENT_AGENT_BACK_OFF_H_
#define CONNREG_CLIENT_AGENT_BACK_OFF_H_

#include <functional>
#include <utility>

#include "absl/time/time.h"

namespace connreg {

// BackOff says how long to wait before the next stream: a random part (full
// jitter) of a time that doubles with each failure, up to the longest, and is
// at least the window over which the registry wants its agents to come back,
// however long that is.
//
// Not thread-safe.
class BackOff {
 public:
  // From 0 to 1, without 1.
  using Random = std::function<double()>;

  BackOff(absl::Duration longest, Random random)
      : longest_(longest), random_(std::move(random)) {}

  // What the registry named.
  void SetWindow(absl::Duration window) { window_ = window; }
  // A stream has served its purpose.
  void NoteSuccess() { failures_ = 0; }

  // After a stream that was welcomed has been lost.
  absl::Duration AfterLoss();
  // After one that was not.
  absl::Duration AfterFailure();
  // After the registry has said that it does not want this one.
  absl::Duration AfterRefusal();

 private:
  absl::Duration Doubled(absl::Duration first);
  absl::Duration PartOf(absl::Duration time) const;

  const absl::Duration longest_;
  const Random random_;
  absl::Duration window_;
  int failures_ = 0;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_BACK_OFF_H_
