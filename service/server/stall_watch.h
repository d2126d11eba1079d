#ifndef CONNREG_SERVICE_SERVER_STALL_WATCH_H_
#define CONNREG_SERVICE_SERVER_STALL_WATCH_H_

#include <optional>

#include "absl/time/time.h"
#include "service/base/clock.h"

namespace connreg {

// StallWatch tells for how long this process stood still: whoever is to do
// something every now and then asks it each time, and comes late.
//
// Not thread-safe.
class StallWatch {
 public:
  // Less than this is no stall.
  static constexpr absl::Duration kTolerance = absl::Seconds(1);

  // `clock` outlives the watch. It is to be asked every `interval`.
  StallWatch(const Clock& clock, absl::Duration interval)
      : clock_(clock), interval_(interval) {}

  // How much later than it should this call comes after the one before.
  std::optional<absl::Duration> Stall() {
    const absl::Duration now = clock_.Monotonic();
    const absl::Duration late =
        last_ ? now - *last_ - interval_ : absl::ZeroDuration();
    last_ = now;
    if (late <= kTolerance) return std::nullopt;
    return late;
  }

 private:
  const Clock& clock_;
  const absl::Duration interval_;
  std::optional<absl::Duration> last_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_SERVER_STALL_WATCH_H_
