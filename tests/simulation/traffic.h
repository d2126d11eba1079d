#ifndef CONNREG_TESTS_SIMULATION_TRAFFIC_H_
#define CONNREG_TESTS_SIMULATION_TRAFFIC_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "service/model/owner.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"
#include "tests/simulation/machine.h"
#include "tests/simulation/world.h"

namespace connreg::simulation {

// Traffic is what programs do on all machines: one thing at a time, at random,
// and by it sockets come, change and go as TCP has it.
class Traffic {
 public:
  // About `sockets` on each machine.
  Traffic(World& world, std::deque<Machine>& machines, size_t sockets)
      : world_(world), machines_(machines), sockets_(sockets) {}

  // Gives a machine that was just turned on something to listen.
  void Furnish(Machine& machine);
  void DoSomething();
  // Connections that open and close at once, so many that nobody can tell all.
  void Storm(Machine& machine, size_t count);

 private:
  // One end of a conversation; it may be gone.
  struct End {
    Machine* machine = nullptr;
    size_t boot = 0;
    std::string netns;
    uint64_t number = 0;
  };
  struct Conversation {
    End client;
    // Not there before the server's kernel has heard of it, or if nobody whom
    // we know is there.
    std::optional<End> server;
    // What the server's end will be.
    std::optional<ConnectionFacts> accepts;
    // Which end closes first.
    bool client_closes = false;
  };

  // A place that listens.
  struct Place {
    Machine* machine = nullptr;
    const KernelNetns* netns = nullptr;
  };

  Machine& AnyMachine();
  Place AnyPlace(Machine& machine);
  Owners AnyOwners();

  void StartListening(Machine& machine);
  void StopListening(Machine& machine);
  void ChangeNamespaces(Machine& machine);
  void PassSocket(Machine& machine);
  // Begins a conversation, and returns its place; nothing if its pair is taken.
  std::optional<size_t> Begin(Machine& client);
  std::optional<size_t> BeginWith(const Place& client, const Place& server,
                                  uint64_t listening);
  std::optional<size_t> BeginWithStranger(const Place& client);
  void ConnectUdp(Machine& machine);
  // Lets a conversation go on by one step. Whether it is over.
  bool GoOn(Conversation& conversation);
  void Establish(Conversation& conversation);
  void Close(Conversation& conversation);
  // Both ends go.
  void Break(Conversation& conversation, Ending ending);
  void Forget(size_t place);

  static const ConnectionFacts* Find(const End& end);
  static void SetState(const End& end, ConnectionState state);
  static void EndSocket(const End& end, Ending ending);
  // What remains of a socket, in FIN-WAIT-2.
  void TimeOut(const End& end);

  World& world_;
  std::deque<Machine>& machines_;
  const size_t sockets_;
  std::vector<Conversation> conversations_;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_TRAFFIC_H_
