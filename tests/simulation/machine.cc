#include "tests/simulation/machine.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace connreg::simulation {

Machine::Machine(World& world, Network& network, const Options& options)
    : world_(world),
      network_(network),
      options_(options),
      clock_(world.timeline) {
  TurnOn();
}

IpAddress Machine::AddressOf(size_t netns) const {
  return IpAddress::V4({10, static_cast<uint8_t>(netns),
                        static_cast<uint8_t>(options_.number), 1});
}

void Machine::StartAgents() {
  if (!is_on_) return;
  if (!Runs(/*second=*/false)) StartAgent(/*second=*/false);
  if (options_.has_second_agent && !Runs(/*second=*/true))
    StartAgent(/*second=*/true);
}

void Machine::StartTwin() {
  if (is_on_) StartAgent(/*second=*/false);
}

void Machine::EndTwins() {
  bool has_latest_of[2] = {};
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (!run->runs()) continue;
    bool& has_latest = has_latest_of[run->options().own_netns ? 1 : 0];
    if (run->is_leaving() || std::exchange(has_latest, true))
      run->Kill(world_.dice.OneIn(2));
  }
}

std::vector<SimulatedAgent*> Machine::agents() const {
  std::vector<SimulatedAgent*> agents;
  for (const SimulatedAgent& run : runs_)
    if (run.runs()) agents.push_back(const_cast<SimulatedAgent*>(&run));
  return agents;
}

void Machine::TurnOff() {
  world_.trace.Note("machine ", options_.number, " is turned off");
  is_on_ = false;
  for (SimulatedAgent* agent : agents()) agent->Kill(/*told=*/false);
}

void Machine::TurnOn() {
  is_on_ = true;
  const std::string boot_id =
      absl::StrCat("boot-", options_.number, "-", kernels_.size() + 1);
  world_.trace.Note("machine ", options_.number, " starts as ", options_.host,
                    " with ", boot_id);
  kernels_.push_back(std::make_unique<KernelModel>(boot_id));
  kernel().AddNetns(AddressOf(0));
  kernel().SetListener([this](const DestroyEvent& event) {
    for (SimulatedAgent* agent : agents()) agent->NoteDestroyed(event);
  });
}

bool Machine::Runs(bool second) const {
  for (const SimulatedAgent& run : runs_)
    if (run.runs() && !run.is_leaving() && run.options().own_netns == second)
      return true;
  return false;
}

void Machine::StartAgent(bool second) {
  SimulatedAgent::Options options = options_.agent;
  options.own_netns = second;
  ReportLoop::Options& loop = options.loop;
  loop.removes_at_end = world_.dice.OneIn(2);
  loop.netns = kernel().namespaces().front().name;
  loop.session.reporter = {.kind = ReporterKind::kAgent,
                           .name = second ? "connreg-agent-1" : "connreg-agent",
                           .host = options_.host,
                           .network = "default"};
  loop.session.boot_id = kernel().boot_id();
  loop.session.instance =
      absl::StrCat("run-", options_.number, "-", runs_.size() + 1);
  runs_.emplace_back(world_, options, kernel(), clock_,
                     [this](Stream::AgentEnd end) -> Stream& {
                       return network_.Open(links_, std::move(end));
                     });
}

}  // namespace connreg::simulation
