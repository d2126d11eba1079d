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

// With every field set.
inline Process WorkerProcess(int32_t pid) {
  return {.pid = pid,
          .start_time = absl::FromUnixNanos(1'700'000'000'123'456'789),
          .name = "worker\xFF\n"};
}

inline Socket FullSocket() {
  return {.netns = "4026531840",
          .transport = Transport::kTcp,
          .family = SocketFamily::kIpv6,
          .cookie = 0xFFFF'FFFF'FFFF'FFFF,
          .inode = 0xFFFF'FFFF'FFFF'FFFE,
          .uid = 0,
          .owners = Owners::Known({WorkerProcess(7), WorkerProcess(1)})};
}

inline ConnectionFacts FullConnection() {
  return {.socket = FullSocket(),
          .tuple = Tuple("[fe80::1%eth0]:22", "[fe80::2%eth0]:51000"),
          .state = ConnectionState::kCloseWait,
          .role = Role::kServer,
          .evidence = RoleEvidence::kListener,
          .listener_cookie = 0x8000'0000'0000'0001,
          .device = "eth0"};
}

inline ListenerFacts FullListener() {
  return {.socket = FullSocket(),
          .local = At("[::]:443"),
          .state = ListenerState::kListen,
          .v6_only = true,
          .device = "wlp0s20f3-guest"};
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
