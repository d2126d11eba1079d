#ifndef CONNREG_TESTS_SIMULATION_SIMULATED_SERVICE_H_
#define CONNREG_TESTS_SIMULATION_SIMULATED_SERVICE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "service/core/registry.h"
#include "service/model/report.h"
#include "tests/simulation/expected_rows.h"
#include "tests/simulation/session_rules.h"
#include "tests/simulation/stream.h"
#include "tests/simulation/world.h"

namespace connreg::simulation {

// SimulatedService is the service's process: the real registry, and around it
// what serves its sessions, as service/rpc and service/server do. It checks
// each answer of the registry as it comes.
class SimulatedService {
 public:
  struct Options {
    // Without run_id and hash_key, which each process draws.
    Registry::Options registry;
    // What Welcome says, so that a few rows need many messages.
    size_t max_rows = 10'000;
    absl::Duration upkeep_interval;
  };

  SimulatedService(World& world, const Options& options);

  // What streams bring.
  void Hear(Stream& stream, ToService said);

  // The process ends, and another begins after `pause`.
  void Restart(absl::Duration pause);
  // It stands still.
  void Stall(absl::Duration duration);
  // Whatever keeps it from working ends.
  void GoOn();
  // Its time of day is set.
  void StepTimeOfDay(absl::Duration step) { clock_.StepTimeOfDay(step); }
  // The registry does not get one row of the next batch that has some, though
  // it says that it did.
  void LoseARow() { loses_a_row_ = true; }
  bool has_lost_a_row() const { return has_lost_a_row_; }

  // Neither gone nor standing still.
  bool is_up() const { return registry_ != nullptr && !still_since_; }
  // REQUIRES: is_up()
  const Registry& registry() const { return *registry_; }
  ExpectedRows& expected() { return expected_; }
  // The longest stall of which the registry was told after leases had been
  // renewed already: they last so much longer.
  absl::Duration longest_late_stall() const { return longest_late_stall_; }
  // How many rows were said, and how many messages had some.
  size_t rows_heard() const { return rows_heard_; }
  size_t divergences_due() const { return divergences_due_; }

 private:
  // What is known of a stream.
  struct Session {
    Stream* stream = nullptr;
    std::optional<Epoch> epoch;
    Reporter reporter;
  };

  void Begin();
  void Serve(Stream& stream, const ToService& said);
  void ServeMessage(Stream& stream, const AgentMessage& message);
  void ServeOpening(Stream& stream, Session& session,
                    const SessionOpening& opening);
  void ServeBatch(Stream& stream, const Session& session, RowBatch batch);
  void ServeKeepAlive(Stream& stream, const Session& session,
                      const KeepAlive& keep_alive);
  void ServeGoodbye(Stream& stream, const Session& session,
                    const Goodbye& goodbye);
  void Lose(Stream& stream);
  // Ends the session of `stream` since the registry would not have it.
  void Refuse(Stream& stream, const absl::Status& status);
  void EndStreamOf(Epoch epoch, const absl::Status& status);
  void LoseARowOf(RowBatch* batch);
  // Nothing is left of what the reporter said.
  void Forget(const Reporter& reporter);
  void Upkeep(uint64_t run);
  uint64_t revision() const { return registry_->GetStatus().coverage.revision; }

  World& world_;
  const Options options_;
  TimelineClock clock_;

  uint64_t run_ = 0;
  std::unique_ptr<Registry> registry_;
  // By the numbers of their streams.
  std::map<uint64_t, Session> sessions_;
  // Since when it stands still, and what came meanwhile.
  std::optional<absl::Duration> still_since_;
  std::deque<std::pair<Stream*, ToService>> backlog_;
  bool loses_a_row_ = false;
  bool has_lost_a_row_ = false;

  ExpectedRows expected_;
  std::unique_ptr<SessionRules> rules_;
  absl::Duration longest_late_stall_;
  size_t rows_heard_ = 0;
  // Claims that were wrong.
  size_t divergences_due_ = 0;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_SIMULATED_SERVICE_H_
