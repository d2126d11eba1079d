#include "service/rpc/health_service.h"

#include "absl/strings/str_cat.h"
#include "service/rpc/health_watch_call.h"
#include "service/rpc/method.h"

namespace connreg {
namespace {

bool IsShort(const grpc::health::v1::HealthCheckRequest&) { return true; }

}  // namespace

std::vector<UnaryMethod> HealthService::Methods() {
  return {
      AnsweredBy(Method::kHealthCheck, this, &HealthService::Check, &IsShort)};
}

void HealthService::ServeWatches(RawMethods& service, CallLoop& loop,
                                 CallMeter& meter) {
  HealthWatchCall::Serve(
      {.loop = loop, .service = service, .states = states_, .meter = meter});
}

absl::Status HealthService::Check(
    const grpc::health::v1::HealthCheckRequest& request,
    grpc::health::v1::HealthCheckResponse* response) {
  const HealthStates::State state = states_.Of(request.service());
  if (state == grpc::health::v1::HealthCheckResponse::SERVICE_UNKNOWN) {
    return absl::NotFoundError(
        absl::StrCat("service ", request.service(), ": it is not served"));
  }
  response->set_status(state);
  return absl::OkStatus();
}

}  // namespace connreg
