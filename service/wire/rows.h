#ifndef CONNREG_SERVICE_WIRE_ROWS_H_
#define CONNREG_SERVICE_WIRE_ROWS_H_

#include "absl/status/statusor.h"
#include "connreg/v1/report.pb.h"
#include "service/model/report.h"
#include "service/wire/report.h"

namespace connreg {

// INVALID_ARGUMENT: with the path of the field, counted from the message, and a
//   reason. Refusals of single rows have the path that starts with "rows".
absl::StatusOr<DecodedBatch> BatchFromProto(const v1::Rows& proto);

// REQUIRES: the message is empty, and `batch` is such as the columns can say
//   (see WriteColumns()).
void ToProto(const RowBatch& batch, v1::Rows* proto);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_ROWS_H_
