#ifndef CONNREG_SERVICE_RPC_CALL_METER_H_
#define CONNREG_SERVICE_RPC_CALL_METER_H_

#include "absl/time/time.h"
#include "grpcpp/support/status.h"
#include "service/rpc/method.h"

namespace connreg {

// CallMeter is told how each call went.
//
// Thread-safe.
class CallMeter {
 public:
  virtual ~CallMeter() = default;

  // A call of `method`, which is unary, was answered with `code`. `handling` is
  // the time from the moment that its request was read to that when its
  // response was ready.
  virtual void Answered(Method method, grpc::StatusCode code,
                        absl::Duration handling) = 0;
  // A stream of `method` has ended with `code`. How long it was there says
  // nothing of how long anything took.
  virtual void Ended(Method method, grpc::StatusCode code) = 0;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_CALL_METER_H_
