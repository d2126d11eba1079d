#include "service/core/history.h"

namespace connreg {

History::History(absl::Time start) : covered_since_(absl::ToUnixNanos(start)) {}

uint64_t History::Record() { return revision_.fetch_add(1) + 1; }

uint64_t History::RecordForgetting(absl::Time now) {
  const int64_t nanos = absl::ToUnixNanos(now);
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
