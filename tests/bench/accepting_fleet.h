#ifndef CONNREG_TESTS_BENCH_ACCEPTING_FLEET_H_
#define CONNREG_TESTS_BENCH_ACCEPTING_FLEET_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "service/model/address_owners.h"
#include "service/model/report.h"
#include "service/model/socket.h"
#include "service/net/endpoint.h"
#include "service/net/four_tuple.h"

namespace connreg {

// AcceptingFleet is what there is on many hosts with servers: each has one
// address and listens at many endpoints of it, with a process of its own at
// each, and each endpoint has accepted equally many connections. Their clients
// are on no host of the fleet, or else all of a host's are on the next one, and
// no two connections have one client endpoint.
//
// Its connections are numbered from 0, host after host and endpoint after
// endpoint: a connection's number is what programs that are to know the same
// fleet have to agree on.
//
// Immutable.
class AcceptingFleet {
 public:
  static constexpr size_t kConnectionsOfEndpoint = 64;
  static constexpr size_t kEndpointsOfHost = 156;
  static constexpr size_t kConnectionsOfHost =
      kConnectionsOfEndpoint * kEndpointsOfHost;

  struct Options {
    SocketFamily family = SocketFamily::kIpv4;
    // Clients are on hosts of the fleet, which report them too.
    bool two_sided = false;
  };

  // REQUIRES: hosts > 0, and the family is known
  explicit AcceptingFleet(size_t hosts) : AcceptingFleet(hosts, Options()) {}
  AcceptingFleet(size_t hosts, const Options& options)
      : hosts_(hosts), options_(options) {}

  size_t hosts() const { return hosts_; }
  // Of all hosts.
  uint64_t connections() const { return hosts_ * kConnectionsOfHost; }

  static size_t HostOf(uint64_t connection) {
    return connection / kConnectionsOfHost;
  }
  // Counted from the first of the first host.
  static uint64_t EndpointOf(uint64_t connection) {
    return connection / kConnectionsOfEndpoint;
  }

  // The connection that is told of the host at `place`, from 0 on. A kernel
  // shows its sockets in the order of a hash, so that neighbours are of
  // endpoints apart.
  static uint64_t ToldAt(size_t host, size_t place) {
    return host * kConnectionsOfHost + place * kToldStride % kConnectionsOfHost;
  }

  static Reporter ReporterOf(size_t host);
  NetworkNamespace NamespaceOf(size_t host) const;
  Endpoint ServerOf(uint64_t connection) const;
  // As the server sees it.
  FourTuple TupleOf(uint64_t connection) const;
  Process ProcessOf(uint64_t connection) const;
  // All there is of its server's end. Those of one host have one namespace.
  ConnectionFacts FactsOf(uint64_t connection) const;

  // The snapshot that the host's agent sends, in batches of at most `max_rows`.
  //
  // REQUIRES: max_rows > kEndpointsOfHost
  std::vector<RowBatch> SnapshotOf(size_t host, size_t max_rows) const;

  // One of the connections: for the numbers from 0 on as if each were drawn at
  // random.
  uint64_t Draw(uint64_t number) const;

 private:
  // Has no divisor with the number of connections.
  static constexpr size_t kToldStride = 6'197;

  Endpoint ClientOf(uint64_t connection) const;
  ConnectionFacts FactsWith(uint64_t connection, const Owners& owners) const;
  // Of its client's end, in a fleet with both.
  ConnectionFacts ClientFactsWith(uint64_t connection,
                                  const Owners& owners) const;
  std::vector<ListenerFacts> ListenersOf(size_t host) const;

  const size_t hosts_;
  const Options options_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_ACCEPTING_FLEET_H_
