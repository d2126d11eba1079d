#ifndef CONNREG_CLIENT_AGENT_ROW_NAME_H_
#define CONNREG_CLIENT_AGENT_ROW_NAME_H_

#include "service/model/registration.h"
#include "service/model/socket.h"

namespace connreg {

// What names a row, and nothing more.
ListenerName NameOf(const ListenerFacts& facts);
ConnectionName NameOf(const ConnectionFacts& facts);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_ROW_NAME_H_
