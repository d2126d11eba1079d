#ifndef CONNREG_TESTS_COMPONENT_HELD_CLOCK_H_
#define CONNREG_TESTS_COMPONENT_HELD_CLOCK_H_

#include <condition_variable>
#include <mutex>

#include "service/base/clock.h"
#include "tests/component/service_fixture.h"

namespace connreg {

// A clock whose time of day can be held up, and with it the call that asks for
// it.
//
// Thread-safe.
class HeldClock : public Clock {
 public:
  absl::Time Now() const override {
    std::unique_lock<std::mutex> lock(mutex_);
    if (held_) {
      asked_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return !held_; });
    }
    return absl::FromUnixSeconds(1'700'000'000);
  }
  absl::Duration Monotonic() const override { return absl::Seconds(1000); }

  void Hold() {
    std::unique_lock<std::mutex> lock(mutex_);
    held_ = true;
  }
  void Release() {
    std::unique_lock<std::mutex> lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  // Waits until somebody waits for the time of day.
  bool AwaitAsker() const {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, kPatience, [this] { return asked_; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool held_ = false;
  mutable bool asked_ = false;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_COMPONENT_HELD_CLOCK_H_
