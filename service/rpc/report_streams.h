#ifndef CONNREG_SERVICE_RPC_REPORT_STREAMS_H_
#define CONNREG_SERVICE_RPC_REPORT_STREAMS_H_

#include <atomic>
#include <cstddef>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "service/model/report.h"

namespace connreg {

// One stream of Report, as far as others may touch it.
class EndableStream {
 public:
  // Ends it with `status`, unless it has ended already, as soon as its peer has
  // taken what it was answered. Does not wait. Thread-safe.
  virtual void End(const absl::Status& status) = 0;
  // Ends it now, whatever its peer has not taken. Does not wait. Thread-safe.
  virtual void CutOff() = 0;

 protected:
  ~EndableStream() = default;
};

// ReportStreams knows the streams that there are, and by which of them each
// session goes, so that a stream can be ended by what it does not see itself:
// the next session of its reporter, the end of its lease, or of the service.
// Ends last kEndPatience at most: a stream whose peer reads nothing is cut off
// then. One that has begun no session kOpenPatience after it came is ended.
//
// Thread-safe.
class ReportStreams {
 public:
  // How long a stream that is ended waits for its peer to take the answers.
  static constexpr absl::Duration kEndPatience = absl::Seconds(10);
  // How long a stream may be there before its session begins.
  static constexpr absl::Duration kOpenPatience = absl::Seconds(10);

  // `clock` outlives this object.
  explicit ReportStreams(const Clock& clock) : clock_(clock) {}
  // Waits until all have left.
  ~ReportStreams();

  // A stream is there, and has left. It ends at once if the service is about to
  // stop.
  void Join(EndableStream* stream);
  void Leave(EndableStream* stream);
  // It was ended by what it saw itself.
  void NoteEnding(EndableStream* stream);

  // Begins a session with what `open` returns, which is a
  // StatusOr<SessionWelcome>, by `stream`. If the session ends before this call
  // does, so does the stream.
  template <typename Open>
  auto Begin(EndableStream* stream, Open open) {
    NoteOpening(stream);
    auto welcome = open();
    NoteOpened(stream, welcome.ok() ? welcome->epoch : Epoch{});
    return welcome;
  }

  // Ends the streams of sessions that have ended.
  void EndSuperseded(Epoch epoch);
  void EndLapsed(const std::vector<Epoch>& epochs);
  // Ends all streams, those to come too.
  void EndAll();
  // Does what the streams are due for by now. To be called every now and then.
  void Advance();

 private:
  struct Stream {
    // 0: it has no session.
    Epoch epoch{};
    bool is_ending = false;
    // When something is to be done about it, on the monotonic clock.
    absl::Duration due = absl::InfiniteDuration();
  };
  using Streams = std::map<EndableStream*, Stream>;

  void NoteOpening(EndableStream* stream);
  void NoteOpened(EndableStream* stream, Epoch epoch);
  void EndLocked(Epoch epoch, const absl::Status& status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndLocked(Streams::value_type& stream, const absl::Status& status)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteEndingLocked(Streams::value_type& stream)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SetDueLocked(Streams::value_type& stream, absl::Duration due)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;

  // Taken before a stream's own lock.
  Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  Streams streams_ ABSL_GUARDED_BY(mutex_);
  std::map<Epoch, EndableStream*> by_epoch_ ABSL_GUARDED_BY(mutex_);
  // Those that are due at some time, in that order.
  std::set<std::pair<absl::Duration, EndableStream*>> due_
      ABSL_GUARDED_BY(mutex_);
  // How many are being opened, and which sessions have meanwhile ended that no
  // stream is known of.
  int opening_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<Epoch, absl::Status> ended_ ABSL_GUARDED_BY(mutex_);
  // How many streams there are, to wait on.
  std::atomic<size_t> count_{0};
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_REPORT_STREAMS_H_
