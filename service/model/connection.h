#ifndef CONNREG_SERVICE_MODEL_CONNECTION_H_
#define CONNREG_SERVICE_MODEL_CONNECTION_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"

namespace connreg {

// Why a connection is known from one end only.
enum class OneSidedReason : uint8_t {
  // No host is known to own the other address.
  kUnmanaged = 1,
  // A host that reports owns the other address, and does not report the socket.
  kNotReported,
  // It cannot be told which of the sockets reported is the other end.
  kAmbiguous,
  // The host that owns the other address has gone silent.
  kStale,
  // kUnmanaged or kNotReported, and address translation would explain it (see
  // SuspectsNat()).
  kNatSuspected,
};

// What does not agree: the two directions of a connection, or its two ends.
enum class Conflict : uint8_t {
  // One direction is closed; data may still flow in the other.
  kHalfClosed = 1,
  // Both ends claim to be the server, or the client by declaration.
  kRolesDisagree,
  // The host at one end has gone silent; the other still reports.
  kOneEndStale,
};

// Connection is the joined view of one connection: what its ends report, and
// what follows from that. It is made when it is asked for, and never stored.
// Both sides are live, or both have ended.
struct Connection {
  // The client's side where roles are known, else that of the lower endpoint,
  // or the only one.
  Observation first;
  std::optional<Observation> second;

  // Derived. Both set or both unset; equal for a socket connected to itself.
  std::optional<Endpoint> client;
  std::optional<Endpoint> server;
  RoleEvidence evidence = RoleEvidence::kUnknown;
  // Set where there is no second side and there should be one.
  std::optional<OneSidedReason> one_sided;
  std::vector<Conflict> conflicts;
};

// When the last of its ends ended.
//
// REQUIRES: it has ended.
inline absl::Time ClosedAt(const Connection& connection) {
  const absl::Time first = connection.first.closure->time;
  return connection.second ? std::max(first, connection.second->closure->time)
                           : first;
}

// Orders connections that have ended, the latest first.
inline bool EndedLater(const Connection& a, const Connection& b) {
  return ClosedAt(a) > ClosedAt(b);
}

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_CONNECTION_H_
