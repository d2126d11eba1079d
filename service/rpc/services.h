#ifndef CONNREG_SERVICE_RPC_SERVICES_H_
#define CONNREG_SERVICE_RPC_SERVICES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "connreg/v1/registry_service.grpc.pb.h"
#include "connreg/v1/reporting_service.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/server_builder.h"
#include "service/base/clock.h"
#include "service/core/registry.h"
#include "service/rpc/call_loop.h"
#include "service/rpc/call_meter.h"
#include "service/rpc/health_service.h"
#include "service/rpc/raw_service.h"
#include "service/rpc/registry_service.h"
#include "service/rpc/report_observer.h"
#include "service/rpc/reporting_service.h"

namespace connreg {

// Services is all that a server serves about a registry, its own health too,
// and what answers the calls.
class Services {
 public:
  // All outlive it. `version` is the service's own.
  Services(Registry& registry, const Clock& clock, CallMeter& meter,
           ReportObserver& observer, std::string version);

  // They are of the server that `builder` is to build.
  void AddTo(grpc::ServerBuilder* builder);
  // Answers calls from now on.
  //
  // REQUIRES: the server is built, and runs.
  void Serve();
  // Waits until the last call has been answered.
  //
  // REQUIRES: the server is shut down, and not destroyed.
  void Stop() { loop_.reset(); }

  HealthStates& health() { return health_service_.states(); }
  ReportingService& reporting() { return reporting_service_; }

 private:
  // Of each method, as many calls as are answered at a time.
  void ServeUnary(RawMethods& service, const std::vector<UnaryMethod>& methods);

  const Clock& clock_;
  CallMeter& meter_;
  RegistryService registry_service_;
  ReportingService reporting_service_;
  HealthService health_service_;
  const std::vector<UnaryMethod> registry_methods_;
  const std::vector<UnaryMethod> reporting_methods_;
  const std::vector<UnaryMethod> health_methods_;
  RawService<v1::RegistryService> raw_registry_;
  RawService<v1::ReportingService> raw_reporting_;
  RawService<grpc::health::v1::Health> raw_health_;
  // Unset before they are added to a server, and once they are stopped. Last,
  // so that the calls end before what they use is gone.
  std::optional<CallLoop> loop_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_SERVICES_H_
