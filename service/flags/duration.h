#ifndef CONNREG_SERVICE_FLAGS_DURATION_H_
#define CONNREG_SERVICE_FLAGS_DURATION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace connreg::flags {

// The shortest and the longest duration that a flag takes, both finite.
struct DurationRange {
  absl::Duration min;
  absl::Duration max;
};

// A duration such as "90s", "5m" or "1h30m".
//
// INVALID_ARGUMENT: `text` is no duration, or not within `range`.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text,
                                             const DurationRange& range);

// The shortest text that ParseDuration() takes for `duration`, with its unit:
// "1h30m", "0s".
std::string DurationText(absl::Duration duration);

}  // namespace connreg::flags

#endif  // CONNREG_SERVICE_FLAGS_DURATION_H_
