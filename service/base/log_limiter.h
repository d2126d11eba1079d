#ifndef CONNREG_SERVICE_BASE_LOG_LIMITER_H_
#define CONNREG_SERVICE_BASE_LOG_LIMITER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "service/base/log_line.h"

namespace connreg {

// LogLimiter says which lines of a log are written where the same comes again
// and again. Lines are the same if their level and message are, whatever their
// fields: of 1,000 hosts that go silent the first are named, and the others
// counted.
//
// A message has a window from its first line on. In it as many lines as a burst
// has are let through, and the others are counted; the count is kept until it
// is taken.
//
// It remembers a bounded number of messages, and none whose window is over and
// whose count is taken. Further ones are counted together, as kOthers.
//
// Times are on the monotonic clock. Not thread-safe.
class LogLimiter {
 public:
  struct Options {
    size_t burst = 20;
    absl::Duration window = absl::Seconds(10);
    size_t max_messages = 100;
  };
  struct HeldBack {
    LogLevel level;
    std::string message;
    uint64_t count = 0;

    bool operator==(const HeldBack&) const = default;
  };

  static constexpr absl::string_view kOthers = "other messages";

  explicit LogLimiter(const Options& options) : options_(options) {}

  // Whether such a line may be written. If not, it is counted.
  bool Admits(LogLevel level, absl::string_view message, absl::Duration now);

  // Takes what was held back in windows that are over.
  std::vector<HeldBack> Take(absl::Duration now);
  // Takes what was held back at all, and ends every window.
  std::vector<HeldBack> TakeAll();

 private:
  struct Window {
    absl::Duration end;
    size_t admitted = 0;
    uint64_t held_back = 0;
  };
  using Kind = std::pair<LogLevel, std::string>;

  Window& WindowOf(LogLevel level, absl::string_view message);

  const Options options_;
  std::map<Kind, Window> windows_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_LOG_LIMITER_H_
