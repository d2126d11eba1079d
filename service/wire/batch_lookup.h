#ifndef CONNREG_SERVICE_WIRE_BATCH_LOOKUP_H_
#define CONNREG_SERVICE_WIRE_BATCH_LOOKUP_H_

#include "absl/status/statusor.h"
#include "connreg/v1/registry_service.pb.h"
#include "service/model/batch.h"

namespace connreg {

// INVALID_ARGUMENT: with the column, its place ("client_ports[3]") and a
// reason.
absl::StatusOr<BatchLookupQuestion> BatchLookupQuestionFromProto(
    const v1::BatchLookupRequest& proto);

// `answer` is to `question`.
//
// REQUIRES: the response is empty.
void ToProto(const BatchLookupQuestion& question,
             const BatchLookupAnswer& answer, v1::BatchLookupResponse* proto);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_BATCH_LOOKUP_H_
