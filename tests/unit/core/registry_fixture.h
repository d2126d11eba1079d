#ifndef CONNREG_TESTS_UNIT_CORE_REGISTRY_FIXTURE_H_
#define CONNREG_TESTS_UNIT_CORE_REGISTRY_FIXTURE_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "service/core/registry.h"
#include "tests/support/facts.h"
#include "tests/support/fake_clock.h"

namespace connreg {

inline constexpr absl::Duration kTtl = absl::Seconds(60);
inline constexpr absl::Duration kGrace = absl::Minutes(2);
inline constexpr absl::Duration kClosedAge = absl::Hours(1);

inline Registry::Options OptionsWith(const Limits& limits = {}) {
  return {.run_id = "run",
          .hash_key = {1, 2},
          .limits = limits,
          .grace = kGrace,
          .closed_age = kClosedAge,
          .sync_time = absl::ZeroDuration()};
}

inline ConnectionFacts Udp(absl::string_view local, absl::string_view remote) {
  ConnectionFacts facts = Tcp(local, remote);
  facts.socket.transport = Transport::kUdp;
  return facts;
}

inline ListenerFacts UdpListener(absl::string_view local) {
  ListenerFacts facts = TcpListener(local);
  facts.socket.transport = Transport::kUdp;
  facts.state = ListenerState::kBound;
  return facts;
}

template <typename Facts>
Facts InNetns(absl::string_view netns, Facts facts) {
  facts.socket.netns = std::string(netns);
  return facts;
}

inline ConnectionFacts InState(ConnectionState state, ConnectionFacts facts) {
  facts.state = state;
  return facts;
}

// Another agent of the same host.
inline Reporter SecondAgent(absl::string_view host) {
  Reporter reporter = Agent(host);
  reporter.name = "second";
  return reporter;
}

// A registry, and short ways to speak to it.
class RegistryFixture : public testing::Test {
 protected:
  explicit RegistryFixture(const Registry::Options& options = OptionsWith())
      : registry_(options, clock_) {}

  RegistrationOutcome Register(
      const Reporter& reporter, const std::vector<ConnectionFacts>& connections,
      const std::vector<ListenerFacts>& listeners = {},
      const std::vector<NetworkNamespace>& namespaces = {}) {
    return registry_
        .Register({.reporter = reporter,
                   .ttl = kTtl,
                   .namespaces = namespaces,
                   .listeners = listeners,
                   .connections = connections})
        .value();
  }
  DeregistrationOutcome Deregister(
      const Reporter& reporter,
      const std::vector<ConnectionFacts>& connections) {
    Deregistration deregistration{.reporter = reporter};
    for (const ConnectionFacts& facts : connections)
      deregistration.connections.push_back(
          {facts.socket, facts.tuple, facts.device});
    return registry_.Deregister(deregistration).value();
  }
  DeregistrationOutcome DeregisterAll(const Reporter& reporter) {
    return registry_.Deregister({.reporter = reporter, .all = true}).value();
  }
  Registry::Changes Pass(absl::Duration duration) {
    clock_.Advance(duration);
    return registry_.Advance();
  }

  std::vector<Connection> List(const Scope& scope = {}) {
    return registry_.ListConnections({.scope = scope, .page_size = 1000})
        .connections;
  }
  // Those that have ended.
  std::vector<Connection> Closed(const Scope& scope = {}) {
    std::vector<Connection> closed;
    for (const Connection& connection :
         registry_
             .ListConnections(
                 {.scope = scope, .page_size = 1000, .show_closed = true})
             .connections) {
      if (connection.first.closure) closed.push_back(connection);
    }
    return closed;
  }
  std::vector<Host> Hosts(const HostQuery& query = {.page_size = 1000}) {
    return registry_.ListHosts(query).hosts;
  }

  LookupAnswer Lookup(absl::string_view client, absl::string_view server,
                      const Scope& scope = {}) {
    return registry_.Lookup({Pair(client, server), scope});
  }
  LookupAnswer Lookup(absl::string_view endpoint, const Scope& scope = {}) {
    return registry_.Lookup({At(endpoint), scope});
  }

  FakeClock clock_;
  const absl::Time start_ = clock_.Now();
  Registry registry_;
};

inline const std::vector<Connection>& ConnectionsOf(
    const LookupAnswer& answer) {
  return std::get<FoundConnections>(answer.found).connections;
}
inline const std::vector<ListenerAnswer>& ListenersOf(
    const LookupAnswer& answer) {
  return std::get<FoundListeners>(answer.found).listeners;
}
inline const Absent& AbsentOf(const LookupAnswer& answer) {
  return std::get<Absent>(answer.found);
}
inline AbsentReason ReasonOf(const LookupAnswer& answer) {
  return AbsentOf(answer).reason;
}

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_CORE_REGISTRY_FIXTURE_H_
