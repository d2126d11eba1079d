#ifndef CONNREG_TESTS_SIMULATION_SIMULATED_AGENT_H_
#define CONNREG_TESTS_SIMULATION_SIMULATED_AGENT_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "client/agent/ledger.h"
#include "client/agent/session.h"
#include "client/agent/snapshot.h"
#include "service/model/report.h"
#include "service/model/socket.h"
#include "tests/simulation/kernel_model.h"
#include "tests/simulation/stream.h"
#include "tests/simulation/world.h"

namespace connreg::simulation {

// SimulatedAgent is one run of an agent: the real ledger and session, and
// around them what looks at the kernel and carries messages, as the agent's
// loop does.
class SimulatedAgent {
 public:
  struct Options {
    Session::Options session;
    // It looks into its own network namespace alone.
    bool own_netns = false;
    absl::Duration interval;
  };
  // Makes a stream to the service, which outlives the agent.
  using OpenStream = std::function<Stream&(Stream::AgentEnd)>;

  // `kernel` and `clock` outlive its run, and the timeline's steps may come to
  // it after that.
  SimulatedAgent(World& world, const Options& options,
                 const KernelModel& kernel, const Clock& clock,
                 OpenStream open_stream);

  // The process is killed. `told`: its kernel closes the stream.
  void Kill(bool told);
  // SIGSTOP, SIGCONT.
  void Pause();
  void Resume();
  // It ends by itself.
  void Leave(bool remove);
  // Something on the network breaks its stream.
  void BreakStream(bool tell_agent, bool tell_service);
  // Whether looks see all that there is.
  void SetFaulty(bool is_faulty) { is_faulty_ = is_faulty; }

  void NoteDestroyed(const DestroyEvent& event);
  // The kernel could not tell all that it destroyed.
  void LoseEvents();

  bool runs() const { return session_ != nullptr; }
  bool is_leaving() const { return is_leaving_; }
  const Options& options() const { return options_; }
  // REQUIRES: runs()
  const Session& session() const { return *session_; }
  const Ledger& ledger() const { return *ledger_; }

 private:
  // Does what there is to do, until there is nothing or it ended.
  void Act();
  void Hear(ToAgent said);
  // Whether there is something else to do at once.
  bool DoNext();
  void DropStream();
  void WakeAfter(absl::Duration wait);

  void BeginLook();
  void FinishLook();
  void LookAgainAfter(absl::Duration wait);
  void ReadEvents();
  void Ask(const DestroyEvent& event);
  // A socket has ended: `connection`, if that is known of it.
  void NoteEnd(const std::string& netns, uint64_t cookie,
               const std::optional<ConnectionFacts>& connection);
  void AskOfHalfClosed();
  bool Watches(const std::string& netns) const;
  // Fails the run if what is said has ended, as the agent knows.
  void Check(const RowBatch& batch);
  // Fails the run if the ledger has grown beyond what there is.
  void CheckSize() const;

  World& world_;
  const Options options_;
  const KernelModel& kernel_;
  const OpenStream open_stream_;

  // Null when it has ended.
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Session> session_;
  bool is_paused_ = false;
  bool is_leaving_ = false;
  bool is_faulty_ = false;

  Stream* stream_ = nullptr;
  bool is_accepted_ = false;
  std::deque<ToAgent> inbox_;
  // Of the wake that counts: the last.
  uint64_t wake_ = 0;

  // What the look that goes on has read, and what it has yet to read.
  std::optional<Snapshot> look_;
  std::vector<std::string> unread_;
  bool look_is_due_ = false;
  uint64_t next_look_ = 0;
  std::deque<DestroyEvent> events_;
  // Cookies and network namespaces of connections in FIN-WAIT-2, of which the
  // kernel does not tell the end.
  std::set<std::pair<uint64_t, std::string>> half_closed_;
  // Cookies of the connections whose end it has heard of.
  std::set<uint64_t> ended_;
  // Ended connections that the ledger was given, and that it gave away.
  size_t ended_given_ = 0;
  size_t ended_said_ = 0;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_SIMULATED_AGENT_H_
