#ifndef CONNREG_SERVICE_MODEL_SOCKET_H_
#define CONNREG_SERVICE_MODEL_SOCKET_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "service/model/owner.h"
#include "service/net/endpoint.h"
#include "service/net/four_tuple.h"

namespace connreg {

enum class Transport : uint8_t { kTcp = 1, kUdp };

// The address family that a socket was made with. A dual-stack IPv6 socket
// carries IPv4 connections too.
enum class SocketFamily : uint8_t { kUnknown, kIpv4, kIpv6 };

// What every reported socket has, passive or connected.
struct Socket {
  // The network namespace, as the reporter names it: for an agent its
  // SO_NETNS_COOKIE in decimal. Empty: not told, so it may be any of the host.
  std::string netns;
  Transport transport = Transport::kTcp;
  SocketFamily family = SocketFamily::kUnknown;
  // The kernel's number of this socket, never used twice in one boot
  // (SO_COOKIE). 0: not told.
  uint64_t cookie = 0;
  // The socket's inode in sockfs. 0: not told, or the socket has none.
  uint64_t inode = 0;
  // The user id of the socket's creator.
  std::optional<uint32_t> uid;
  Owners owners;

  bool operator==(const Socket&) const = default;
};

// RFC 9293 §3.3.2, without LISTEN, which is a listener's, and without CLOSED
// and TIME-WAIT, which are not connections here. A connected UDP socket is
// kEstablished, as the kernel has it.
enum class ConnectionState : uint8_t {
  kSynSent = 1,
  kSynReceived,
  kEstablished,
  kFinWait1,
  kFinWait2,
  kCloseWait,
  kClosing,
  kLastAck,
};

// Whether the local end initiated the connection or accepted it.
enum class Role : uint8_t { kUnknown, kClient, kServer, kBoth };

// How a reporter knows the role. Never by which port is smaller.
enum class RoleEvidence : uint8_t {
  kUnknown,
  // The dump that showed the socket showed the listener that it came from.
  kListener,
  // It was seen in SYN-SENT.
  kInitiated,
  // Both ends are this one socket.
  kSelf,
  // Both ends initiated (RFC 9293 §3.5).
  kSimultaneous,
  // A program said so.
  kDeclared,
};

// What a reporter says of one connection socket on its host.
struct ConnectionFacts {
  Socket socket;
  FourTuple tuple;
  ConnectionState state = ConnectionState::kEstablished;
  Role role = Role::kUnknown;
  RoleEvidence evidence = RoleEvidence::kUnknown;
  // The cookie of the listener that it was accepted from. 0: not known.
  uint64_t listener_cookie = 0;
  // The interface that it is bound to (SO_BINDTODEVICE, or that of the listener
  // that it was accepted from). Empty: none. Two sockets of one namespace can
  // have the same four-tuple on different interfaces.
  std::string device = {};

  bool operator==(const ConnectionFacts&) const = default;
};

enum class ListenerState : uint8_t {
  // A TCP socket that accepts connections.
  kListen = 1,
  // A UDP socket that is bound and not connected.
  kBound,
};

// What a reporter says of one listener on its host.
struct ListenerFacts {
  Socket socket;
  Endpoint local;
  ListenerState state = ListenerState::kListen;
  // IPV6_V6ONLY: an IPv6 wildcard that takes no IPv4.
  bool v6_only = false;
  // The interface that it is bound to (SO_BINDTODEVICE). Empty: none.
  std::string device;

  bool operator==(const ListenerFacts&) const = default;
};

enum class ReporterKind : uint8_t {
  // An agent: sees every socket of its host, and speaks for the host's state.
  kAgent = 1,
  // A program or a person: knows the sockets that it names.
  kProgram,
};

// Who reports, and for which host. Equal in all four is the same reporter.
struct Reporter {
  ReporterKind kind = ReporterKind::kProgram;
  std::string name;
  std::string host;
  std::string network;

  bool operator==(const Reporter&) const = default;
  auto operator<=>(const Reporter&) const = default;

  template <typename H>
  friend H AbslHashValue(H h, const Reporter& reporter) {
    return H::combine(std::move(h), reporter.kind, reporter.name, reporter.host,
                      reporter.network);
  }
};

// Where the registry has a row from, and since when.
struct Provenance {
  // Never null; shared by all rows of one reporter.
  std::shared_ptr<const Reporter> reporter;
  // When this incarnation was first reported, and when its facts last changed:
  // times of day by the registry's clock.
  absl::Time first_seen;
  absl::Time changed;
  // The registry's revision of that change.
  uint64_t revision = 0;
  // Since when its reporter is silent, if its lease has lapsed. Derived.
  std::optional<absl::Time> stale_since;
  // What people know the row's network namespace by. Empty: nothing. Derived.
  std::string netns_name = {};
};

// Why a row ended.
enum class CloseReason : uint8_t {
  // Its reporter took it away.
  kDeregistered = 1,
  // Another incarnation is in its place.
  kReplaced,
  // Its program's lease ended, or that of an agent in whose place another one
  // reports for the host.
  kLeaseEnded,
  // Its agent said all that there is, without it.
  kNotInSnapshot,
  // Its host was started anew.
  kHostRestarted,
};

// The end of a row: when the registry learned of it, and why.
struct Closure {
  absl::Time time;
  CloseReason reason = CloseReason::kDeregistered;
};

// One host's report of one of its own connection sockets.
struct Observation {
  ConnectionFacts facts;
  Provenance provenance;
  // Set for a socket that has ended.
  std::optional<Closure> closure;

  const Reporter& reporter() const { return *provenance.reporter; }
};

// One host's report of one of its own listeners.
struct Listener {
  ListenerFacts facts;
  Provenance provenance;

  const Reporter& reporter() const { return *provenance.reporter; }
};

// Whether two reports of one endpoint or four-tuple are of the same life of it:
// by cookie if both have one, else by inode if both have one, else yes.
bool SameIncarnation(const Socket& a, const Socket& b);

// `reported`, with what `known`, an earlier report of the same incarnation,
// had found out and a later look may no longer see: the role once it is past
// SYN-SENT or its listener is gone, or replaced; the owners, the user and the
// inode once the kernel has taken the socket over.
ConnectionFacts Succeed(const ConnectionFacts& known, ConnectionFacts reported);
ListenerFacts Succeed(const ListenerFacts& known, ListenerFacts reported);

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_SOCKET_H_
