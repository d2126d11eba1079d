#ifndef CONNREG_TESTS_SIMULATION_LOOK_H_
#define CONNREG_TESTS_SIMULATION_LOOK_H_

#include <cstddef>

#include "client/agent/snapshot.h"
#include "service/model/socket.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/kernel_model.h"

namespace connreg::simulation {

// What an agent that looks at this instant sees of a connection: without a role
// unless the kernel shows it now.
ConnectionFacts Shown(const KernelNetns& netns, const ConnectionFacts& truth);

// Adds what is seen of `netns`. `faulty`: not all may be.
void LookInto(const KernelNetns& netns, bool faulty, Dice& dice,
              Snapshot* snapshot);

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_LOOK_H_
