#include "service/base/log_limiter.h"

namespace connreg {

bool LogLimiter::Admits(LogLevel level, absl::string_view message,
                        absl::Duration now) {
  Window& window = WindowOf(level, message);
  if (window.admitted == 0 || window.end <= now) {
    window.end = now + options_.window;
    window.admitted = 0;
  }
  if (window.admitted == options_.burst) {
    ++window.held_back;
    return false;
  }
  ++window.admitted;
  return true;
}

std::vector<LogLimiter::HeldBack> LogLimiter::Take(absl::Duration now) {
  std::vector<HeldBack> taken;
  for (auto it = windows_.begin(); it != windows_.end();) {
    const auto& [kind, window] = *it;
    if (window.end > now) {
      ++it;
      continue;
    }
    if (window.held_back > 0)
      taken.push_back({kind.first, kind.second, window.held_back});
    it = windows_.erase(it);
  }
  return taken;
}

std::vector<LogLimiter::HeldBack> LogLimiter::TakeAll() {
  return Take(absl::InfiniteDuration());
}

LogLimiter::Window& LogLimiter::WindowOf(LogLevel level,
                                         absl::string_view message) {
  const Kind kind(level, message);
  const auto known = windows_.find(kind);
  if (known != windows_.end()) return known->second;
  if (windows_.size() < options_.max_messages) return windows_[kind];
  return windows_[{level, std::string(kOthers)}];
}

}  // namespace connreg
