#ifndef CONNREG_SERVICE_WIRE_OWNERS_H_
#define CONNREG_SERVICE_WIRE_OWNERS_H_

#include "absl/status/statusor.h"
#include "connreg/v1/socket.pb.h"
#include "service/model/owner.h"

namespace connreg {

// INVALID_ARGUMENT: with the path of the field, counted from the message, and a
//   reason.
absl::StatusOr<Owners> OwnersFromProto(const v1::Owners& proto);

// REQUIRES: the message is empty.
void ToProto(const Owners& owners, v1::Owners* proto);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_OWNERS_H_
