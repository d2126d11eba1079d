#include "service/rpc/report_streams.h"

#include "service/core/session_errors.h"

namespace connreg {
namespace {

absl::Status Stopping() {
  return absl::UnavailableError("the service is about to stop");
}

}  // namespace

ReportStreams::~ReportStreams() {
  for (size_t count = count_; count > 0; count = count_) count_.wait(count);
  // The last to leave lets it go after that.
  MutexLock lock(mutex_);
}

void ReportStreams::Join(EndableStream* stream) {
  MutexLock lock(mutex_);
  streams_.emplace(stream, Epoch{});
  ++count_;
  if (stopping_) stream->End(Stopping());
}

void ReportStreams::Leave(EndableStream* stream) {
  MutexLock lock(mutex_);
  const auto it = streams_.find(stream);
  by_epoch_.erase(it->second);
  streams_.erase(it);
  --count_;
  count_.notify_all();
}

void ReportStreams::EndSuperseded(Epoch epoch) {
  MutexLock lock(mutex_);
  EndLocked(epoch, SessionSuperseded(epoch));
}

void ReportStreams::EndLapsed(const std::vector<Epoch>& epochs) {
  MutexLock lock(mutex_);
  for (const Epoch epoch : epochs) EndLocked(epoch, SessionEnded(epoch));
}

void ReportStreams::EndAll() {
  MutexLock lock(mutex_);
  stopping_ = true;
  for (const auto& [stream, epoch] : streams_) stream->End(Stopping());
}

void ReportStreams::NoteOpening() {
  MutexLock lock(mutex_);
  ++opening_;
}

void ReportStreams::NoteOpened(EndableStream* stream, Epoch epoch) {
  MutexLock lock(mutex_);
  --opening_;
  if (epoch != Epoch{}) {
    streams_[stream] = epoch;
    by_epoch_[epoch] = stream;
    if (const auto ended = ended_.find(epoch); ended != ended_.end())
      stream->End(ended->second);
  }
  if (opening_ == 0) ended_.clear();
}

void ReportStreams::EndLocked(Epoch epoch, const absl::Status& status) {
  if (const auto it = by_epoch_.find(epoch); it != by_epoch_.end())
    it->second->End(status);
  else if (opening_ > 0)
    ended_[epoch] = status;
}

}  // namespace connreg
