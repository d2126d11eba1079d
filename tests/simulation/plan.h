#ifndef CONNREG_TESTS_SIMULATION_PLAN_H_
#define CONNREG_TESTS_SIMULATION_PLAN_H_

#include <cstddef>

#include "absl/time/time.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/machine.h"
#include "tests/simulation/simulated_service.h"

namespace connreg::simulation {

// Plan is what a run is about: how many machines, how long, and which of the
// rarer things happen in it.
struct Plan {
  size_t machines = 1;
  size_t sockets = 10;
  // How long things go wrong, and how often something does or changes.
  absl::Duration faults_last;
  absl::Duration fault_interval;
  absl::Duration traffic_interval;
  absl::Duration digest_interval;

  // The last machine has the name of the first, and its own kernel.
  bool has_namesake = false;
  bool has_second_agents = false;
  bool has_few_rows = false;
  // So many hosts go silent at once that none expires.
  bool has_blackout = false;
  // The registry loses a row, when nothing else goes wrong any more.
  bool loses_a_row = false;
  // One machine has more short conversations than an agent can remember.
  bool has_storm = false;
  // Nothing changes at the end but all streams, at once.
  bool reconnects = false;

  SimulatedService::Options service;
  Machine::Options machine;

  // How long it may take from the end of the faults until all is right.
  absl::Duration Patience() const;
};

Plan AnyPlan(Dice& dice);

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_PLAN_H_
