#ifndef CONNREG_TESTS_SIMULATION_SIMULATED_AGENT_H_
#define CONNREG_TESTS_SIMULATION_SIMULATED_AGENT_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/agent/report_loop.h"
#include "client/agent/session.h"
#include "service/base/clock.h"
#include "service/base/log_line.h"
#include "service/model/report.h"
#include "tests/simulation/kernel_model.h"
#include "tests/simulation/run_steps.h"
#include "tests/simulation/simulated_stream.h"
#include "tests/simulation/world.h"

namespace connreg::simulation {

// SimulatedAgent is one run of an agent: the loop that ships, behind doors to a
// KernelModel and to the service, and around it what poll(2), signals and the
// end of the process are.
class SimulatedAgent final : public RunSteps {
 public:
  struct Options {
    ReportLoop::Options loop;
    // It looks into its own network namespace alone.
    bool own_netns = false;
  };

  // `kernel` and `clock` outlive its run, and the timeline's steps may come to
  // it after that.
  SimulatedAgent(World& world, const Options& options, KernelModel& kernel,
                 const Clock& clock, SimulatedStream::Connect connect);
  ~SimulatedAgent() override;

  // The process is killed. `told`: its kernel closes the stream.
  void Kill(bool told);
  // SIGSTOP, SIGCONT.
  void Pause();
  void Resume();
  // SIGTERM.
  void Leave();
  // Something on the network breaks its stream.
  void BreakStream(bool tell_agent, bool tell_service);
  // Whether looks see all that there is, and the kernel tells all it is asked.
  void SetFaulty(bool is_faulty);

  void NoteDestroyed(const DestroyEvent& event);
  // The kernel could not tell all that it destroyed.
  void LoseEvents();

  bool runs() const { return process_ != nullptr; }
  bool is_leaving() const { return is_leaving_; }
  const Options& options() const { return options_; }
  const std::string& instance() const { return options_.loop.session.instance; }
  // REQUIRES: runs()
  const Session& session() const;

  void After(absl::Duration delay, Timeline::Step step) override;
  void Wake() override;
  bool is_paused() const override { return is_paused_; }

 private:
  struct Process;

  // Whether the loop need not wait.
  bool HasSomethingToRead() const;
  void WakeAfter(absl::Duration wait);
  // To the log.
  void Note(absl::string_view message, std::initializer_list<LogField> fields);
  // Fails the run if what is said is not so, as the agent or its kernel knows.
  void Check(const AgentMessage& message);
  // Fails the run if the ledger has grown beyond what there is.
  void CheckSize() const;

  World& world_;
  const Options options_;
  KernelModel& kernel_;

  // Null when it has ended.
  std::unique_ptr<Process> process_;
  bool is_paused_ = false;
  bool is_leaving_ = false;
  bool is_faulty_ = false;
  // Of the wake that counts: the last.
  uint64_t wake_ = 0;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_SIMULATED_AGENT_H_
