#include "service/rpc/unary_calls.h"

#include "grpcpp/server_context.h"
#include "service/wire/status.h"

namespace connreg {

grpc::ServerUnaryReactor* UnaryCalls::Answer(
    Method method, grpc::CallbackServerContext* context,
    absl::FunctionRef<absl::Status()> answer) const {
  const absl::Duration start = clock_.Monotonic();
  const grpc::Status status = ToGrpcStatus(answer());
  // Before the client can know, so that what it then reads counts this call.
  meter_.Answered(method, status.error_code(), clock_.Monotonic() - start);
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

}  // namespace connreg
