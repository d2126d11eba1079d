#ifndef CONNREG_SERVICE_WIRE_ROLE_H_
#define CONNREG_SERVICE_WIRE_ROLE_H_

#include "absl/status/status.h"
#include "service/model/socket.h"

namespace connreg {

// Sets the role of `facts`, of which the tuple is set. A role without evidence
// is declared.
//
// INVALID_ARGUMENT: `evidence` is not such as gives that role
//   (ROLE_WITHOUT_EVIDENCE), in the field "role_evidence".
absl::Status SetRole(Role role, RoleEvidence evidence, ConnectionFacts* facts);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_ROLE_H_
