#ifndef CONNREG_CLIENT_AGENT_OWNERS_H_
#define CONNREG_CLIENT_AGENT_OWNERS_H_

#include "client/agent/sock_diag.h"
#include "client/agent/socket_holders.h"
#include "service/model/owner.h"

namespace connreg {

// The owners of `socket` by `holders`, a scan made after the dump that showed
// the socket, or why they are not known. A null `holders` is a scan that could
// not be made at all.
Owners OwnersOf(const DiagSocket& socket, const SocketHolders* holders);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_OWNERS_H_
