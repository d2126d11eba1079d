// What goes wrong in a Schedule.

#include <utility>

#include "tests/simulation/schedule.h"

namespace connreg::simulation {
namespace {

// How long a fault lasts: mostly a moment, sometimes beyond all leases.
absl::Duration AnyTime(Dice& dice) {
  return dice.OneIn(5) ? dice.Between(absl::Seconds(2), absl::Seconds(10))
                       : dice.Between(absl::ZeroDuration(), absl::Seconds(2));
}

}  // namespace

void Schedule::AnyFault() {
  Machine& machine = world_.dice.AnyOf(machines_);
  const size_t what = world_.dice.Below(10);
  if (what < 4) return FaultOfNetwork(machine);
  if (what < 8) return FaultOfAgent(machine);
  if (what < 9) return FaultOfMachine(machine);
  FaultOfService();
}

void Schedule::FaultOfNetwork(Machine& machine) {
  Links& links = machine.links();
  const size_t what = world_.dice.Below(5);
  if (what == 0) {
    SimulatedAgent* const agent = AnyAgent(machine);
    if (agent == nullptr) return;
    world_.trace.Note(agent->instance(), ": stream breaks");
    return agent->BreakStream(world_.dice.OneIn(2), world_.dice.OneIn(2));
  }
  if (what == 1) {
    world_.trace.Note("machine ", machine.options().number, ": delays");
    links.up.SetDelay(
        world_.dice.Between(absl::ZeroDuration(), absl::Milliseconds(900)));
    return links.down.SetDelay(
        world_.dice.Between(absl::ZeroDuration(), absl::Milliseconds(900)));
  }
  if (what == 2) {
    world_.trace.Note("machine ", machine.options().number, ": other rate");
    const size_t rate = 500 + world_.dice.Below(50'000);
    return links.up.SetRate(world_.dice.OneIn(2) ? rate : 0);
  }
  const bool up = world_.dice.OneIn(2);
  const bool down = !up || world_.dice.OneIn(2);
  world_.trace.Note("machine ", machine.options().number, ": blocked",
                    up ? " up" : "", down ? " down" : "");
  if (up) links.up.Block();
  if (down) links.down.Block();
  world_.timeline.After(AnyTime(world_.dice), [this, &links, &machine] {
    world_.trace.Note("machine ", machine.options().number, ": unblocked");
    links.up.Unblock();
    links.down.Unblock();
  });
}

void Schedule::FaultOfAgent(Machine& machine) {
  SimulatedAgent* const agent = AnyAgent(machine);
  if (agent == nullptr) return;
  switch (world_.dice.Below(7)) {
    case 0:
      agent->Kill(/*told=*/world_.dice.OneIn(2));
      return StartAgentsAfter(machine, AnyTime(world_.dice));
    case 1:
      agent->Pause();
      world_.timeline.After(AnyTime(world_.dice), [agent] { agent->Resume(); });
      return;
    case 2:
      agent->Leave();
      return StartAgentsAfter(machine, AnyTime(world_.dice));
    case 3:
      return agent->LoseEvents();
    case 4:
      agent->SetFaulty(true);
      world_.timeline.After(AnyTime(world_.dice),
                            [agent] { agent->SetFaulty(false); });
      return;
    case 5:
      return machine.StepTimeOfDay(
          world_.dice.Between(-absl::Hours(1), absl::Hours(1)));
    default:
      machine.StartTwin();
      world_.timeline.After(AnyTime(world_.dice), [agent, this] {
        if (!is_calm_) agent->Kill(/*told=*/world_.dice.OneIn(2));
      });
      return;
  }
}

void Schedule::FaultOfMachine(Machine& machine) {
  if (!machine.is_on()) return;
  machine.TurnOff();
  world_.timeline.After(AnyTime(world_.dice), [this, &machine] {
    if (machine.is_on() || is_calm_) return;
    machine.TurnOn();
    traffic_.Furnish(machine);
    StartAgentsAfter(
        machine, world_.dice.Between(absl::ZeroDuration(), absl::Seconds(1)));
  });
}

void Schedule::FaultOfService() {
  const size_t what = world_.dice.Below(5);
  if (what < 2) return service_.Stall(AnyTime(world_.dice));
  if (what < 4) {
    return service_.Restart(
        world_.dice.Between(absl::ZeroDuration(), absl::Seconds(3)));
  }
  service_.StepTimeOfDay(world_.dice.Between(-absl::Hours(1), absl::Hours(1)));
}

void Schedule::BlackOut() {
  RunFor(absl::Seconds(4));
  world_.trace.Note("most machines are cut off");
  const size_t kept = world_.dice.Below(3);
  for (size_t i = kept; i < machines_.size(); ++i) {
    machines_[i].links().up.Block();
    machines_[i].links().down.Block();
  }
  RunFor(absl::Seconds(12));
}

void Schedule::Storm() {
  RunFor(absl::Seconds(2));
  Machine& machine = machines_.front();
  world_.trace.Note("machine 0: storm");
  machine.links().up.Block();
  constexpr int kGusts = 80;
  for (int gust = 0; gust < kGusts && machine.is_on(); ++gust) {
    traffic_.Storm(machine, 30);
    RunFor(absl::Milliseconds(40));
  }
  machine.links().up.Unblock();
}

SimulatedAgent* Schedule::AnyAgent(Machine& machine) {
  const std::vector<SimulatedAgent*> agents = machine.agents();
  return agents.empty() ? nullptr : world_.dice.AnyOf(agents);
}

void Schedule::StartAgentsAfter(Machine& machine, absl::Duration pause) {
  world_.timeline.After(pause, [&machine] { machine.StartAgents(); });
}

}  // namespace connreg::simulation
