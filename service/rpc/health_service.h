#ifndef CONNREG_SERVICE_RPC_HEALTH_SERVICE_H_
#define CONNREG_SERVICE_RPC_HEALTH_SERVICE_H_

#include <vector>

#include "absl/status/status.h"
#include "grpc/health/v1/health.pb.h"
#include "service/rpc/call_loop.h"
#include "service/rpc/call_meter.h"
#include "service/rpc/health_states.h"
#include "service/rpc/raw_service.h"
#include "service/rpc/unary_method.h"

namespace connreg {

// HealthService is grpc.health.v1: it says how services are. See its proto for
// what each call promises.
//
// Thread-safe.
class HealthService final {
 public:
  // How its unary calls are answered, by this object.
  std::vector<UnaryMethod> Methods();
  // Serves the watches from now on. All outlive them.
  void ServeWatches(RawMethods& service, CallLoop& loop, CallMeter& meter);

  HealthStates& states() { return states_; }

 private:
  absl::Status Check(const grpc::health::v1::HealthCheckRequest& request,
                     grpc::health::v1::HealthCheckResponse* response);

  HealthStates states_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_HEALTH_SERVICE_H_
