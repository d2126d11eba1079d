#include "tests/simulation/stream.h"

#include <utility>

#include "absl/time/time.h"

namespace connreg::simulation {
namespace {

// About that of a message without rows, and of a row.
constexpr size_t kMessageBytes = 50;
constexpr size_t kRowBytes = 200;

size_t SizeOf(const ToService& said) {
  const auto* const message = std::get_if<AgentMessage>(&said);
  if (message == nullptr) return 0;
  const auto* const batch = std::get_if<RowBatch>(message);
  return kMessageBytes + (batch == nullptr ? 0 : kRowBytes * RowCount(*batch));
}

}  // namespace

void Stream::Say(ToService said) {
  const size_t size = SizeOf(said);
  up_.Push(std::move(said), size);
}

void Stream::LeaveAgent(bool told) {
  if (agent_left_) return;
  agent_left_ = true;
  if (told)
    up_.Push(Hangup{}, 0);
  else
    up_.Cut();
}

void Stream::Answer(ToAgent said) {
  if (service_left_) return;
  service_left_ = std::holds_alternative<absl::Status>(said);
  down_.Push(std::move(said), 0);
}

void Stream::LeaveService() {
  Answer(absl::UnavailableError("the service's process has ended"));
}

void Stream::Break(bool tell_agent, bool tell_service) {
  up_.Cut();
  down_.Cut();
  const auto any_delay = [this] {
    return world_.dice.Between(absl::ZeroDuration(), absl::Milliseconds(800));
  };
  if (tell_agent) {
    world_.timeline.After(any_delay(), [this] {
      ReachAgent(absl::UnavailableError("the stream broke"));
    });
  }
  if (tell_service)
    world_.timeline.After(any_delay(), [this] { ReachService(Hangup{}); });
}

void Stream::ReachService(ToService said) {
  if (up_.size() + 1 == kMaxUnderWay) ReachAgent(TakesAgain{});
  if (service_left_) return;
  if (std::holds_alternative<Hangup>(said)) service_left_ = true;
  service_(*this, std::move(said));
}

void Stream::ReachAgent(ToAgent said) {
  if (agent_left_) return;
  if (std::holds_alternative<absl::Status>(said)) agent_left_ = true;
  agent_(*this, std::move(said));
}

}  // namespace connreg::simulation
