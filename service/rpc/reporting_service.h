#ifndef CONNREG_SERVICE_RPC_REPORTING_SERVICE_H_
#define CONNREG_SERVICE_RPC_REPORTING_SERVICE_H_

#include "connreg/v1/reporting_service.grpc.pb.h"
#include "service/core/registry.h"
#include "service/rpc/unary_calls.h"

namespace connreg {

// ReportingService hands reports to the registry. See its proto for what each
// call promises.
//
// Thread-safe.
class ReportingService final : public v1::ReportingService::CallbackService {
 public:
  ReportingService(Registry& registry, const UnaryCalls& calls)
      : registry_(registry), calls_(calls) {}

  grpc::ServerUnaryReactor* Register(grpc::CallbackServerContext* context,
                                     const v1::RegisterRequest* request,
                                     v1::RegisterResponse* response) override;
  grpc::ServerUnaryReactor* Deregister(
      grpc::CallbackServerContext* context,
      const v1::DeregisterRequest* request,
      v1::DeregisterResponse* response) override;

 private:
  Registry& registry_;
  const UnaryCalls calls_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_REPORTING_SERVICE_H_
