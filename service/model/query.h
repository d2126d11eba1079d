#ifndef CONNREG_SERVICE_MODEL_QUERY_H_
#define CONNREG_SERVICE_MODEL_QUERY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "service/model/connection.h"
#include "service/model/coverage.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"
#include "service/net/four_tuple.h"

namespace connreg {

// What part of the registry a question is about. What is unset is any.
struct Scope {
  std::string network;
  std::string host;
  std::optional<Transport> transport;

  bool operator==(const Scope&) const = default;
};

// The four-tuple of a question is client first.
struct LookupQuestion {
  std::variant<FourTuple, Endpoint> subject;
  Scope scope;
};

// How the ends of a four-tuple asked about lie to what was found.
enum class TupleOrder : uint8_t { kUnknown, kAsAsked, kReversed };

struct FoundConnections {
  std::vector<Connection> connections;
  // Of the first of them.
  TupleOrder order = TupleOrder::kUnknown;
};

// A listener, and what follows for the endpoint that was asked about.
struct ListenerAnswer {
  Listener listener;
  struct Derived {
    bool address_unverified = false;
    bool multi_host = false;
  };
  // Unset where no endpoint was asked about.
  std::optional<Derived> derived;
};

struct FoundListeners {
  std::vector<ListenerAnswer> listeners;
  // What they would take packets for.
  Endpoint endpoint;
  TupleOrder order = TupleOrder::kUnknown;
};

enum class AbsentReason : uint8_t {
  // Nothing that matches was reported since `Absent::since`.
  kNotSeenSince = 1,
  // Nobody reports for the host that the question names.
  kNoSuchHost,
};

struct Absent {
  AbsentReason reason = AbsentReason::kNotSeenSince;
  // What memory covers: no row was forgotten since.
  absl::Time since;
};

struct LookupAnswer {
  std::variant<FoundConnections, FoundListeners, Absent> found;
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
};

struct ConnectionPage {
  std::vector<Connection> connections;
  // Where this page ended, if it may not be the last.
  std::optional<uint64_t> next;
  Coverage coverage;
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

// What the registry is and how much it holds.
struct RegistryStatus {
  absl::Time start_time;
  Coverage coverage;
  size_t observations = 0;
  size_t listeners = 0;
  size_t reporters = 0;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_QUERY_H_
