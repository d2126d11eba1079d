#include "service/rpc/report_call.h"

#include <cstddef>
#include <utility>

#include "grpcpp/server_context.h"
#include "service/base/error.h"
#include "service/wire/status.h"

namespace connreg {
namespace {

constexpr size_t kMaxAnswersWaiting = 4;

// gRPC does not tell these two apart.
absl::Status Unreadable() {
  return InField("message",
                 InvalidArgument("MESSAGE_UNREADABLE",
                                 "the stream ended without goodbye, or with a "
                                 "message that cannot be read"));
}

}  // namespace

ReportCall::ReportCall(const grpc::CallbackServerContext& context,
                       Registry& registry, ReportStreams& streams,
                       ReportObserver& observer)
    : context_(context),
      streams_(streams),
      observer_(observer),
      session_(registry, streams, observer, *this) {
  streams_.Join(this);
  MutexLock lock(mutex_);
  AdvanceLocked();
}

void ReportCall::End(const absl::Status& status) {
  MutexLock lock(mutex_);
  if (status_) return;
  status_ = status;
  AdvanceLocked();
}

void ReportCall::CutOff() {
  MutexLock lock(mutex_);
  // That is what its peer hears, and what is counted.
  if (!finishing_) {
    status_ =
        absl::CancelledError("the agent does not take what it is answered");
  }
  context_.TryCancel();
}

void ReportCall::EndItself(const absl::Status& status) {
  End(status);
  streams_.NoteEnding(this);
}

void ReportCall::OnReadDone(bool ok) {
  if (ok) {
    Take();
  } else {
    session_.Lose();
    EndItself(context_.IsCancelled()
                  ? absl::CancelledError("the stream was lost")
                  : Unreadable());
  }
  MutexLock lock(mutex_);
  reading_ = false;
  AdvanceLocked();
}

void ReportCall::Take() {
  v1::ReportResponse response;
  const absl::Status status = session_.Take(request_, &response);
  // One large message does not hold its memory until the next.
  request_ = v1::ReportRequest();
  if (!status.ok()) session_.Lose();
  if (status.ok() && !session_.over()) {
    MutexLock lock(mutex_);
    answers_.push_back(std::move(response));
  } else {
    EndItself(status);
  }
}

void ReportCall::OnWriteDone(bool ok) {
  MutexLock lock(mutex_);
  writing_ = false;
  answers_.pop_front();
  if (!ok) {
    answers_.clear();
    if (!status_) status_ = absl::CancelledError("the stream was lost");
  }
  AdvanceLocked();
}

void ReportCall::OnDone() {
  session_.Lose();
  grpc::StatusCode code = grpc::StatusCode::UNKNOWN;
  {
    MutexLock lock(mutex_);
    if (status_) code = static_cast<grpc::StatusCode>(status_->code());
  }
  observer_.Ended(code);
  streams_.Leave(this);
  delete this;
}

void ReportCall::AdvanceLocked() {
  if (finishing_) return;
  if (!writing_ && !answers_.empty()) {
    writing_ = true;
    StartWrite(&answers_.front());
  } else if (!writing_ && status_) {
    finishing_ = true;
    Finish(ToGrpcStatus(*status_));
  }
  if (!status_ && !reading_ && answers_.size() < kMaxAnswersWaiting) {
    reading_ = true;
    StartRead(&request_);
  }
}

}  // namespace connreg
