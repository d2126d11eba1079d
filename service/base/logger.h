#ifndef CONNREG_SERVICE_BASE_LOGGER_H_
#define CONNREG_SERVICE_BASE_LOGGER_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <vector>

#include "absl/strings/string_view.h"
#include "service/base/clock.h"
#include "service/base/log_limiter.h"
#include "service/base/log_line.h"
#include "service/base/mutex.h"

namespace connreg {

// Logger writes the lines of a log that are heavy enough, in one format, and no
// more of the same than LogLimiter lets through. What it holds back it counts,
// and says so in a line: msg="lines held back" of="host stale" count=980.
//
// A line that cannot be written is lost, and counted: msg="lines lost" count=3
// comes before the next that can.
//
// It has no thread: that line is written with the next one of any message, or
// by Flush(), whichever comes first.
//
// Thread-safe.
class Logger {
 public:
  struct Options {
    LogFormat format = LogFormat::kText;
    // What is lighter is not written.
    LogLevel level = LogLevel::kInfo;
  };
  // Takes a line with its line break, and says whether it could. Called under
  // the logger's lock, so that lines keep their order: it must not log.
  using Sink = std::function<bool(absl::string_view)>;

  // `clock` outlives this object.
  Logger(const Clock& clock, Sink sink);

  void Configure(const Options& options);

  void Log(LogLevel level, absl::string_view message,
           std::initializer_list<LogField> fields);

  // Says what was held back of messages whose window is over.
  void Flush();
  // Says what was held back at all. From now on nothing is.
  void Finish();

 private:
  void TellLocked(const std::vector<LogLimiter::HeldBack>& held_back)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteLocked(LogLevel level, absl::string_view message,
                   std::initializer_list<LogField> fields)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether the sink took the line.
  bool OfferLocked(LogLevel level, absl::string_view message,
                   std::initializer_list<LogField> fields)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  const Sink sink_;

  Mutex mutex_;
  Options options_ ABSL_GUARDED_BY(mutex_);
  LogLimiter limiter_ ABSL_GUARDED_BY(mutex_);
  bool is_finished_ ABSL_GUARDED_BY(mutex_) = false;
  // Lines that the sink did not take, and nobody was told of.
  uint64_t lost_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_LOGGER_H_
