#include "service/core/history.h"

namespace connreg {

void History::Forget(absl::Time end) {
  const int64_t nanos = absl::ToUnixNanos(end);
  int64_t before = covered_since_.load();
  while (before < nanos &&
         !covered_since_.compare_exchange_weak(before, nanos)) {
  }
}

}  // namespace connreg
