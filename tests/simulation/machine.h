#ifndef CONNREG_TESTS_SIMULATION_MACHINE_H_
#define CONNREG_TESTS_SIMULATION_MACHINE_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "service/net/ip_address.h"
#include "tests/simulation/kernel_model.h"
#include "tests/simulation/network.h"
#include "tests/simulation/simulated_agent.h"
#include "tests/simulation/world.h"

namespace connreg::simulation {

// Machine is a kernel, the agents on it, and its way to the service.
class Machine {
 public:
  struct Options {
    // Which machine it is, from 0, and what it is called: two may have one
    // name.
    size_t number = 0;
    std::string host;
    // Of each agent; the rest of the names is the machine's.
    SimulatedAgent::Options agent;
    // Beside the agent that looks into all namespaces there is one that looks
    // into its own.
    bool has_second_agent = false;
  };

  Machine(World& world, Network& network, const Options& options);

  const Options& options() const { return options_; }
  KernelModel& kernel() { return *kernels_.back(); }
  const KernelModel& kernel() const { return *kernels_.back(); }
  // Which start of the kernel it is.
  size_t boot() const { return kernels_.size(); }
  bool is_on() const { return is_on_; }
  Links& links() { return links_; }
  IpAddress AddressOf(size_t netns) const;

  // Starts the agents that do not run.
  void StartAgents();
  // One more run of the first agent, whether or not one runs.
  void StartTwin();
  // Ends all runs but the latest of each agent, and those that are leaving.
  void EndTwins();
  // Those that run.
  std::vector<SimulatedAgent*> agents() const;

  // Its power fails; nobody is told.
  void TurnOff();
  // A new kernel, without agents.
  void TurnOn();
  void StepTimeOfDay(absl::Duration step) { clock_.StepTimeOfDay(step); }

 private:
  // Whether one does that is not about to end.
  bool Runs(bool second) const;
  void StartAgent(bool second);

  World& world_;
  Network& network_;
  const Options options_;
  TimelineClock clock_;
  Links links_;
  bool is_on_ = true;
  // The last is the present one; streams and steps may still speak of others.
  std::vector<std::unique_ptr<KernelModel>> kernels_;
  std::deque<SimulatedAgent> runs_;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_MACHINE_H_
