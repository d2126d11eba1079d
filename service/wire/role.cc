#include "service/wire/role.h"

#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/wire/enums.h"

namespace connreg {
namespace {

bool Fits(RoleEvidence evidence, Role role, const FourTuple& tuple) {
  switch (evidence) {
    case RoleEvidence::kUnknown:
      return role == Role::kUnknown;
    case RoleEvidence::kListener:
      return role == Role::kServer;
    case RoleEvidence::kInitiated:
      return role == Role::kClient;
    case RoleEvidence::kSelf:
      return role == Role::kBoth && tuple.is_self();
    case RoleEvidence::kSimultaneous:
      return role == Role::kBoth;
    case RoleEvidence::kDeclared:
      return role != Role::kUnknown;
  }
  return false;
}

}  // namespace

absl::Status SetRole(Role role, RoleEvidence evidence, ConnectionFacts* facts) {
  if (role != Role::kUnknown && evidence == RoleEvidence::kUnknown)
    evidence = RoleEvidence::kDeclared;
  if (!Fits(evidence, role, facts->tuple)) {
    return InField(
        "role_evidence",
        InvalidArgument("ROLE_WITHOUT_EVIDENCE",
                        absl::StrCat(v1::RoleEvidence_Name(ToProto(evidence)),
                                     " is no evidence for ",
                                     v1::Role_Name(ToProto(role)))));
  }
  facts->role = role;
  facts->evidence = evidence;
  return absl::OkStatus();
}

}  // namespace connreg
