#ifndef CONNREG_TESTS_SIMULATION_RUN_STEPS_H_
#define CONNREG_TESTS_SIMULATION_RUN_STEPS_H_

#include "absl/time/time.h"
#include "tests/simulation/timeline.h"

namespace connreg::simulation {

// RunSteps is what happens to one run of an agent, and when it does something.
class RunSteps {
 public:
  virtual ~RunSteps() = default;

  // Puts `step` on the timeline, and then wakes the agent. Neither happens once
  // it has ended.
  virtual void After(absl::Duration delay, Timeline::Step step) = 0;
  // Something happened: the agent does what there is to do, unless it is
  // paused. It may end by that.
  virtual void Wake() = 0;
  virtual bool is_paused() const = 0;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_RUN_STEPS_H_
