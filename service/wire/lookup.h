#ifndef CONNREG_SERVICE_WIRE_LOOKUP_H_
#define CONNREG_SERVICE_WIRE_LOOKUP_H_

#include "absl/status/statusor.h"
#include "connreg/v1/registry_service.pb.h"
#include "service/model/query.h"

namespace connreg {

// INVALID_ARGUMENT: with the path of the field and a reason.
absl::StatusOr<LookupQuestion> LookupQuestionFromProto(
    const v1::LookupRequest& proto);

// REQUIRES: the response is empty.
void ToProto(const LookupAnswer& answer, v1::LookupResponse* proto);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_LOOKUP_H_
