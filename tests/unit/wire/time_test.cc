#include "service/wire/time.h"

#include <cstdint>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

constexpr int64_t kYearOne = -62'135'596'800;
constexpr int64_t kEndOfYear9999 = 253'402'300'799;
constexpr int64_t kTenThousandYears = 315'576'000'000;

google::protobuf::Timestamp Timestamp(int64_t seconds, int32_t nanos) {
  google::protobuf::Timestamp proto;
  proto.set_seconds(seconds);
  proto.set_nanos(nanos);
  return proto;
}

google::protobuf::Duration Span(int64_t seconds, int32_t nanos) {
  google::protobuf::Duration proto;
  proto.set_seconds(seconds);
  proto.set_nanos(nanos);
  return proto;
}

template <typename Proto, typename Value>
Proto Converted(Value value) {
  Proto proto;
  ToProto(value, &proto);
  return proto;
}

// ---- Times ----

TEST(TimeTest, ComesBackAsItWas) {
  for (const absl::Time time : {absl::UnixEpoch(), absl::FromUnixNanos(1),
                                absl::FromUnixNanos(1'700'000'000'123'456'789),
                                absl::UnixEpoch() - absl::Nanoseconds(1),
                                absl::UnixEpoch() - absl::Milliseconds(1500),
                                absl::FromUnixSeconds(kYearOne),
                                absl::FromUnixSeconds(kEndOfYear9999) +
                                    absl::Nanoseconds(999'999'999)}) {
    EXPECT_THAT(TimeFromProto(Converted<google::protobuf::Timestamp>(time)),
                IsOkAndHolds(time));
  }
}

TEST(TimeTest, BeforeTheEpochHasNanosecondsThatCountUp) {
  const auto proto = Converted<google::protobuf::Timestamp>(
      absl::UnixEpoch() - absl::Nanoseconds(1));
  EXPECT_EQ(proto.seconds(), -1);
  EXPECT_EQ(proto.nanos(), 999'999'999);
}

TEST(TimeTest, FractionOfANanosecondIsCutTowardsThePast) {
  const absl::Duration quarter = absl::Nanoseconds(1) / 4;
  EXPECT_EQ(Converted<google::protobuf::Timestamp>(absl::UnixEpoch() + quarter)
                .nanos(),
            0);
  EXPECT_EQ(Converted<google::protobuf::Timestamp>(absl::UnixEpoch() - quarter)
                .nanos(),
            999'999'999);
}

TEST(TimeTest, IsTakenFromYear1To9999) {
  EXPECT_THAT(TimeFromProto(Timestamp(kYearOne, 0)), IsOk());
  EXPECT_THAT(TimeFromProto(Timestamp(kEndOfYear9999, 999'999'999)), IsOk());
}

TEST(TimeTest, IsRefusedBeyond) {
  for (const auto& proto :
       {Timestamp(kYearOne - 1, 999'999'999), Timestamp(kEndOfYear9999 + 1, 0),
        Timestamp(INT64_MIN, 0), Timestamp(INT64_MAX, 0)}) {
    EXPECT_THAT(TimeFromProto(proto), IsInvalid("TIME_OUT_OF_RANGE"))
        << proto.seconds();
  }
}

TEST(TimeTest, IsRefusedWithNanosecondsOutsideASecond) {
  for (const int32_t nanos : {-1, 1'000'000'000, INT32_MIN, INT32_MAX}) {
    EXPECT_THAT(TimeFromProto(Timestamp(0, nanos)),
                IsInvalid("TIME_OUT_OF_RANGE"))
        << nanos;
  }
}

// ---- Durations ----

TEST(DurationTest, ComesBackAsItWas) {
  for (const absl::Duration duration :
       {absl::ZeroDuration(), absl::Nanoseconds(1), -absl::Nanoseconds(1),
        absl::Seconds(30), absl::Milliseconds(1500), -absl::Milliseconds(1500),
        absl::Seconds(kTenThousandYears), -absl::Seconds(kTenThousandYears)}) {
    EXPECT_THAT(
        DurationFromProto(Converted<google::protobuf::Duration>(duration)),
        IsOkAndHolds(duration));
  }
}

TEST(DurationTest, NegativeOneHasPartsOfOneSign) {
  const auto proto =
      Converted<google::protobuf::Duration>(-absl::Milliseconds(1500));
  EXPECT_EQ(proto.seconds(), -1);
  EXPECT_EQ(proto.nanos(), -500'000'000);
}

TEST(DurationTest, IsRefusedWithTwoSigns) {
  EXPECT_THAT(DurationFromProto(Span(1, -1)),
              IsInvalid("DURATION_OUT_OF_RANGE"));
  EXPECT_THAT(DurationFromProto(Span(-1, 1)),
              IsInvalid("DURATION_OUT_OF_RANGE"));
}

TEST(DurationTest, IsRefusedBeyondTenThousandYears) {
  for (const int64_t seconds :
       {kTenThousandYears + 1, -kTenThousandYears - 1, INT64_MIN, INT64_MAX}) {
    EXPECT_THAT(DurationFromProto(Span(seconds, 0)),
                IsInvalid("DURATION_OUT_OF_RANGE"))
        << seconds;
  }
}

TEST(DurationTest, IsRefusedWithNanosecondsBeyondASecond) {
  for (const int32_t nanos :
       {1'000'000'000, -1'000'000'000, INT32_MIN, INT32_MAX}) {
    EXPECT_THAT(DurationFromProto(Span(0, nanos)),
                IsInvalid("DURATION_OUT_OF_RANGE"))
        << nanos;
  }
}

}  // namespace
}  // namespace connreg
