#ifndef CONNREG_TESTS_SIMULATION_LINK_H_
#define CONNREG_TESTS_SIMULATION_LINK_H_

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace connreg::simulation {

// One direction of the way between a machine and the service. While it is
// blocked, what is under way waits, as TCP sends it again; nobody is told.
//
// Streams do not share its rate: each has all of it.
class Link {
 public:
  bool is_blocked() const { return is_blocked_; }
  // The longest time that something is under way.
  absl::Duration delay() const { return delay_; }

  // How long it takes to send so much.
  absl::Duration TimeFor(size_t bytes) const {
    return rate_ == 0 ? absl::ZeroDuration() : absl::Seconds(1) * bytes / rate_;
  }

  void Block() { is_blocked_ = true; }
  void Unblock() {
    is_blocked_ = false;
    for (const auto& wake : std::exchange(waiting_, {})) wake();
  }
  void SetDelay(absl::Duration delay) { delay_ = delay; }
  // In bytes per second, for what is said from now on. 0: there is no limit.
  void SetRate(size_t rate) { rate_ = rate; }

  // Calls `wake` when it is not blocked any more.
  void AwaitUnblocked(std::function<void()> wake) {
    waiting_.push_back(std::move(wake));
  }

 private:
  bool is_blocked_ = false;
  absl::Duration delay_ = absl::Milliseconds(5);
  size_t rate_ = 0;
  std::vector<std::function<void()>> waiting_;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_LINK_H_
