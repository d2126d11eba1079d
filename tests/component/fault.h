#ifndef CONNREG_TESTS_COMPONENT_FAULT_H_
#define CONNREG_TESTS_COMPONENT_FAULT_H_

#include <string>

#include "gmock/gmock.h"
#include "grpcpp/support/status.h"

namespace connreg {

// What a client reads of an error.
struct Fault {
  grpc::StatusCode code = grpc::StatusCode::OK;
  // Of the ErrorInfo.
  std::string domain;
  std::string reason;
  // Of the BadRequest.
  std::string field;
  std::string message;
};

Fault FaultOf(const grpc::Status& status);

// A Fault that is INVALID_ARGUMENT for `reason` in `field`.
MATCHER_P2(IsRefusal, reason, field, "") {
  *result_listener << arg.message << " (" << arg.domain << " " << arg.reason
                   << " in \"" << arg.field << "\")";
  return arg.code == grpc::StatusCode::INVALID_ARGUMENT &&
         arg.domain == "connreg" && arg.reason == reason && arg.field == field;
}

}  // namespace connreg

#endif  // CONNREG_TESTS_COMPONENT_FAULT_H_
