#ifndef CONNREG_CLIENT_AGENT_PROC_SOCKETS_H_
#define CONNREG_CLIENT_AGENT_PROC_SOCKETS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/agent/sock_diag.h"
#include "service/model/socket.h"

namespace connreg {

// The sockets that a table of /proc/net shows.
struct ProcTable {
  // With inodes and without cookies, interfaces and IPV6_V6ONLY.
  std::vector<DiagSocket> sockets;
  // Lines that were not understood; with what is wrong with the first.
  size_t malformed_count = 0;
  std::string malformed_reason;
};

// The table's path below a process's folder in /proc: "net/tcp6".
std::string ProcTablePath(SocketFamily family, Transport transport);

// Reads `text`, the table of that family and transport (proc_pid_net(5);
// get_tcp4_sock() and its like in net/ipv4/tcp_ipv4.c). Idle TCP sockets are
// left out. A line that is not understood is left out alone; the heading is
// none.
ProcTable ParseProcTable(SocketFamily family, Transport transport,
                         absl::string_view text);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_PROC_SOCKETS_H_
