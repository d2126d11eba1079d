#ifndef CONNREG_TESTS_SIMULATION_BELL_H_
#define CONNREG_TESTS_SIMULATION_BELL_H_

#include <sys/eventfd.h>

#include <utility>

#include "client/agent/files.h"

namespace connreg::simulation {

// Bell is a descriptor that is readable from when it was rung until it is
// silenced.
class Bell {
 public:
  Bell() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  int descriptor() const { return event_.get(); }

  void Ring() {
    if (!std::exchange(rings_, true)) eventfd_write(event_.get(), 1);
  }
  void Silence() {
    eventfd_t count = 0;
    if (std::exchange(rings_, false)) eventfd_read(event_.get(), &count);
  }

 private:
  const Descriptor event_;
  bool rings_ = false;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_BELL_H_
