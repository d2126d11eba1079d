#ifndef CONNREG_TESTS_SIMULATION_WORLD_H_
#define CONNREG_TESTS_SIMULATION_WORLD_H_

#include <cstdint>

#include "tests/simulation/dice.h"
#include "tests/simulation/timeline.h"
#include "tests/simulation/trace.h"

namespace connreg::simulation {

// What all parts of a run share.
struct World {
  World(uint64_t seed, bool keeps_lines)
      : dice(seed), trace(timeline, keeps_lines) {}

  Timeline timeline;
  Dice dice;
  Trace trace;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_WORLD_H_
