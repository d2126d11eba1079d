#ifndef CONNREG_TESTS_SIMULATION_NETWORK_H_
#define CONNREG_TESTS_SIMULATION_NETWORK_H_

#include <deque>
#include <utility>

#include "tests/simulation/simulated_service.h"
#include "tests/simulation/stream.h"
#include "tests/simulation/world.h"

namespace connreg::simulation {

// Network makes streams to the service, and keeps them until the run ends: what
// is under way on one may arrive long after a later one was opened.
class Network {
 public:
  Network(World& world, SimulatedService& service)
      : world_(world), service_(service) {}

  Stream& Open(Links& links, Stream::AgentEnd agent) {
    return streams_.emplace_back(world_, streams_.size() + 1, links,
                                 std::move(agent),
                                 [this](Stream& stream, ToService said) {
                                   service_.Hear(stream, std::move(said));
                                 });
  }

 private:
  World& world_;
  SimulatedService& service_;
  std::deque<Stream> streams_;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_NETWORK_H_
