#ifndef CONNREG_CLIENT_AGENT_ROWS_H_
#define CONNREG_CLIENT_AGENT_ROWS_H_

#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "client/agent/interfaces.h"
#include "client/agent/sock_diag.h"
#include "service/model/owner.h"
#include "service/model/socket.h"

namespace connreg {

using Row = std::variant<ListenerFacts, ConnectionFacts>;

// Whether `socket` is a listener or a connection: not in TIME_WAIT, and neither
// an idle TCP socket nor an unbound UDP one.
bool IsListenerOrConnection(const DiagSocket& socket);

// Whether the kernel alone keeps `socket` in FIN-WAIT-2, until the other side
// is done.
bool IsRemainder(const DiagSocket& socket);

// `socket`, which `owners` hold in the namespace `netns`, as the model has it,
// its role unknown as yet.
//
// The uid of a socket without an inode is left out: the kernel shows 0 for some
// of them, whoever made them.
//
// INVALID_ARGUMENT: it is a connection that the model cannot express, such as a
//   UDP socket connected to port 0, or its state is not known here.
//
// REQUIRES: IsListenerOrConnection(socket)
absl::StatusOr<Row> RowOf(const DiagSocket& socket, const std::string& netns,
                          Owners owners, InterfaceNames names);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_ROWS_H_
