#ifndef CONNREG_CLIENT_AGENT_ROLES_H_
#define CONNREG_CLIENT_AGENT_ROLES_H_

#include <vector>

#include "absl/types/span.h"
#include "service/model/socket.h"

namespace connreg {

// Sets role, evidence and listener of each connection, as far as the dump that
// shows all of them proves it:
//   a socket whose ends are one is both client and server;
//   one in SYN-SENT is the client;
//   one of TCP whose local endpoint a listener takes came from that listener.
// The listener's cookie is told where it can only be that one: of several that
// share their port by SO_REUSEPORT, the one that a process of the connection
// holds. What is not proved stays unknown, as every role of UDP does but the
// first: ports prove nothing.
//
// All rows are of one network namespace.
void AssignRoles(absl::Span<const ListenerFacts> listeners,
                 absl::Span<ConnectionFacts> connections);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_ROLES_H_
