#ifndef CONNREG_TESTS_SIMULATION_SCHEDULE_H_
#define CONNREG_TESTS_SIMULATION_SCHEDULE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "absl/time/time.h"
#include "tests/simulation/machine.h"
#include "tests/simulation/network.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/simulated_service.h"
#include "tests/simulation/traffic.h"
#include "tests/simulation/world.h"

namespace connreg::simulation {

// Schedule is one run, all of which follows from its seed: machines whose
// sockets come and go report to a registry, and things go wrong. Then nothing
// does any more, and soon the registry has what the kernels have.
class Schedule {
 public:
  // `keeps_lines`: see Trace.
  Schedule(uint64_t seed, bool keeps_lines);

  // What happened, and what of it was wrong.
  const Trace& Run();

 private:
  bool goes_on() const { return !world_.trace.has_failed(); }
  void RunFor(absl::Duration time);
  void GoOnWithTraffic();
  void GoOnWithFaults();
  void GoOnWithChecks();

  // Something goes wrong.
  void AnyFault();
  void FaultOfNetwork(Machine& machine);
  void FaultOfAgent(Machine& machine);
  void FaultOfMachine(Machine& machine);
  void FaultOfService();
  void BlackOut();
  void Storm();
  SimulatedAgent* AnyAgent(Machine& machine);
  void StartAgentsAfter(Machine& machine, absl::Duration pause);

  // Everything works again.
  void EndFaults();
  void LoseARow();
  // Everything is as it is to be.
  void CheckEnd();
  void CheckAgent(const Machine& machine, const SimulatedAgent& agent);
  void CheckHosts();
  void CheckRoom();
  // All streams break, and nothing else comes of it.
  void ReconnectAll();

  World world_;
  const Plan plan_;
  SimulatedService service_;
  Network network_;
  std::deque<Machine> machines_;
  Traffic traffic_;
  bool is_calm_ = false;
  bool is_quiet_ = false;
};

// Runs the schedule of `seed`. Empty: nothing was wrong; else what was, and the
// last lines of what happened.
std::string FailureOf(uint64_t seed);

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_SCHEDULE_H_
