#include "tests/simulation/plan.h"

#include <algorithm>
#include <string>

namespace connreg::simulation {
namespace {

// All times are short against those of real fleets, in like proportions.
constexpr absl::Duration kTtl = absl::Seconds(3);
constexpr absl::Duration kGrace = absl::Seconds(4);
constexpr absl::Duration kDigestInterval = absl::Seconds(5);

SimulatedService::Options AnyService(const Plan& plan, Dice& dice) {
  SimulatedService::Options options;
  Registry::Options& registry = options.registry;
  registry.grace = kGrace;
  registry.closed_age = absl::Minutes(1);
  registry.closed_rows = 2000;
  registry.sync_time = absl::Seconds(2);
  registry.reconnect_window =
      dice.Between(absl::ZeroDuration(), absl::Milliseconds(900));
  registry.hold_expiry = plan.has_blackout || dice.OneIn(2);
  if (plan.has_few_rows) {
    registry.limits.rows = 1 + dice.Below(2 * plan.machines * plan.sockets);
    registry.limits.rows_per_reporter = 1 + dice.Below(2 * plan.sockets);
  }
  constexpr size_t kMaxRows[] = {1, 2, 5, 10, 10'000};
  options.max_rows = dice.AnyOf(kMaxRows);
  options.upkeep_interval = absl::Milliseconds(250);
  return options;
}

Machine::Options AnyMachine(const Plan& plan, Dice& dice) {
  Machine::Options options;
  ReportLoop::Options& agent = options.agent.loop;
  agent.server = "service";
  agent.session.version = std::string("0.1.0");
  agent.session.ttl = kTtl;
  agent.session.ack_timeout = absl::Milliseconds(1500);
  agent.session.max_backoff = absl::Seconds(1);
  agent.session.digest_interval = plan.digest_interval;
  agent.looks.interval =
      dice.Between(absl::Milliseconds(500), absl::Milliseconds(1500));
  return options;
}

}  // namespace

absl::Duration Plan::Patience() const {
  const absl::Duration patience = 2 * digest_interval;
  // The name is free when the leases of the machine that had it have ended.
  return has_namesake ? patience + kTtl + kGrace : patience;
}

Plan AnyPlan(Dice& dice) {
  Plan plan;
  plan.machines = 1 + dice.Below(3);
  plan.sockets = 2 + dice.Below(10);
  plan.faults_last = dice.Between(absl::Seconds(2), absl::Seconds(12));
  plan.fault_interval =
      dice.Between(absl::Milliseconds(300), absl::Milliseconds(3000));
  plan.traffic_interval =
      dice.Between(absl::Milliseconds(10), absl::Milliseconds(400));
  plan.digest_interval = kDigestInterval;
  plan.has_namesake = dice.OneIn(10);
  plan.has_second_agents = dice.OneIn(6);
  plan.has_few_rows = dice.OneIn(7);
  plan.loses_a_row = !plan.has_few_rows && dice.OneIn(8);
  plan.has_storm = dice.OneIn(300);
  // Rows that were refused are offered again to a new session.
  plan.reconnects = !plan.has_few_rows && dice.OneIn(3);
  plan.has_blackout = dice.OneIn(100);
  if (plan.has_blackout) {
    plan.machines = 24 + dice.Below(6);
    plan.sockets = 1;
    plan.has_namesake = false;
    plan.has_few_rows = false;
  }
  plan.machines += plan.has_namesake ? 1 : 0;
  plan.service = AnyService(plan, dice);
  plan.machine = AnyMachine(plan, dice);
  return plan;
}

}  // namespace connreg::simulation
