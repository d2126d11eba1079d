#ifndef CONNREG_SERVICE_RPC_REPORTING_SERVICE_H_
#define CONNREG_SERVICE_RPC_REPORTING_SERVICE_H_

#include <vector>

#include "absl/status/status.h"
#include "connreg/v1/reporting_service.pb.h"
#include "service/base/clock.h"
#include "service/core/registry.h"
#include "service/rpc/call_loop.h"
#include "service/rpc/raw_service.h"
#include "service/rpc/report_observer.h"
#include "service/rpc/report_streams.h"
#include "service/rpc/unary_method.h"

namespace connreg {

// ReportingService hands reports to the registry. See its proto for what each
// call promises.
//
// Thread-safe.
class ReportingService final {
 public:
  // `clock` and `observer` outlive the service and its streams.
  ReportingService(Registry& registry, const Clock& clock,
                   ReportObserver& observer)
      : registry_(registry), observer_(observer), streams_(clock) {}

  // How its unary calls are answered, by this object.
  std::vector<UnaryMethod> Methods();
  // Serves the streams from now on. Both outlive them.
  void ServeStreams(RawMethods& service, CallLoop& loop);

  // Ends the streams of sessions whose leases have lapsed.
  void EndLapsed(const std::vector<Epoch>& sessions);
  // Ends all streams, those to come too, so that nobody has to wait for them.
  void EndStreams();
  // Does what the streams are due for by now. To be called every now and then.
  void AdvanceStreams();

 private:
  absl::Status Register(const v1::RegisterRequest& request,
                        v1::RegisterResponse* response);
  absl::Status Deregister(const v1::DeregisterRequest& request,
                          v1::DeregisterResponse* response);

  Registry& registry_;
  ReportObserver& observer_;
  ReportStreams streams_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_REPORTING_SERVICE_H_
