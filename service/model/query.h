#ifndef CONNREG_SERVICE_MODEL_QUERY_H_
#define CONNREG_SERVICE_MODEL_QUERY_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "service/model/connection.h"
#include "service/model/coverage.h"
#include "service/model/host.h"
#include "service/model/registration.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"
#include "service/net/four_tuple.h"
#include "service/net/prefix.h"

namespace connreg {

// What part of the registry a question is about. What is unset is any.
struct Scope {
  std::string network;
  std::string host;
  std::optional<Transport> transport;

  bool operator==(const Scope&) const = default;
};

// Tells whether a four-tuple with its transport is one that is sought: the same
// of its mirror. Thread-safe.
using TuplePredicate = std::function<bool(const FourTuple&, Transport)>;

// The four-tuple of a question is client first. A predicate asks for the
// four-tuples that are known, live or ended, and have it.
struct LookupQuestion {
  std::variant<FourTuple, Endpoint, TuplePredicate> subject;
  Scope scope;
};

// How the ends of a four-tuple asked about lie to what was found.
enum class TupleOrder : uint8_t { kUnknown, kAsAsked, kReversed };

// A listener, and what follows for the endpoint that was asked about, if one
// was.
struct ListenerAnswer {
  Listener listener;
  bool address_unverified = false;
  bool multi_host = false;
  bool device_unverified = false;
};

struct FoundConnections {
  std::vector<Connection> connections;
  // There are more than an answer may hold.
  bool truncated = false;
  // Of the first of them.
  TupleOrder order = TupleOrder::kUnknown;
  // Those that the connections were accepted from and that still wait, each
  // once. Not looked for in a batch.
  std::vector<ListenerAnswer> listeners;
};

struct FoundListeners {
  std::vector<ListenerAnswer> listeners;
  // There are more than an answer may hold.
  bool truncated = false;
  // What they would take packets for.
  Endpoint endpoint;
  TupleOrder order = TupleOrder::kUnknown;
  // The connections of the four-tuple that have ended, the latest first.
  std::vector<Connection> closed;
};

enum class AbsentReason : uint8_t {
  // No connection that matches was there since `Absent::since`, and no listener
  // is there now.
  kNotSeenSince = 1,
  // Nobody reports for the host that the question names, or in the network.
  kNoSuchHost,
  // It has ended.
  kClosed,
  // The host that would know has gone silent.
  kHostStale,
  // The registry started so lately that it may not know yet.
  kSyncing,
};

// A host that has gone silent.
struct StaleHost {
  HostKey key;
  absl::Time since;

  bool operator==(const StaleHost&) const = default;
};

struct Absent {
  AbsentReason reason = AbsentReason::kNotSeenSince;
  // What memory covers: no connection that was there since is forgotten.
  absl::Time since;
  // For kClosed, the latest first.
  std::vector<Connection> closed;
  // For kHostStale.
  std::vector<StaleHost> stale_hosts;
};

using LookupFinding = std::variant<FoundConnections, FoundListeners, Absent>;

struct LookupAnswer {
  LookupFinding found;
  Coverage coverage;
};

// One page of a listing of connections.
struct ConnectionQuery {
  Scope scope;
  // Only connections with this end. Not a wildcard.
  std::optional<Endpoint> endpoint;
  // At least 1.
  size_t page_size = 1;
  // Where the page before ended; unset for the first.
  std::optional<uint64_t> after;
  // Also those that have ended.
  bool show_closed = false;
};

struct ConnectionPage {
  std::vector<Connection> connections;
  // Where this page ended, if it may not be the last.
  std::optional<uint64_t> next;
  Coverage coverage;
};

// A packet, as far as it is known.
struct Packet {
  Endpoint to;
  // Whose address it comes from.
  std::optional<IpAddress> from = {};
};

// The place of a host's listeners of one endpoint, in the order of a listing.
// The sockets that share it are not parted, in whatever namespaces they are.
struct ListenerPlace {
  std::string host;
  Transport transport = Transport::kTcp;
  uint16_t port = 0;
  IpAddress address;
  std::string network;

  bool operator==(const ListenerPlace&) const = default;
  auto operator<=>(const ListenerPlace&) const = default;
};

// One page of a listing of listeners.
struct ListenerQuery {
  Scope scope;
  // Only listeners that would take a packet for this endpoint; with a wildcard
  // address, only those bound to it.
  std::optional<Endpoint> endpoint;
  // At least 1.
  size_t page_size = 1;
  // Where the page before ended; unset for the first.
  std::optional<ListenerPlace> after;
};

struct ListenerPage {
  std::vector<ListenerAnswer> listeners;
  // Where this page ended, if it may not be the last.
  std::optional<ListenerPlace> next;
  Coverage coverage;
};

// Names an endpoint, in the order of a listing.
struct EndpointPlace {
  Endpoint endpoint;
  Transport transport = Transport::kTcp;
  std::string network;
  // Where it is. Empty where only the other ends of its connections are
  // reported, and who owns its address is not known.
  std::string host;
  std::string netns;

  bool operator==(const EndpointPlace&) const = default;
  auto operator<=>(const EndpointPlace&) const = default;
};

// One page of a listing of endpoints.
struct EndpointQuery {
  Scope scope;
  // Only endpoints of these addresses; unset: all of the scope's host, which is
  // then named.
  std::optional<Prefix> prefix;
  // At least 1.
  size_t page_size = 1;
  // Where the page before ended; unset for the first.
  std::optional<EndpointPlace> after;
};

// How many connections an endpoint has, by its own end's state.
using StateCounts = std::map<ConnectionState, size_t>;

// One endpoint, and what is there.
struct EndpointSummary {
  EndpointPlace place;
  // What people know the namespace by. Empty: nothing.
  std::string netns_name;
  // What would take a packet for it: the first of so many.
  std::vector<ListenerAnswer> listeners;
  size_t listener_count = 0;
  StateCounts states;
};

struct EndpointPage {
  std::vector<EndpointSummary> endpoints;
  // Where this page ended, if it may not be the last.
  std::optional<EndpointPlace> next;
  Coverage coverage;
};

// One page of a listing of hosts.
struct HostQuery {
  // Of the scope the host and the network.
  Scope scope;
  std::optional<HostState> state;
  // At least 1.
  size_t page_size = 1;
  // Where the page before ended; unset for the first.
  std::optional<HostKey> after;
};

struct HostPage {
  std::vector<Host> hosts;
  // Where this page ended, if it may not be the last.
  std::optional<HostKey> next;
  Coverage coverage;
};

// What the registry is and how much it holds.
struct RegistryStatus {
  absl::Time start_time;
  Coverage coverage;
  size_t observations = 0;
  size_t listeners = 0;
  size_t reporters = 0;
  size_t closed = 0;
  // As Absent::since.
  absl::Time not_seen_since;
  // How long a silent host keeps its rows.
  absl::Duration grace;
  // All there are.
  std::vector<LimitReached> limits;
  // How many sessions go on, and how many claims were wrong.
  size_t sessions = 0;
  size_t divergences = 0;
  // Since when no host expires, since too many have gone silent at once.
  std::optional<absl::Time> expiry_held_since = std::nullopt;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_QUERY_H_
