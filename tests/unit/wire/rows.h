#ifndef CONNREG_TESTS_UNIT_WIRE_ROWS_H_
#define CONNREG_TESTS_UNIT_WIRE_ROWS_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "service/base/error.h"
#include "service/model/connection.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"
#include "service/net/four_tuple.h"
#include "tests/support/status_matchers.h"

namespace connreg {

inline Endpoint At(absl::string_view text) {
  return Endpoint::Parse(text).value();
}

inline FourTuple Tuple(absl::string_view local, absl::string_view remote) {
  return FourTuple::Create(At(local), At(remote)).value();
}

// Of what the agent of `host` reports.
inline Provenance From(const std::string& host) {
  return {.reporter = std::make_shared<const Reporter>(
              Reporter{ReporterKind::kAgent, "agent", host, "default"}),
          .first_seen = absl::UnixEpoch(),
          .changed = absl::UnixEpoch()};
}

inline Observation Observed(const std::string& host, const FourTuple& tuple) {
  Observation row{.facts = {.tuple = tuple}, .provenance = From(host)};
  return row;
}

// The row of a socket that ended at `time`.
inline Observation Ended(Observation row, absl::Time time) {
  row.closure = Closure{.time = time, .reason = CloseReason::kDeregistered};
  return row;
}

inline Listener Listening(const std::string& host, absl::string_view local) {
  Listener row{.facts = {.local = At(local)}, .provenance = From(host)};
  return row;
}

// A connection of one side, or of two.
inline Connection OneSided(Observation side) {
  Connection connection{.first = std::move(side)};
  return connection;
}
inline Connection TwoSided(Observation first, Observation second) {
  Connection connection{.first = std::move(first), .second = std::move(second)};
  return connection;
}

// `parsed` is refused for `reason`, in `field`.
template <typename T>
void ExpectFault(const absl::StatusOr<T>& parsed, const std::string& reason,
                 const std::string& field) {
  EXPECT_THAT(parsed, IsInvalid(reason));
  EXPECT_EQ(DetailOf(parsed.status()).value_or(ErrorDetail{}).field, field);
}

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_WIRE_ROWS_H_
