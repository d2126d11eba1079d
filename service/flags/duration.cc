#include "service/flags/duration.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "service/flags/text.h"

namespace connreg::flags {

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text,
                                             const DurationRange& range) {
  absl::Duration duration;
  if (!absl::ParseDuration(text, &duration)) {
    return absl::InvalidArgumentError(absl::StrCat(
        Quoted(text), " is not a duration; write 90s, 5m or 1h30m"));
  }
  if (duration < range.min || duration > range.max) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(text), " is out of range; write a duration from ",
                     DurationText(range.min), " to ", DurationText(range.max)));
  }
  return duration;
}

std::string DurationText(absl::Duration duration) {
  return duration == absl::ZeroDuration() ? "0s"
                                          : absl::FormatDuration(duration);
}

}  // namespace connreg::flags
