#ifndef CONNREG_TESTS_UNIT_MODEL_ROWS_H_
#define CONNREG_TESTS_UNIT_MODEL_ROWS_H_

#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"
#include "service/net/four_tuple.h"
#include "service/net/ip_address.h"

namespace connreg {

inline IpAddress Address(absl::string_view text) {
  return IpAddress::Parse(text).value();
}

inline Endpoint EndpointOf(absl::string_view text) {
  return Endpoint::Parse(text).value();
}

inline FourTuple Tuple(absl::string_view local, absl::string_view remote) {
  return FourTuple::Create(EndpointOf(local), EndpointOf(remote)).value();
}

// Where a socket is.
struct Place {
  std::string host;
  std::string netns = "1";
  std::string network = "default";
};

inline Provenance From(Reporter reporter) {
  return {.reporter = std::make_shared<const Reporter>(std::move(reporter)),
          .first_seen = absl::UnixEpoch(),
          .changed = absl::UnixEpoch()};
}

// What the agent of a host reports.
inline Observation End(const Place& place, const FourTuple& tuple) {
  Observation row{
      .facts = {.socket = {.netns = place.netns}, .tuple = tuple},
      .provenance = From({.kind = ReporterKind::kAgent,
                          .name = "agent",
                          .host = place.host,
                          .network = place.network}),
  };
  return row;
}
inline Observation End(const Place& place, absl::string_view local,
                       absl::string_view remote) {
  return End(place, Tuple(local, remote));
}

inline Listener ListenerAt(const Place& place, absl::string_view local) {
  const Endpoint endpoint = EndpointOf(local);
  Listener row{
      .facts = {.socket = {.netns = place.netns}, .local = endpoint},
      .provenance = From({.kind = ReporterKind::kAgent,
                          .name = "agent",
                          .host = place.host,
                          .network = place.network}),
  };
  return row;
}

// The same row as a program reports it.
template <typename Row>
Row ByProgram(Row row, absl::string_view name, absl::Time changed) {
  Reporter reporter = row.reporter();
  reporter.kind = ReporterKind::kProgram;
  reporter.name = std::string(name);
  row.provenance = From(std::move(reporter));
  row.provenance.changed = changed;
  return row;
}

template <typename Row>
Row OverUdp(Row row) {
  row.facts.socket.transport = Transport::kUdp;
  return row;
}

template <typename Row>
Row WithCookie(Row row, uint64_t cookie) {
  row.facts.socket.cookie = cookie;
  return row;
}

template <typename Row>
Row WithInode(Row row, uint64_t inode) {
  row.facts.socket.inode = inode;
  return row;
}

inline Observation InState(Observation row, ConnectionState state) {
  row.facts.state = state;
  return row;
}

inline Observation WithRole(Observation row, Role role, RoleEvidence evidence) {
  row.facts.role = role;
  row.facts.evidence = evidence;
  return row;
}

// The row of a reporter that has gone silent.
inline Observation Stale(Observation row) {
  row.provenance.stale_since = absl::UnixEpoch() + absl::Hours(1);
  return row;
}

// The row of a socket that was there from `begin` to `end`.
inline Observation Ended(Observation row, absl::Time begin, absl::Time end) {
  row.provenance.first_seen = begin;
  row.closure = Closure{end, CloseReason::kDeregistered};
  return row;
}

template <typename Row>
bool IsRow(const Row& a, const Row& b) {
  return a.facts == b.facts && a.reporter() == b.reporter() &&
         a.provenance.changed == b.provenance.changed;
}

// A row equal to `expected`.
MATCHER_P(Is, expected, "") { return IsRow(arg, expected); }

inline std::ostream& operator<<(std::ostream& out, const Socket& socket) {
  out << " netns \"" << socket.netns << "\" "
      << (socket.transport == Transport::kTcp ? "tcp" : "udp");
  if (socket.cookie != 0) out << " cookie " << socket.cookie;
  if (socket.inode != 0) out << " inode " << socket.inode;
  return out;
}

inline void PrintTo(const Observation& row, std::ostream* out) {
  *out << row.reporter().network << "/" << row.reporter().host << " "
       << row.facts.tuple.ToString() << row.facts.socket << " by "
       << row.reporter().name;
}

inline void PrintTo(const Listener& row, std::ostream* out) {
  *out << row.reporter().network << "/" << row.reporter().host << " "
       << row.facts.local.ToString() << row.facts.socket << " by "
       << row.reporter().name << " device \"" << row.facts.device << "\"";
}

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_MODEL_ROWS_H_
