#ifndef CONNREG_SERVICE_BASE_CLOCK_H_
#define CONNREG_SERVICE_BASE_CLOCK_H_

#include "absl/time/time.h"

namespace connreg {

// Clock tells the time. Code that decides by time takes one in its constructor,
// so that tests can move it.
//
// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // The time of day, for people to read. It may jump either way.
  virtual absl::Time Now() const = 0;

  // Time since an unspecified origin. It never goes back, and it does not run
  // while the machine is suspended (CLOCK_MONOTONIC). Leases end by it.
  virtual absl::Duration Monotonic() const = 0;

  // The clock of this machine. Never destroyed.
  static const Clock& System();
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_CLOCK_H_
