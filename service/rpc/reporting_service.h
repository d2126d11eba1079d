#ifndef CONNREG_SERVICE_RPC_REPORTING_SERVICE_H_
#define CONNREG_SERVICE_RPC_REPORTING_SERVICE_H_

#include <vector>

#include "connreg/v1/reporting_service.grpc.pb.h"
#include "service/base/clock.h"
#include "service/core/registry.h"
#include "service/rpc/report_observer.h"
#include "service/rpc/report_streams.h"
#include "service/rpc/unary_calls.h"

namespace connreg {

// ReportingService hands reports to the registry. See its proto for what each
// call promises.
//
// Thread-safe.
class ReportingService final : public v1::ReportingService::CallbackService {
 public:
  // `clock` and `observer` outlive the service and its streams.
  ReportingService(Registry& registry, const Clock& clock,
                   const UnaryCalls& calls, ReportObserver& observer)
      : registry_(registry),
        calls_(calls),
        observer_(observer),
        streams_(clock) {}

  grpc::ServerUnaryReactor* Register(grpc::CallbackServerContext* context,
                                     const v1::RegisterRequest* request,
                                     v1::RegisterResponse* response) override;
  grpc::ServerUnaryReactor* Deregister(
      grpc::CallbackServerContext* context,
      const v1::DeregisterRequest* request,
      v1::DeregisterResponse* response) override;

  grpc::ServerBidiReactor<v1::ReportRequest, v1::ReportResponse>* Report(
      grpc::CallbackServerContext* context) override;

  // Ends the streams of sessions whose leases have lapsed.
  void EndLapsed(const std::vector<Epoch>& sessions);
  // Ends all streams, those to come too, so that nobody has to wait for them.
  void EndStreams();
  // Does what the streams are due for by now. To be called every now and then.
  void AdvanceStreams();

 private:
  Registry& registry_;
  const UnaryCalls calls_;
  ReportObserver& observer_;
  ReportStreams streams_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_REPORTING_SERVICE_H_
