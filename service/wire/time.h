#ifndef CONNREG_SERVICE_WIRE_TIME_H_
#define CONNREG_SERVICE_WIRE_TIME_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace connreg {

// INVALID_ARGUMENT: not a time from year 1 to 9999 (TIME_OUT_OF_RANGE), as
//   google/protobuf/timestamp.proto says.
absl::StatusOr<absl::Time> TimeFromProto(
    const google::protobuf::Timestamp& proto);

// INVALID_ARGUMENT: not within 10,000 years either way, or of two signs
//   (DURATION_OUT_OF_RANGE), as google/protobuf/duration.proto says.
absl::StatusOr<absl::Duration> DurationFromProto(
    const google::protobuf::Duration& proto);

// To the nanosecond, towards the past.
void ToProto(absl::Time time, google::protobuf::Timestamp* proto);
void ToProto(absl::Duration duration, google::protobuf::Duration* proto);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_TIME_H_
