#ifndef CONNREG_CLIENT_AGENT_LOOK_SCHEDULE_H_
#define CONNREG_CLIENT_AGENT_LOOK_SCHEDULE_H_

#include "absl/time/time.h"

namespace connreg {

// LookSchedule says when the agent looks through all sockets: from the
// beginning of one look to that of the next is an interval, or longer if looks
// would take more of a processor than they may.
//
// Times are on the monotonic clock; the first look is due at once. Not
// thread-safe.
class LookSchedule {
 public:
  struct Options {
    absl::Duration interval;
    // How much of one processor the looks may take, of 100.
    int max_cpu_percent = 100;
  };

  explicit LookSchedule(const Options& options)
      : options_(options), interval_(options.interval) {}

  void NoteBegin(absl::Duration now) { begun_ = now; }
  // The look that began last has ended, and has taken `cost` of processors.
  void NoteEnd(absl::Duration now, absl::Duration cost);
  // Something is not known that a look would show: the next is due as soon as
  // one may be paid for.
  void Hurry();

  // How long from `now` until the next.
  absl::Duration WaitFrom(absl::Duration now) const;
  // From one look to the next, as the last has shown that it is to be.
  absl::Duration interval() const { return interval_; }

 private:
  const Options options_;
  absl::Duration begun_ = -absl::InfiniteDuration();
  // The least time between two looks that may be paid for.
  absl::Duration paid_for_;
  absl::Duration interval_;
  absl::Duration next_ = -absl::InfiniteDuration();
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_LOOK_SCHEDULE_H_
