#include "service/rpc/report_call.h"

#include <cstddef>
#include <utility>

#include "service/base/error.h"
#include "service/rpc/message_bytes.h"
#include "service/rpc/method.h"
#include "service/wire/status.h"

namespace connreg {
namespace {

constexpr size_t kMaxAnswersWaiting = 4;

absl::Status Unreadable() {
  return InField("message",
                 InvalidArgument("MESSAGE_UNREADABLE",
                                 "the stream ended without goodbye, or with a "
                                 "message that cannot be read"));
}

}  // namespace

void ReportCall::Serve(const Surroundings& surroundings) {
  surroundings.loop.Join();
  // It deletes itself.
  auto* const call = new ReportCall(surroundings);
  call->context_.AsyncNotifyWhenDone(call->done_.tag());
  surroundings.service.Await(IndexOf(Method::kReport), &call->context_,
                             &call->stream_, surroundings.loop, call->arrived_);
}

ReportCall::ReportCall(const Surroundings& surroundings)
    : surroundings_(surroundings),
      arrived_([this](bool ok) { Arrive(ok); }),
      read_([this](bool ok) { ReadDone(ok); }),
      written_([this](bool ok) { WriteDone(ok); }),
      finished_([this](bool) { FinishDone(); }),
      done_([this](bool) { StreamDone(); }),
      stream_(&context_),
      session_(surroundings.registry, surroundings.streams,
               surroundings.observer, *this) {}

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

void ReportCall::Arrive(bool ok) {
  if (!ok) {
    surroundings_.loop.Leave();
    delete this;
    return;
  }
  Serve(surroundings_);
  surroundings_.streams.Join(this);
  MutexLock lock(mutex_);
  AdvanceLocked();
}

void ReportCall::ReadDone(bool ok) {
  surroundings_.loop.DoAside([this, ok] { TakeRead(ok); });
}

void ReportCall::TakeRead(bool ok) {
  if (ok) {
    if (const absl::Status status = Take(); !status.ok() || session_.over())
      EndItself(status);
  } else {
    session_.Lose();
    {
      MutexLock lock(mutex_);
      read_to_end_ = !status_;
    }
    EndItself(Unreadable());
  }
  bool is_over = false;
  {
    MutexLock lock(mutex_);
    reading_ = false;
    AdvanceLocked();
    is_over = IsOverLocked();
  }
  if (is_over) Leave();
}

absl::Status ReportCall::Take() {
  v1::ReportRequest request;
  v1::ReportResponse response;
  absl::Status status = ParseBytes(request_, &request);
  request_.Clear();
  if (status.ok())
    status = session_.Take(request, &response);
  else
    status = Unreadable();
  if (!status.ok()) session_.Lose();
  if (status.ok() && !session_.over()) {
    MutexLock lock(mutex_);
    answers_.push_back(BytesOf(response));
  }
  return status;
}

void ReportCall::EndItself(const absl::Status& status) {
  End(status);
  surroundings_.streams.NoteEnding(this);
}

void ReportCall::WriteDone(bool ok) {
  bool is_over = false;
  {
    MutexLock lock(mutex_);
    writing_ = false;
    answers_.pop_front();
    if (!ok) {
      answers_.clear();
      if (!status_) status_ = absl::CancelledError("the stream was lost");
    }
    AdvanceLocked();
    is_over = IsOverLocked();
  }
  if (is_over) Leave();
}

void ReportCall::FinishDone() {
  bool is_over = false;
  {
    MutexLock lock(mutex_);
    is_finished_ = true;
    is_over = IsOverLocked();
  }
  if (is_over) Leave();
}

void ReportCall::StreamDone() {
  bool is_over = false;
  {
    MutexLock lock(mutex_);
    is_done_ = true;
    if (!status_) status_ = absl::CancelledError("the stream was lost");
    AdvanceLocked();
    is_over = IsOverLocked();
  }
  if (is_over) Leave();
}

void ReportCall::AdvanceLocked() {
  if (finishing_) return;
  if (!writing_ && !answers_.empty()) {
    writing_ = true;
    stream_.Write(answers_.front(), written_.tag());
  } else if (!writing_ && status_) {
    finishing_ = true;
    stream_.Finish(ToGrpcStatus(*status_), finished_.tag());
  }
  if (!status_ && !reading_ && answers_.size() < kMaxAnswersWaiting) {
    reading_ = true;
    stream_.Read(&request_, read_.tag());
  }
}

bool ReportCall::IsOverLocked() const {
  return is_finished_ && is_done_ && !reading_ && !writing_;
}

void ReportCall::Leave() {
  session_.Lose();
  auto code = grpc::StatusCode::UNKNOWN;
  {
    MutexLock lock(mutex_);
    // A stream that is lost cannot be read from either.
    if (read_to_end_ && context_.IsCancelled())
      code = grpc::StatusCode::CANCELLED;
    else if (status_)
      code = static_cast<grpc::StatusCode>(status_->code());
  }
  surroundings_.observer.Ended(code);
  surroundings_.streams.Leave(this);
  CallLoop& loop = surroundings_.loop;
  delete this;
  loop.Leave();
}

}  // namespace connreg
