#include "client/cli/session_text.h"

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/cli/facts.h"
#include "client/cli/wording.h"
#include "service/wire/text.h"
#include "service/wire/time.h"

namespace connreg::cli {
namespace {

std::string NotKnown(const Style& style) {
  return IsForPeople(style.format) ? "-" : "";
}

// "+12s", "-4m12s"; in kWide "+12.003s", or "0".
std::string OffsetText(absl::Duration offset, const Style& style) {
  const bool is_behind = offset < absl::ZeroDuration();
  const absl::Duration size = is_behind ? -offset : offset;
  const absl::string_view sign = is_behind ? "-" : "+";
  if (style.format == OutputFormat::kWide) {
    const absl::Duration shown = absl::Trunc(size, absl::Milliseconds(1));
    return shown == absl::ZeroDuration()
               ? "0"
               : absl::StrCat(sign, absl::FormatDuration(shown));
  }
  return size < absl::Seconds(1) ? "-" : absl::StrCat(sign, AgeText(size));
}

}  // namespace

std::string IntervalText(const v1::Host& host, const Style& style) {
  const absl::StatusOr<absl::Duration> interval =
      DurationFromProto(host.session().interval());
  if (!host.session().has_interval() || !interval.ok()) return NotKnown(style);
  return IsForPeople(style.format) ? absl::FormatDuration(*interval)
                                   : SecondsFact(host.session().interval());
}

std::string ClockText(const v1::Host& host, const Style& style) {
  const absl::StatusOr<absl::Duration> offset =
      DurationFromProto(host.session().clock_offset());
  if (!host.session().has_clock_offset() || !offset.ok())
    return NotKnown(style);
  return IsForPeople(style.format) ? OffsetText(*offset, style)
                                   : SecondsFact(host.session().clock_offset());
}

std::string AgentVersionText(const v1::Host& host, const Style& style) {
  const std::string version = Displayable(host.session().version());
  return version.empty() ? NotKnown(style) : version;
}

std::string NameConflictText(const v1::Host& host, const Style& style) {
  if (!host.session().has_name_conflict_time()) return NotKnown(style);
  return TimeText(host.session().name_conflict_time(), style);
}

}  // namespace connreg::cli
