#ifndef CONNREG_TESTS_SIMULATION_SIMULATED_LOOKS_H_
#define CONNREG_TESTS_SIMULATION_SIMULATED_LOOKS_H_

#include <optional>
#include <string>
#include <vector>

#include "client/agent/ends_table.h"
#include "client/agent/looks.h"
#include "client/agent/snapshot.h"
#include "tests/simulation/bell.h"
#include "tests/simulation/ends_door.h"
#include "tests/simulation/kernel_model.h"
#include "tests/simulation/run_steps.h"
#include "tests/simulation/world.h"

namespace connreg::simulation {

// SimulatedLooks are looks at a KernelModel. Each namespace is read at a moment
// of its own: some when the look begins, others when it ends.
class SimulatedLooks final : public Looks {
 public:
  // All are to outlive it. `own_netns`: nothing else is looked into.
  SimulatedLooks(World& world, KernelModel& kernel, EndsDoor& door,
                 EndsTable& ends, RunSteps& steps, bool own_netns)
      : world_(world),
        kernel_(kernel),
        door_(door),
        ends_(ends),
        steps_(steps),
        own_netns_(own_netns) {}

  // Whether looks see less than there is now and then.
  void SetFaulty(bool is_faulty) { is_faulty_ = is_faulty; }
  // The process was stopped, and goes on: so does the look.
  void Resume();

  void Begin() override;
  int descriptor() const override { return bell_.descriptor(); }
  std::optional<Snapshot> Take() override;

 private:
  void LookInto(const std::string& netns);
  void Finish();

  World& world_;
  KernelModel& kernel_;
  EndsDoor& door_;
  EndsTable& ends_;
  RunSteps& steps_;
  const bool own_netns_;
  bool is_faulty_ = false;

  // Of the look that goes on: what it has read and what it has yet to read.
  std::optional<Snapshot> snapshot_;
  EndsTable::Search search_;
  std::vector<std::string> unread_;
  // The process was stopped when it would have ended.
  bool is_due_ = false;
  bool is_done_ = false;
  Bell bell_;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_SIMULATED_LOOKS_H_
