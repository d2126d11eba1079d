#include "tests/component/fault.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace connreg {

Fault FaultOf(const grpc::Status& status) {
  Fault fault{.code = status.error_code(), .message = status.error_message()};
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()));
  for (const auto& detail : details.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest request;
    if (detail.UnpackTo(&info)) {
      fault.domain = info.domain();
      fault.reason = info.reason();
    } else if (detail.UnpackTo(&request)) {
      fault.field = request.field_violations(0).field();
      EXPECT_EQ(request.field_violations(0).description(), fault.message);
    }
  }
  return fault;
}

}  // namespace connreg
