#ifndef CONNREG_CLIENT_AGENT_OWNER_RECALL_H_
#define CONNREG_CLIENT_AGENT_OWNER_RECALL_H_

#include "service/model/socket.h"

namespace connreg {

// Names the owners of `known`, which the last look showed, as those of `seen`,
// if that is sure to be the same socket and the look found nobody. Whether it
// did.
//
// A socket that is closed after the sockets were read and before the processes
// were has no holder that can be found. So who held it a moment ago is still
// named, once: the next look shows whether it has ended, or really has no
// holder that the agent sees.
bool RecallOwners(const Socket& known, Socket* seen);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_OWNER_RECALL_H_
