#include "service/core/history.h"

namespace connreg {

History::History(const Clock& clock)
    : clock_(clock), covered_since_(absl::ToUnixNanos(clock.Now())) {}

uint64_t History::Record() { return revision_.fetch_add(1) + 1; }

uint64_t History::RecordForgetting() {
  const int64_t nanos = absl::ToUnixNanos(clock_.Now());
  int64_t before = covered_since_.load();
  while (before < nanos &&
         !covered_since_.compare_exchange_weak(before, nanos)) {
  }
  return Record();
}

absl::Time History::covered_since() const {
  return absl::FromUnixNanos(covered_since_.load());
}

}  // namespace connreg
