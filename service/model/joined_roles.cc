#include "service/model/joined_roles.h"

namespace connreg {
namespace {

// Two ends that both initiated are a simultaneous open; any other equal pair of
// roles contradicts itself.
JoinedRoles JoinEqual(const EndRole& first, const EndRole& second) {
  if (first.evidence == RoleEvidence::kInitiated &&
      second.evidence == RoleEvidence::kInitiated)
    return {.evidence = RoleEvidence::kSimultaneous};
  return {.disagree = true};
}

}  // namespace

JoinedRoles JoinRoles(const EndRole& first,
                      const std::optional<EndRole>& second) {
  const Role other = second ? second->role : Role::kUnknown;
  if (first.role == Role::kBoth || other == Role::kBoth)
    return {.evidence = RoleEvidence::kSimultaneous};
  if (first.role == Role::kUnknown && other == Role::kUnknown) return {};
  if (first.role == other) return JoinEqual(first, *second);
  return {
      .first_is_client = first.role == Role::kClient || other == Role::kServer,
      .evidence =
          first.role != Role::kUnknown ? first.evidence : second->evidence};
}

}  // namespace connreg
