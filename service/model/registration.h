#ifndef CONNREG_SERVICE_MODEL_REGISTRATION_H_
#define CONNREG_SERVICE_MODEL_REGISTRATION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "service/model/address_owners.h"
#include "service/model/socket.h"

namespace connreg {

// What a reporter adds to the registry in one call.
struct Registration {
  Reporter reporter;
  // How long its lease lasts from now.
  absl::Duration ttl;
  std::vector<LocalAddresses> addresses;
  std::vector<ListenerFacts> listeners;
  std::vector<ConnectionFacts> connections;
};

// Names one listener row of a reporter, or one incarnation of it.
struct ListenerName {
  Socket socket;
  Endpoint local;
  std::string device;
};

// Names one connection row of a reporter, or one incarnation of it.
struct ConnectionName {
  Socket socket;
  FourTuple tuple;
};

// What a reporter takes back in one call.
struct Deregistration {
  Reporter reporter;
  // Everything, and the lease; then there are no rows.
  bool all = false;
  std::vector<ListenerName> listeners;
  std::vector<ConnectionName> connections;
};

struct DeregistrationOutcome {
  // How many rows went. One name may be that of several listeners.
  size_t removed = 0;
  // How many names were those of no row.
  size_t absent = 0;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_REGISTRATION_H_
