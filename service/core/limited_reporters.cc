#include "service/core/limited_reporters.h"

#include <algorithm>

namespace connreg {

void LimitedReporters::Add(const Reporter& reporter, absl::Duration until) {
  const auto [it, is_new] = until_.try_emplace(reporter);
  it->second = until;
  soonest_ = std::min(soonest_, until);
  if (is_new) ++by_network_[reporter.network];
}

void LimitedReporters::Remove(const Reporter& reporter) {
  if (until_.erase(reporter) > 0) Uncount(reporter);
}

void LimitedReporters::Expire(absl::Duration now) {
  if (now < soonest_) return;
  soonest_ = absl::InfiniteDuration();
  absl::erase_if(until_, [&](const auto& entry) {
    const bool is_over = entry.second <= now;
    if (is_over)
      Uncount(entry.first);
    else
      soonest_ = std::min(soonest_, entry.second);
    return is_over;
  });
}

uint32_t LimitedReporters::Count(const Scope& scope) const {
  uint32_t count = 0;
  if (scope.host.empty()) {
    for (const auto& [network, of_network] : by_network_)
      if (scope.network.empty() || scope.network == network)
        count += of_network;
    return count;
  }
  for (const auto& [reporter, until] : until_) {
    if (reporter.host == scope.host &&
        (scope.network.empty() || scope.network == reporter.network))
      ++count;
  }
  return count;
}

void LimitedReporters::Uncount(const Reporter& reporter) {
  const auto it = by_network_.find(reporter.network);
  if (--it->second == 0) by_network_.erase(it);
}

}  // namespace connreg
