#ifndef CONNREG_TESTS_SIMULATION_ENDS_DOOR_H_
#define CONNREG_TESTS_SIMULATION_ENDS_DOOR_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/agent/snapshot.h"
#include "client/agent/socket_ends.h"
#include "tests/simulation/kernel_model.h"
#include "tests/simulation/run_steps.h"
#include "tests/simulation/world.h"

namespace connreg::simulation {

class SimulatedEnds;

// EndsDoor is how one agent hears of sockets that end: what the kernel says
// arrives some time later where the agent listens by then, or does not if much
// else waits there; what it is asked it answers at once. It knows which ends
// the agent has heard of.
class EndsDoor {
 public:
  // All are to outlive it.
  EndsDoor(World& world, KernelModel& kernel, RunSteps& steps)
      : world_(world), kernel_(kernel), steps_(steps) {}

  // The kernel destroyed a socket.
  void NoteDestroyed(const DestroyEvent& event);
  // It could not tell all that it did.
  void LoseEvents();
  // Whether the kernel refuses something now and then.
  void SetFaulty(bool is_faulty) { is_faulty_ = is_faulty; }

  // Listens to a network namespace from now on. The door is to outlive that.
  absl::StatusOr<std::unique_ptr<SocketEnds>> Listen(const std::string& netns);

  // The agent takes this for what is there, but for what it has heard of.
  void NoteLook(const Snapshot& snapshot);
  // Whether the agent knows that the connection with this cookie, which it had
  // seen or was told of as one, is not there any more.
  bool HasHeard(uint64_t cookie) const { return heard_.contains(cookie); }

 private:
  friend class SimulatedEnds;

  void NoteHeard(const EndedSocket& ended);

  World& world_;
  KernelModel& kernel_;
  RunSteps& steps_;
  bool is_faulty_ = false;
  std::vector<SimulatedEnds*> open_;
  // Cookies of the connections that the last look showed.
  std::set<uint64_t> seen_;
  std::set<uint64_t> heard_;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_ENDS_DOOR_H_
