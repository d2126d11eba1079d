#ifndef CONNREG_SERVICE_RPC_UNARY_CALLS_H_
#define CONNREG_SERVICE_RPC_UNARY_CALLS_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/support/server_callback.h"
#include "grpcpp/support/status.h"
#include "service/base/clock.h"
#include "service/rpc/method.h"

namespace connreg {

// CallMeter is told how each call went.
//
// Thread-safe.
class CallMeter {
 public:
  virtual ~CallMeter() = default;

  // A call of `method` was answered with `code`. `handling` is the time from
  // the moment that its request was read to that when its response was ready.
  virtual void Answered(Method method, grpc::StatusCode code,
                        absl::Duration handling) = 0;
};

// UnaryCalls is how the services answer calls, and have them metered.
//
// Thread-safe.
class UnaryCalls {
 public:
  // Both outlive this object and the calls that it answers.
  UnaryCalls(const Clock& clock, CallMeter& meter)
      : clock_(clock), meter_(meter) {}

  // Answers a call of `method` with what `answer` returns, and whatever it put
  // into the response.
  grpc::ServerUnaryReactor* Answer(
      Method method, grpc::CallbackServerContext* context,
      absl::FunctionRef<absl::Status()> answer) const;

 private:
  const Clock& clock_;
  CallMeter& meter_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_UNARY_CALLS_H_
