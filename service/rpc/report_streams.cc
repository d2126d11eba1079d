#include "service/rpc/report_streams.h"

#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/core/session_errors.h"

namespace connreg {
namespace {

// Unlike a first message that is another one, it may be the network's fault.
absl::Status OpenOverdue() {
  return WithDetail(
      absl::DeadlineExceededError(absl::StrCat(
          "no open within ", absl::FormatDuration(ReportStreams::kOpenPatience),
          " after the stream came")),
      {.reason = "OPEN_OVERDUE"});
}

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
  const auto joined = streams_.try_emplace(stream).first;
  ++count_;
  if (stopping_)
    EndLocked(*joined, Stopping());
  else
    SetDueLocked(*joined, clock_.Monotonic() + kOpenPatience);
}

void ReportStreams::Leave(EndableStream* stream) {
  MutexLock lock(mutex_);
  const auto it = streams_.find(stream);
  by_epoch_.erase(it->second.epoch);
  due_.erase({it->second.due, stream});
  streams_.erase(it);
  --count_;
  count_.notify_all();
}

void ReportStreams::NoteEnding(EndableStream* stream) {
  MutexLock lock(mutex_);
  NoteEndingLocked(*streams_.find(stream));
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
  for (auto& stream : streams_) EndLocked(stream, Stopping());
}

void ReportStreams::Advance() {
  MutexLock lock(mutex_);
  const absl::Duration now = clock_.Monotonic();
  while (!due_.empty() && due_.begin()->first <= now) {
    auto& stream = *streams_.find(due_.begin()->second);
    if (stream.second.is_ending) {
      SetDueLocked(stream, absl::InfiniteDuration());
      stream.first->CutOff();
    } else {
      EndLocked(stream, OpenOverdue());
    }
  }
}

void ReportStreams::NoteOpening(EndableStream* stream) {
  MutexLock lock(mutex_);
  ++opening_;
  auto& opening = *streams_.find(stream);
  if (!opening.second.is_ending)
    SetDueLocked(opening, absl::InfiniteDuration());
}

void ReportStreams::NoteOpened(EndableStream* stream, Epoch epoch) {
  MutexLock lock(mutex_);
  --opening_;
  if (epoch != Epoch{}) {
    auto& opened = *streams_.find(stream);
    opened.second.epoch = epoch;
    by_epoch_[epoch] = stream;
    if (const auto ended = ended_.find(epoch); ended != ended_.end())
      EndLocked(opened, ended->second);
  }
  if (opening_ == 0) ended_.clear();
}

void ReportStreams::EndLocked(Epoch epoch, const absl::Status& status) {
  if (const auto it = by_epoch_.find(epoch); it != by_epoch_.end())
    EndLocked(*streams_.find(it->second), status);
  else if (opening_ > 0)
    ended_[epoch] = status;
}

void ReportStreams::EndLocked(Streams::value_type& stream,
                              const absl::Status& status) {
  stream.first->End(status);
  NoteEndingLocked(stream);
}

void ReportStreams::NoteEndingLocked(Streams::value_type& stream) {
  if (std::exchange(stream.second.is_ending, true)) return;
  SetDueLocked(stream, clock_.Monotonic() + kEndPatience);
}

void ReportStreams::SetDueLocked(Streams::value_type& stream,
                                 absl::Duration due) {
  due_.erase({stream.second.due, stream.first});
  stream.second.due = due;
  if (due != absl::InfiniteDuration()) due_.emplace(due, stream.first);
}

}  // namespace connreg
