#include "client/agent/roles.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "service/model/select_listener.h"
#include "service/net/endpoint.h"

namespace connreg {
namespace {

using Candidates = std::vector<const ListenerFacts*>;

// TcpListeners tells which listeners take an endpoint, as an accepted socket
// shows them: it is bound to the interface that its listener is bound to, and
// to the one that it came by if its addresses are link-local
// (inet_request_bound_dev_if() in include/net/inet_sock.h,
// tcp_v6_init_req() in net/ipv6/tcp_ipv6.c).
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

  // Those that connections for `local` that are bound to `device` can have come
  // from.
  const Candidates& For(const Endpoint& local, const std::string& device) {
    static const Candidates* const none = new Candidates;
    const auto listeners = by_port_.find(local.port());
    if (listeners == by_port_.end()) return *none;
    const auto [answer, is_new] = answers_.try_emplace({local, device});
    if (is_new) answer->second = Ask(listeners->second, local, device);
    return answer->second;
  }

 private:
  static Candidates Ask(const Candidates& listeners, const Endpoint& local,
                        const std::string& device) {
    const bool may_be_unbound =
        device.empty() || local.address().is_link_local();
    Candidates candidates;
    for (const size_t i :
         SelectListener(listeners, local.address(), {.by = device})) {
      const std::string& bound = listeners[i]->device;
      if (bound == device || (bound.empty() && may_be_unbound))
        candidates.push_back(listeners[i]);
    }
    return candidates;
  }

  absl::flat_hash_map<uint16_t, Candidates> by_port_;
  absl::flat_hash_map<std::pair<Endpoint, std::string>, Candidates> answers_;
};

bool ShareAProcess(const Owners& a, const Owners& b) {
  return std::any_of(
      a.processes().begin(), a.processes().end(), [&](const Process& process) {
        return std::find_if(b.processes().begin(), b.processes().end(),
                            [&](const Process& other) {
                              return other.pid == process.pid &&
                                     other.start_time == process.start_time;
                            }) != b.processes().end();
      });
}

// The cookie of the one among `candidates` that the connection came from: the
// only one, or of several that share a port the only one that a process of the
// connection holds. 0: it may be more than one.
uint64_t ListenerOf(const ConnectionFacts& connection,
                    const Candidates& candidates) {
  if (candidates.size() == 1) return candidates.front()->socket.cookie;
  uint64_t cookie = 0;
  for (const ListenerFacts* candidate : candidates) {
    if (!ShareAProcess(candidate->socket.owners, connection.socket.owners))
      continue;
    if (cookie != 0) return 0;
    cookie = candidate->socket.cookie;
  }
  return cookie;
}

void SetRole(ConnectionFacts* connection, Role role, RoleEvidence evidence) {
  connection->role = role;
  connection->evidence = evidence;
}

// Takes the evidence from connections both ends of which are here and are at a
// listener's endpoint: one of them connected from there, and nothing tells
// which.
void DropContradictions(absl::Span<ConnectionFacts> connections,
                        TcpListeners* listeners) {
  std::map<FourTuple, std::vector<ConnectionFacts*>> doubtful;
  for (ConnectionFacts& connection : connections) {
    if (connection.evidence == RoleEvidence::kListener &&
        !listeners->For(connection.tuple.remote(), connection.device).empty())
      doubtful[connection.tuple.Canonical()].push_back(&connection);
  }
  for (const auto& [tuple, ends] : doubtful) {
    if (ends.size() < 2) continue;
    for (ConnectionFacts* const end : ends) {
      SetRole(end, Role::kUnknown, RoleEvidence::kUnknown);
      end->listener_cookie = 0;
    }
  }
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
      const Candidates& candidates =
          tcp_listeners.For(connection.tuple.local(), connection.device);
      if (candidates.empty()) continue;
      SetRole(&connection, Role::kServer, RoleEvidence::kListener);
      connection.listener_cookie = ListenerOf(connection, candidates);
    }
  }
  DropContradictions(connections, &tcp_listeners);
}

}  // namespace connreg
