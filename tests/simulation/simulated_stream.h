#ifndef CONNREG_TESTS_SIMULATION_SIMULATED_STREAM_H_
#define CONNREG_TESTS_SIMULATION_SIMULATED_STREAM_H_

#include <deque>
#include <functional>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "client/agent/registry_stream.h"
#include "tests/simulation/bell.h"
#include "tests/simulation/run_steps.h"
#include "tests/simulation/stream.h"
#include "tests/simulation/world.h"

namespace connreg::simulation {

// SimulatedStream is the way of one agent to the service, over one Stream after
// another.
class SimulatedStream final : public RegistryStream {
 public:
  // Makes a stream to the service, which outlives the agent.
  using Connect = std::function<Stream&(Stream::AgentEnd)>;
  // Sees what is sent.
  using Watch = std::function<void(const AgentMessage&)>;

  SimulatedStream(World& world, RunSteps& steps, Connect connect, Watch watch)
      : world_(world),
        steps_(steps),
        connect_(std::move(connect)),
        watch_(std::move(watch)) {}

  // The process is gone. `told`: the service hears of it.
  void Leave(bool told);
  // Something on the network breaks it.
  void Break(bool tell_agent, bool tell_service);

  int descriptor() const override { return bell_.descriptor(); }
  void Open() override;
  bool is_open() const override { return is_open_; }
  bool can_send() const override;
  void Send(const AgentMessage& message) override;
  std::optional<Event> Take() override;
  void Finish() override { is_finished_ = true; }
  void Cancel() override;

 private:
  void Hear(Stream& stream, ToAgent said);
  // It has ended; that is yet to be taken.
  void End(const absl::Status& status);

  World& world_;
  RunSteps& steps_;
  const Connect connect_;
  const Watch watch_;

  bool is_open_ = false;
  bool is_finished_ = false;
  // Null if there is none, or it has ended.
  Stream* stream_ = nullptr;
  std::deque<Event> events_;
  Bell bell_;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_SIMULATED_STREAM_H_
