#ifndef CONNREG_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define CONNREG_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <ostream>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "service/base/error.h"

namespace connreg {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

MATCHER(IsOk, "is OK") {
  *result_listener << "whose status is " << StatusOf(arg);
  return StatusOf(arg).ok();
}

MATCHER_P(IsOkAndHolds, matcher, "") {
  if (!arg.ok()) {
    *result_listener << "whose status is " << arg.status();
    return false;
  }
  return testing::ExplainMatchResult(matcher, *arg, result_listener);
}

MATCHER_P(StatusIs, code, "") {
  *result_listener << "whose status is " << StatusOf(arg);
  return StatusOf(arg).code() == code;
}

// An INVALID_ARGUMENT for `reason`.
MATCHER_P(IsInvalid, reason, "") {
  *result_listener << "whose status is " << StatusOf(arg);
  const absl::Status& status = StatusOf(arg);
  return absl::IsInvalidArgument(status) && DetailOf(status).has_value() &&
         DetailOf(status)->reason == reason;
}

// An INVALID_ARGUMENT for `reason` at `position`.
MATCHER_P2(IsInvalidAt, reason, position, "") {
  *result_listener << "whose status is " << StatusOf(arg);
  const absl::Status& status = StatusOf(arg);
  return absl::IsInvalidArgument(status) && DetailOf(status).has_value() &&
         DetailOf(status)->reason == reason &&
         DetailOf(status)->position == static_cast<size_t>(position);
}

}  // namespace connreg

#endif  // CONNREG_TESTS_SUPPORT_STATUS_MATCHERS_H_
