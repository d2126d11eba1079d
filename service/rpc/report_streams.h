#ifndef CONNREG_SERVICE_RPC_REPORT_STREAMS_H_
#define CONNREG_SERVICE_RPC_REPORT_STREAMS_H_

#include <atomic>
#include <cstddef>
#include <map>
#include <vector>

#include "absl/status/status.h"
#include "service/base/mutex.h"
#include "service/model/report.h"

namespace connreg {

// One stream of Report, as far as others may touch it.
class EndableStream {
 public:
  // Ends it with `status`, unless it has ended already. Does not wait.
  // Thread-safe.
  virtual void End(const absl::Status& status) = 0;

 protected:
  ~EndableStream() = default;
};

// ReportStreams knows the streams that there are, and by which of them each
// session goes, so that a stream can be ended by what it does not see itself:
// the next session of its reporter, the end of its lease, or of the service.
//
// Thread-safe.
class ReportStreams {
 public:
  // Waits until all have left.
  ~ReportStreams();

  // A stream is there, and has left. It ends at once if the service is about to
  // stop.
  void Join(EndableStream* stream);
  void Leave(EndableStream* stream);

  // Begins a session with what `open` returns, which is a
  // StatusOr<SessionWelcome>, by `stream`. If the session ends before this call
  // does, so does the stream.
  template <typename Open>
  auto Begin(EndableStream* stream, Open open) {
    NoteOpening();
    auto welcome = open();
    NoteOpened(stream, welcome.ok() ? welcome->epoch : Epoch{});
    return welcome;
  }

  // Ends the streams of sessions that have ended.
  void EndSuperseded(Epoch epoch);
  void EndLapsed(const std::vector<Epoch>& epochs);
  // Ends all streams, those to come too.
  void EndAll();

 private:
  void NoteOpening();
  void NoteOpened(EndableStream* stream, Epoch epoch);
  void EndLocked(Epoch epoch, const absl::Status& status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // Each with its session; epoch 0 is none.
  std::map<EndableStream*, Epoch> streams_ ABSL_GUARDED_BY(mutex_);
  std::map<Epoch, EndableStream*> by_epoch_ ABSL_GUARDED_BY(mutex_);
  // How many are being opened, and which sessions have meanwhile ended that no
  // stream is known of.
  int opening_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<Epoch, absl::Status> ended_ ABSL_GUARDED_BY(mutex_);
  // How many streams there are, to wait on.
  std::atomic<size_t> count_{0};
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_REPORT_STREAMS_H_
