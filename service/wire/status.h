#ifndef CONNREG_SERVICE_WIRE_STATUS_H_
#define CONNREG_SERVICE_WIRE_STATUS_H_

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace connreg {

// The gRPC status of `status`: its code, its message, and its ErrorDetail as
// google.rpc details: an ErrorInfo of the domain "connreg", with the position
// in its metadata, and for a field a BadRequest.
grpc::Status ToGrpcStatus(const absl::Status& status);

// The way back. Details of other domains are left out.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_STATUS_H_
