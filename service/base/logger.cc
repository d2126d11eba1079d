#include "service/base/logger.h"

#include <string>
#include <utility>

namespace connreg {

Logger::Logger(const Clock& clock, Sink sink)
    : clock_(clock), sink_(std::move(sink)), limiter_({}) {}

void Logger::Configure(const Options& options) {
  MutexLock lock(mutex_);
  options_ = options;
}

void Logger::Log(LogLevel level, absl::string_view message,
                 std::initializer_list<LogField> fields) {
  MutexLock lock(mutex_);
  if (level < options_.level) return;
  const absl::Duration now = clock_.Monotonic();
  TellLocked(limiter_.Take(now));
  if (is_finished_ || limiter_.Admits(level, message, now))
    WriteLocked(level, message, fields);
}

void Logger::Flush() {
  MutexLock lock(mutex_);
  TellLocked(limiter_.Take(clock_.Monotonic()));
}

void Logger::Finish() {
  MutexLock lock(mutex_);
  TellLocked(limiter_.TakeAll());
  is_finished_ = true;
}

void Logger::TellLocked(const std::vector<LogLimiter::HeldBack>& held_back) {
  for (const auto& [level, message, count] : held_back)
    WriteLocked(level, "lines held back", {{"of", message}, {"count", count}});
}

void Logger::WriteLocked(LogLevel level, absl::string_view message,
                         std::initializer_list<LogField> fields) {
  if (lost_ > 0 &&
      OfferLocked(LogLevel::kWarning, "lines lost", {{"count", lost_}}))
    lost_ = 0;
  if (!OfferLocked(level, message, fields)) ++lost_;
}

bool Logger::OfferLocked(LogLevel level, absl::string_view message,
                         std::initializer_list<LogField> fields) {
  std::string line =
      FormatLogLine(options_.format, clock_.Now(), level, message, fields);
  line.push_back('\n');
  return sink_(line);
}

}  // namespace connreg
