#include "tests/simulation/schedule.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/simulation/checks.h"

namespace connreg::simulation {
namespace {

// How many lines before a failure are told.
constexpr size_t kLinesTold = 60;

// How long the registry is looked at from end to end again.
constexpr absl::Duration kCheckInterval = absl::Seconds(4);

}  // namespace

Schedule::Schedule(uint64_t seed, bool keeps_lines)
    : world_(seed, keeps_lines),
      plan_(AnyPlan(world_.dice)),
      service_(world_, plan_.service),
      network_(world_, service_),
      traffic_(world_, machines_, plan_.sockets) {
  for (size_t number = 0; number < plan_.machines; ++number) {
    Machine::Options options = plan_.machine;
    options.number = number;
    options.has_second_agent = plan_.has_second_agents;
    const bool is_namesake = plan_.has_namesake && number + 1 == plan_.machines;
    options.host = absl::StrCat("host-", is_namesake ? 0 : number);
    machines_.emplace_back(world_, network_, options);
  }
  for (Machine& machine : machines_) traffic_.Furnish(machine);
  for (Machine& machine : machines_)
    StartAgentsAfter(
        machine, world_.dice.Between(absl::ZeroDuration(), absl::Seconds(1)));
}

const Trace& Schedule::Run() {
  GoOnWithTraffic();
  GoOnWithFaults();
  GoOnWithChecks();
  if (plan_.has_blackout) BlackOut();
  if (plan_.has_storm) Storm();
  RunFor(plan_.faults_last);
  if (!goes_on()) return world_.trace;
  EndFaults();
  if (plan_.loses_a_row) LoseARow();
  is_quiet_ = true;
  RunFor(plan_.Patience() + service_.longest_late_stall());
  if (goes_on()) CheckEnd();
  if (goes_on() && plan_.reconnects) ReconnectAll();
  return world_.trace;
}

void Schedule::RunFor(absl::Duration time) {
  world_.timeline.RunUntil(world_.timeline.now() + time,
                           [this] { return !goes_on(); });
}

void Schedule::GoOnWithTraffic() {
  world_.timeline.After(plan_.traffic_interval, [this] {
    if (is_quiet_) return;
    traffic_.DoSomething();
    GoOnWithTraffic();
  });
}

void Schedule::GoOnWithFaults() {
  world_.timeline.After(plan_.fault_interval, [this] {
    if (is_calm_) return;
    AnyFault();
    GoOnWithFaults();
  });
}

void Schedule::GoOnWithChecks() {
  world_.timeline.After(kCheckInterval, [this] {
    if (service_.is_up())
      CheckListings(service_.registry(), service_.expected(), world_);
    GoOnWithChecks();
  });
}

void Schedule::EndFaults() {
  world_.trace.Note("the faults end");
  is_calm_ = true;
  Machine* one_too_many = nullptr;
  if (plan_.has_namesake) {
    one_too_many =
        world_.dice.OneIn(2) ? &machines_.front() : &machines_.back();
    one_too_many->TurnOff();
  }
  for (Machine& machine : machines_) {
    if (&machine == one_too_many) continue;
    machine.links().up.SetDelay(absl::Milliseconds(5));
    machine.links().down.SetDelay(absl::Milliseconds(5));
    machine.links().up.SetRate(0);
    machine.links().up.Unblock();
    machine.links().down.Unblock();
    if (!machine.is_on()) {
      machine.TurnOn();
      traffic_.Furnish(machine);
    }
    machine.EndTwins();
    for (SimulatedAgent* agent : machine.agents()) {
      agent->SetFaulty(false);
      agent->Resume();
    }
    machine.StartAgents();
  }
  service_.GoOn();
}

void Schedule::LoseARow() {
  // Everything is in step, so that nothing else brings the row back.
  RunFor(plan_.Patience());
  service_.LoseARow();
  world_.timeline.RunUntil(world_.timeline.now() + absl::Seconds(10), [this] {
    return !goes_on() || service_.has_lost_a_row();
  });
}

void Schedule::CheckEnd() {
  if (!service_.is_up()) return world_.trace.Fail("the service is not up");
  CheckListings(service_.registry(), service_.expected(), world_);
  for (const Machine& machine : machines_) {
    if (!machine.is_on()) continue;
    for (const SimulatedAgent* agent : machine.agents())
      CheckAgent(machine, *agent);
  }
  CheckHosts();
  if (plan_.has_few_rows) CheckRoom();
}

void Schedule::CheckAgent(const Machine& machine, const SimulatedAgent& agent) {
  const Reporter& reporter = agent.options().loop.session.reporter;
  if (!agent.session().welcomed() || !agent.session().in_step())
    return world_.trace.Fail(agent.instance(), agent.session().welcomed()
                                                   ? " is not in step"
                                                   : " has no session");
  const ReporterRows* const rows = service_.expected().Find(reporter);
  const ReporterRows nothing;
  CheckAgainstKernel(rows == nullptr ? nothing : *rows, reporter,
                     machine.kernel(), agent.options().own_netns,
                     plan_.has_few_rows, world_);
}

void Schedule::CheckHosts() {
  size_t agents = 0;
  std::set<std::string> names;
  for (const Machine& machine : machines_) {
    agents += machine.agents().size();
    if (machine.is_on()) names.insert(machine.options().host);
  }
  const RegistryStatus status = service_.registry().GetStatus();
  if (status.sessions != agents)
    world_.trace.Fail("there are ", status.sessions, " sessions of ", agents,
                      " agents");
  if (status.divergences != service_.divergences_due())
    world_.trace.Fail("the registry counts ", status.divergences,
                      " divergences of ", service_.divergences_due());
  // None if the row has changed since, and so was said again.
  if (service_.divergences_due() > 1)
    world_.trace.Fail("a lost row made ", service_.divergences_due(),
                      " divergences");
  if (status.coverage.syncing) world_.trace.Fail("the registry is syncing");
  const HostPage page =
      service_.registry().ListHosts({.page_size = 1 + names.size()});
  for (const Host& host : page.hosts) {
    if (host.state != HostState::kExpired && names.erase(host.key.name) == 0)
      world_.trace.Fail("what is host ", host.key.name, "?");
    if (host.state != HostState::kLive && host.state != HostState::kExpired)
      world_.trace.Fail("host ", host.key.name, " is in state ",
                        static_cast<int>(host.state));
  }
  if (!names.empty()) world_.trace.Fail("host ", *names.begin(), " is missing");
}

void Schedule::CheckRoom() {
  const Limits& limits = plan_.service.registry.limits;
  size_t sockets = 0;
  size_t rows = 0;
  bool fits = true;
  for (const Machine& machine : machines_) {
    for (const SimulatedAgent* agent : machine.agents()) {
      const size_t its = agent->options().own_netns
                             ? machine.kernel().size_of_first()
                             : machine.kernel().size();
      fits &= its <= limits.rows_per_reporter;
      sockets += std::min(its, limits.rows_per_reporter);
    }
  }
  for (const auto& [reporter, of_reporter] : service_.expected().rows()) {
    world_.trace.Note(reporter.host, " ", reporter.name, " has ",
                      of_reporter.size(), " rows");
    rows += of_reporter.size();
  }
  if (rows != std::min(sockets, limits.rows))
    world_.trace.Fail("there is room for ", limits.rows, " rows, ",
                      limits.rows_per_reporter, " of a reporter; of ", sockets,
                      fits ? "" : " that fit", " there are ", rows);
}

void Schedule::ReconnectAll() {
  const size_t rows = service_.rows_heard();
  const uint64_t revision = service_.registry().GetStatus().coverage.revision;
  for (Machine& machine : machines_) {
    for (SimulatedAgent* agent : machine.agents())
      agent->BreakStream(/*tell_agent=*/true, world_.dice.OneIn(2));
  }
  RunFor(absl::Seconds(4));
  if (!goes_on()) return;
  if (service_.rows_heard() != rows ||
      service_.registry().GetStatus().coverage.revision != revision)
    world_.trace.Fail("agents of which nothing changed came back with rows");
  CheckEnd();
}

std::string FailureOf(uint64_t seed) {
  if (!Schedule(seed, /*keeps_lines=*/false).Run().has_failed()) return "";
  Schedule again(seed, /*keeps_lines=*/true);
  const Trace& trace = again.Run();
  return absl::StrCat(trace.Last(kLinesTold), "\nCONNREG_SEED=", seed, " ",
                      trace.has_failed() ? "repeats it" : "does not repeat it");
}

}  // namespace connreg::simulation
