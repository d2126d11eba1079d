#include "service/rpc/health_watch_call.h"

#include "absl/status/status.h"
#include "grpc/health/v1/health.pb.h"
#include "service/rpc/message_bytes.h"
#include "service/rpc/method.h"
#include "service/wire/status.h"

namespace connreg {

void HealthWatchCall::Serve(const Surroundings& surroundings) {
  surroundings.loop.Join();
  // It deletes itself.
  auto* const watch = new HealthWatchCall(surroundings);
  watch->context_.AsyncNotifyWhenDone(watch->done_.tag());
  surroundings.service.Await(IndexOf(Method::kHealthWatch), &watch->context_,
                             &watch->request_, &watch->writer_,
                             surroundings.loop, watch->arrived_);
}

HealthWatchCall::HealthWatchCall(const Surroundings& surroundings)
    : surroundings_(surroundings),
      arrived_([this](bool ok) { Arrive(ok); }),
      written_([this](bool) { WriteDone(); }),
      finished_([this](bool) { FinishDone(); }),
      done_([this](bool) { StreamDone(); }),
      writer_(&context_) {}

void HealthWatchCall::Arrive(bool ok) {
  if (!ok) {
    surroundings_.loop.Leave();
    delete this;
    return;
  }
  Serve(surroundings_);
  grpc::health::v1::HealthCheckRequest request;
  if (const absl::Status status = ParseBytes(request_, &request);
      !status.ok()) {
    MutexLock lock(mutex_);
    finishing_ = true;
    status_ = status;
    writer_.Finish(ToGrpcStatus(status_), finished_.tag());
    return;
  }
  surroundings_.states.Join(watched_.emplace(request.service()), this);
}

void HealthWatchCall::Tell(HealthStates::State state) {
  MutexLock lock(mutex_);
  next_ = state;
  AdvanceLocked();
}

void HealthWatchCall::WriteDone() {
  MutexLock lock(mutex_);
  writing_ = false;
  AdvanceLocked();
}

void HealthWatchCall::StreamDone() {
  bool is_over = false;
  {
    MutexLock lock(mutex_);
    is_done_ = true;
    AdvanceLocked();
    is_over = is_finished_;
  }
  if (is_over) Leave();
}

void HealthWatchCall::FinishDone() {
  bool is_over = false;
  {
    MutexLock lock(mutex_);
    is_finished_ = true;
    is_over = is_done_;
  }
  if (is_over) Leave();
}

void HealthWatchCall::AdvanceLocked() {
  if (writing_ || finishing_) return;
  if (is_done_) {
    finishing_ = true;
    writer_.Finish(ToGrpcStatus(status_), finished_.tag());
  } else if (next_) {
    grpc::health::v1::HealthCheckResponse response;
    response.set_status(*next_);
    next_.reset();
    writing_ = true;
    writer_.Write(BytesOf(response), written_.tag());
  }
}

void HealthWatchCall::Leave() {
  auto code = grpc::StatusCode::UNKNOWN;
  {
    MutexLock lock(mutex_);
    code = static_cast<grpc::StatusCode>(status_.code());
  }
  surroundings_.meter.Ended(Method::kHealthWatch, code);
  if (watched_) surroundings_.states.Leave(*watched_, this);
  CallLoop& loop = surroundings_.loop;
  delete this;
  loop.Leave();
}

}  // namespace connreg
