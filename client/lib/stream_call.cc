#include "client/lib/stream_call.h"

#include <cstddef>

#include "client/lib/channel.h"
#include "grpcpp/support/channel_arguments.h"

namespace connreg {
namespace {

// How many answers wait to be taken. The service has no more to say than it was
// asked; one that says more waits.
constexpr size_t kMaxAnswers = 64;

// After so long without a word the connection is tried, and given up after as
// long again. The users of a stream mostly know it sooner.
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 10'000;

grpc::ChannelArguments Arguments(absl::Duration patience) {
  grpc::ChannelArguments arguments = OurChannelArguments();
  // Else channels to one address share its connection, and its pauses.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  // For the larger of these a connection may take to come about, and it is not
  // given up earlier with its channel.
  const auto ms = static_cast<int>(absl::ToInt64Milliseconds(patience));
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, ms);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, ms);
  return arguments;
}

}  // namespace

StreamCall::StreamCall(const std::string& target, absl::Duration patience,
                       std::shared_ptr<WakeEvent> wake)
    : wake_(std::move(wake)),
      stub_(v1::ReportingService::NewStub(
          ChannelTo(target, Arguments(patience)))) {
  stub_->async()->Report(&context_, this);
  AddHold();
  StartRead(&answer_);
  StartCall();
}

bool StreamCall::can_send() const {
  MutexLock lock(mutex_);
  return !is_writing_ && !is_finished_ && !reads_ended_;
}

void StreamCall::Send(v1::ReportRequest request) {
  {
    MutexLock lock(mutex_);
    is_writing_ = true;
  }
  request_ = std::move(request);
  StartWrite(&request_);
}

void StreamCall::Finish() {
  {
    MutexLock lock(mutex_);
    if (std::exchange(is_finished_, true) || reads_ended_) return;
    // Else the end of the write does it.
    if (is_writing_) return;
  }
  StartWritesDone();
}

void StreamCall::OnReadDone(bool ok) {
  bool reads_on = false;
  {
    MutexLock lock(mutex_);
    reads_ended_ = !ok;
    if (ok) {
      answers_.push_back(std::move(answer_));
      answer_ = {};
      is_full_ = answers_.size() >= kMaxAnswers;
      reads_on = !is_full_;
    }
  }
  wake_->Wake();
  if (reads_on) StartRead(&answer_);
}

void StreamCall::OnWriteDone(bool ok) {
  bool finishes = false;
  {
    MutexLock lock(mutex_);
    is_writing_ = false;
    finishes = ok && is_finished_;
  }
  wake_->Wake();
  if (finishes) StartWritesDone();
}

void StreamCall::OnDone(const grpc::Status& status) {
  // The user may delete this as soon as the end is told.
  const std::shared_ptr<WakeEvent> wake = wake_;
  {
    MutexLock lock(mutex_);
    end_ = status;
  }
  wake->Wake();
}

std::optional<StreamCall::Event> StreamCall::Take() {
  std::optional<Event> event;
  bool reads_on = false;
  bool ends = false;
  {
    MutexLock lock(mutex_);
    if (!answers_.empty()) {
      event = std::move(answers_.front());
      answers_.pop_front();
      reads_on = std::exchange(is_full_, false);
    } else if (end_) {
      event = *end_;
    } else {
      ends = reads_ended_;
    }
  }
  if (reads_on) StartRead(&answer_);
  if (ends && std::exchange(has_hold_, false)) RemoveHold();
  return event;
}

}  // namespace connreg
