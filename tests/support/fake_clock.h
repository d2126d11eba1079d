#ifndef CONNREG_TESTS_SUPPORT_FAKE_CLOCK_H_
#define CONNREG_TESTS_SUPPORT_FAKE_CLOCK_H_

#include "service/base/clock.h"
#include "service/base/mutex.h"

namespace connreg {

// A clock that moves when it is told to.
//
// Thread-safe.
class FakeClock : public Clock {
 public:
  absl::Time Now() const override {
    ReaderLock lock(mutex_);
    return now_;
  }
  absl::Duration Monotonic() const override {
    ReaderLock lock(mutex_);
    return monotonic_;
  }

  // Lets `duration` pass.
  void Advance(absl::Duration duration) {
    WriterLock lock(mutex_);
    now_ += duration;
    monotonic_ += duration;
  }

  // Sets the time of day alone, as an operator or NTP would.
  void StepTimeOfDay(absl::Duration step) {
    WriterLock lock(mutex_);
    now_ += step;
  }

 private:
  mutable SharedMutex mutex_;
  absl::Time now_ ABSL_GUARDED_BY(mutex_) =
      absl::FromUnixSeconds(1'700'000'000);
  absl::Duration monotonic_ ABSL_GUARDED_BY(mutex_) = absl::Seconds(1000);
};

}  // namespace connreg

#endif  // CONNREG_TESTS_SUPPORT_FAKE_CLOCK_H_
