#ifndef CONNREG_TESTS_SIMULATION_LOOK_H_
#define CONNREG_TESTS_SIMULATION_LOOK_H_

#include <cstddef>

#include "client/agent/snapshot.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/kernel_model.h"

namespace connreg::simulation {

// Adds what a dump of `netns` shows. `faulty`: not all of it may.
void LookInto(const KernelNetns& netns, bool faulty, Dice& dice,
              Snapshot* snapshot);

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_LOOK_H_
