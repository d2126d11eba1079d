#include "tests/simulation/simulated_stream.h"

#include <variant>

#include "absl/time/time.h"

namespace connreg::simulation {

void SimulatedStream::Leave(bool told) {
  if (stream_ != nullptr) stream_->LeaveAgent(told);
  stream_ = nullptr;
}

void SimulatedStream::Break(bool tell_agent, bool tell_service) {
  if (stream_ != nullptr) stream_->Break(tell_agent, tell_service);
}

void SimulatedStream::Open() {
  if (is_open_) return world_.trace.Fail("an agent opens a second stream");
  is_open_ = true;
  is_finished_ = false;
  stream_ = &connect_(
      [this](Stream& stream, ToAgent said) { Hear(stream, std::move(said)); });
  stream_->Say(simulation::Connect{});
}

bool SimulatedStream::can_send() const {
  return stream_ != nullptr && !is_finished_ && stream_->takes_more();
}

void SimulatedStream::Send(const AgentMessage& message) {
  if (!can_send()) return world_.trace.Fail("an agent sends where it cannot");
  watch_(message);
  stream_->Say(message);
}

std::optional<RegistryStream::Event> SimulatedStream::Take() {
  bell_.Silence();
  if (events_.empty()) return std::nullopt;
  Event event = std::move(events_.front());
  events_.pop_front();
  if (std::holds_alternative<absl::Status>(event)) is_open_ = false;
  return event;
}

void SimulatedStream::Cancel() {
  // It may have ended by itself.
  if (stream_ == nullptr) return;
  stream_->LeaveAgent(/*told=*/true);
  stream_ = nullptr;
  // What was not taken by now will not be.
  events_.clear();
  steps_.After(
      world_.dice.Between(absl::ZeroDuration(), absl::Milliseconds(20)),
      [this] { End(absl::CancelledError("the agent gave it up")); });
}

void SimulatedStream::Hear(Stream& stream, ToAgent said) {
  if (&stream != stream_) return;
  bell_.Ring();
  if (const auto* status = std::get_if<absl::Status>(&said))
    End(*status);
  else if (auto* message = std::get_if<RegistryMessage>(&said))
    events_.push_back(Answer{.message = std::move(*message)});
  steps_.Wake();
}

void SimulatedStream::End(const absl::Status& status) {
  stream_ = nullptr;
  events_.push_back(status);
  bell_.Ring();
}

}  // namespace connreg::simulation
