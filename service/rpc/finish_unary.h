#ifndef CONNREG_SERVICE_RPC_FINISH_UNARY_H_
#define CONNREG_SERVICE_RPC_FINISH_UNARY_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "grpcpp/support/server_callback.h"
#include "service/wire/status.h"

namespace connreg {

// Answers a unary call with what `answer` returns, and whatever it put into the
// response.
inline grpc::ServerUnaryReactor* FinishUnary(
    grpc::CallbackServerContext* context,
    absl::FunctionRef<absl::Status()> answer) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(ToGrpcStatus(answer()));
  return reactor;
}

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_FINISH_UNARY_H_
