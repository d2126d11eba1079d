#ifndef CONNREG_TESTS_SIMULATION_LINK_H_
#define CONNREG_TESTS_SIMULATION_LINK_H_

#include <functional>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace connreg::simulation {

// One direction of the way between a machine and the service. While it is
// blocked, what is under way waits, as TCP sends it again; nobody is told.
class Link {
 public:
  bool is_blocked() const { return is_blocked_; }
  // The longest time that something is under way.
  absl::Duration delay() const { return delay_; }

  void Block() { is_blocked_ = true; }
  void Unblock() {
    is_blocked_ = false;
    for (const auto& wake : std::exchange(waiting_, {})) wake();
  }
  void SetDelay(absl::Duration delay) { delay_ = delay; }

  // Calls `wake` when it is not blocked any more.
  void AwaitUnblocked(std::function<void()> wake) {
    waiting_.push_back(std::move(wake));
  }

 private:
  bool is_blocked_ = false;
  absl::Duration delay_ = absl::Milliseconds(5);
  std::vector<std::function<void()>> waiting_;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_LINK_H_
