#ifndef CONNREG_SERVICE_CORE_HISTORY_H_
#define CONNREG_SERVICE_CORE_HISTORY_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"

namespace connreg {

// History numbers the changes of one registry, and knows since when nothing has
// been forgotten.
//
// Whoever changes a row asks for its revision while holding the lock of the
// part that the row is in, and before the lock is let go: so of two changes in
// one part the later has the higher revision, and who reads revision() and then
// takes the lock of a part sees there all changes up to it.
//
// Thread-safe.
class History {
 public:
  // Nothing was known before `start`.
  explicit History(absl::Time start)
      : covered_since_(absl::ToUnixNanos(start)) {}

  // Gives a change its revision, higher than any before.
  uint64_t Record() { return revision_.fetch_add(1) + 1; }

  // That of the last change; 0 before the first.
  uint64_t revision() const { return revision_.load(); }

  // Notes that a row which was there until `end` is forgotten.
  void Forget(absl::Time end);

  // The latest end of a row that is forgotten, or the start.
  absl::Time covered_since() const {
    return absl::FromUnixNanos(covered_since_.load());
  }

 private:
  std::atomic<uint64_t> revision_{0};
  // In nanoseconds of Unix time.
  std::atomic<int64_t> covered_since_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_HISTORY_H_
