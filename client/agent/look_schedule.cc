#include "client/agent/look_schedule.h"

#include <algorithm>

namespace connreg {

void LookSchedule::NoteEnd(absl::Duration now, absl::Duration cost) {
  paid_for_ = cost * 100 / options_.max_cpu_percent;
  interval_ = std::max(options_.interval, paid_for_);
  // A look that others kept waiting leaves time for what is beside it.
  next_ = std::max(begun_ + interval_, now + options_.interval / 10);
}

void LookSchedule::Hurry() { next_ = std::min(next_, begun_ + paid_for_); }

absl::Duration LookSchedule::WaitFrom(absl::Duration now) const {
  return std::max(absl::ZeroDuration(), next_ - now);
}

}  // namespace connreg
