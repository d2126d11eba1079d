#ifndef CONNREG_TESTS_SIMULATION_STREAM_H_
#define CONNREG_TESTS_SIMULATION_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "service/model/report.h"
#include "tests/simulation/link.h"
#include "tests/simulation/pipe.h"
#include "tests/simulation/world.h"

namespace connreg::simulation {

// The ways of one machine to the service and back.
struct Links {
  Link up;
  Link down;
};

// What the service hears: the stream begins, a message, and it is over.
struct Connect {};
struct Hangup {};
using ToService = std::variant<Connect, AgentMessage, Hangup>;

// What the agent hears: the stream takes messages again, a message, and it is
// over.
struct TakesAgain {};
using ToAgent = std::variant<TakesAgain, RegistryMessage, absl::Status>;

// Stream is one Report stream. Each end may learn that it is over long after
// the other, or never.
class Stream {
 public:
  using AgentEnd = std::function<void(Stream&, ToAgent)>;
  using ServiceEnd = std::function<void(Stream&, ToService)>;

  // `links` outlives it. Numbers tell streams apart, in the same order in each
  // run.
  Stream(World& world, uint64_t number, Links& links, AgentEnd agent,
         ServiceEnd service)
      : world_(world),
        number_(number),
        agent_(std::move(agent)),
        service_(std::move(service)),
        up_(world.timeline, world.dice, links.up,
            [this](ToService said) { ReachService(std::move(said)); }),
        down_(world.timeline, world.dice, links.down,
              [this](ToAgent said) { ReachAgent(std::move(said)); }) {}

  uint64_t number() const { return number_; }

  // By the agent. Whether so little of what it said is under way that it may
  // say more.
  bool takes_more() const { return up_.size() < kMaxUnderWay; }
  void Say(ToService said);
  // It hears no more, and the service is told, unless the machine is gone.
  void LeaveAgent(bool told);

  // By the service. After a status it hears no more.
  void Answer(ToAgent said);
  // Its process is gone.
  void LeaveService();

  // What is under way is lost, and each end is told or never is.
  void Break(bool tell_agent, bool tell_service);
  bool is_over() const { return agent_left_ && service_left_; }

 private:
  static constexpr size_t kMaxUnderWay = 6;

  void ReachService(ToService said);
  void ReachAgent(ToAgent said);

  World& world_;
  const uint64_t number_;
  const AgentEnd agent_;
  const ServiceEnd service_;
  Pipe<ToService> up_;
  Pipe<ToAgent> down_;
  bool agent_left_ = false;
  bool service_left_ = false;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_STREAM_H_
