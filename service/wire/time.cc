#include "service/wire/time.h"

#include <cstdint>
#include <ctime>

#include "absl/strings/str_cat.h"
#include "service/base/error.h"

namespace connreg {
namespace {

// 0001-01-01 and 9999-12-31T23:59:59, in Unix time.
constexpr int64_t kFirstSecond = -62'135'596'800;
constexpr int64_t kLastSecond = 253'402'300'799;
constexpr int64_t kMaxDurationSeconds = 315'576'000'000;
constexpr int32_t kMaxNanos = 999'999'999;

}  // namespace

absl::StatusOr<absl::Time> TimeFromProto(
    const google::protobuf::Timestamp& proto) {
  if (proto.seconds() < kFirstSecond || proto.seconds() > kLastSecond ||
      proto.nanos() < 0 || proto.nanos() > kMaxNanos) {
    return InvalidArgument(
        "TIME_OUT_OF_RANGE",
        absl::StrCat("time of ", proto.seconds(), " s and ", proto.nanos(),
                     " ns: not within the years 1 to 9999"));
  }
  return absl::FromUnixSeconds(proto.seconds()) +
         absl::Nanoseconds(proto.nanos());
}

absl::StatusOr<absl::Duration> DurationFromProto(
    const google::protobuf::Duration& proto) {
  const bool two_signs = (proto.seconds() > 0 && proto.nanos() < 0) ||
                         (proto.seconds() < 0 && proto.nanos() > 0);
  if (proto.seconds() < -kMaxDurationSeconds ||
      proto.seconds() > kMaxDurationSeconds || proto.nanos() < -kMaxNanos ||
      proto.nanos() > kMaxNanos || two_signs) {
    return InvalidArgument("DURATION_OUT_OF_RANGE",
                           absl::StrCat("duration of ", proto.seconds(),
                                        " s and ", proto.nanos(), " ns"));
  }
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

void ToProto(absl::Time time, google::protobuf::Timestamp* proto) {
  const timespec since_epoch = absl::ToTimespec(time);
  proto->set_seconds(since_epoch.tv_sec);
  proto->set_nanos(static_cast<int32_t>(since_epoch.tv_nsec));
}

void ToProto(absl::Duration duration, google::protobuf::Duration* proto) {
  proto->set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto->set_nanos(static_cast<int32_t>(
      absl::IDivDuration(duration, absl::Nanoseconds(1), &duration)));
}

}  // namespace connreg
