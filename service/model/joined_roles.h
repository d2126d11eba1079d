#ifndef CONNREG_SERVICE_MODEL_JOINED_ROLES_H_
#define CONNREG_SERVICE_MODEL_JOINED_ROLES_H_

#include <cstdint>
#include <optional>

#include "service/model/socket.h"

namespace connreg {

// What one end of a connection says of its role.
struct EndRole {
  Role role = Role::kUnknown;
  RoleEvidence evidence = RoleEvidence::kUnknown;
};

// What follows for a connection that is not to itself.
struct JoinedRoles {
  // Which end is the client's: the first one of those that are given, or the
  // other. Unset: not known.
  std::optional<bool> first_is_client;
  RoleEvidence evidence = RoleEvidence::kUnknown;
  // Both ends claim to be the server, or the client by declaration.
  bool disagree = false;
};

// `second` is unset where that end is not reported.
JoinedRoles JoinRoles(const EndRole& first,
                      const std::optional<EndRole>& second);

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_JOINED_ROLES_H_
