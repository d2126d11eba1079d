#include "client/agent/roles.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "service/model/listener_match.h"
#include "service/net/endpoint.h"

namespace connreg {
namespace {

// What a connection's local endpoint proves.
struct ServerEvidence {
  // 0: one of several.
  uint64_t listener_cookie = 0;
};

// TcpListeners tells which listeners take an endpoint.
//
// It keeps its answers, since a busy server has very many connections at very
// few endpoints. The listeners outlive it.
class TcpListeners {
 public:
  explicit TcpListeners(absl::Span<const ListenerFacts> listeners) {
    for (const ListenerFacts& facts : listeners) {
      if (facts.socket.transport == Transport::kTcp)
        by_port_[facts.local.port()].push_back(&facts);
    }
  }

  // Nothing if no listener takes `local`.
  std::optional<ServerEvidence> For(const Endpoint& local) {
    const auto listeners = by_port_.find(local.port());
    if (listeners == by_port_.end()) return std::nullopt;
    const auto [answer, is_new] = answers_.try_emplace(local);
    if (is_new) answer->second = Ask(listeners->second, local);
    return answer->second;
  }

 private:
  static std::optional<ServerEvidence> Ask(
      const std::vector<const ListenerFacts*>& listeners,
      const Endpoint& local) {
    const std::vector<size_t> effective =
        EffectiveListeners(listeners, local.address());
    if (effective.empty()) return std::nullopt;
    if (effective.size() > 1) return ServerEvidence{};
    return ServerEvidence{listeners[effective.front()]->socket.cookie};
  }

  absl::flat_hash_map<uint16_t, std::vector<const ListenerFacts*>> by_port_;
  absl::flat_hash_map<Endpoint, std::optional<ServerEvidence>> answers_;
};

void SetRole(ConnectionFacts* connection, Role role, RoleEvidence evidence) {
  connection->role = role;
  connection->evidence = evidence;
}

}  // namespace

void AssignRoles(absl::Span<const ListenerFacts> listeners,
                 absl::Span<ConnectionFacts> connections) {
  TcpListeners tcp_listeners(listeners);
  for (ConnectionFacts& connection : connections) {
    if (connection.tuple.is_self()) {
      SetRole(&connection, Role::kBoth, RoleEvidence::kSelf);
    } else if (connection.state == ConnectionState::kSynSent) {
      SetRole(&connection, Role::kClient, RoleEvidence::kInitiated);
    } else if (connection.socket.transport == Transport::kTcp) {
      const std::optional<ServerEvidence> evidence =
          tcp_listeners.For(connection.tuple.local());
      if (!evidence) continue;
      SetRole(&connection, Role::kServer, RoleEvidence::kListener);
      connection.listener_cookie = evidence->listener_cookie;
    }
  }
}

}  // namespace connreg
