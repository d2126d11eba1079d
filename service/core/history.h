#ifndef CONNREG_SERVICE_CORE_HISTORY_H_
#define CONNREG_SERVICE_CORE_HISTORY_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"
#include "service/base/clock.h"

namespace connreg {

// History numbers the changes of one registry, and knows since when nothing
// has been forgotten.
//
// Thread-safe. Whoever changes a row calls it while holding the lock of the
// part that the row is in.
class History {
 public:
  // Nothing was known before it was made.
  explicit History(const Clock& clock);

  // Gives a change its revision.
  uint64_t Record();
  // The same for a change that takes a row away for good.
  uint64_t RecordForgetting();

  // That of the last change; 0 before the first.
  uint64_t revision() const { return revision_.load(); }

  // The last time that a row was forgotten, or the start.
  absl::Time covered_since() const;

 private:
  const Clock& clock_;
  std::atomic<uint64_t> revision_{0};
  // In nanoseconds of Unix time.
  std::atomic<int64_t> covered_since_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_HISTORY_H_
