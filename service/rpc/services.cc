#include "service/rpc/services.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "service/rpc/unary_call.h"

namespace connreg {
namespace {

// Calls of one method that are taken at a time. More wait within gRPC.
constexpr size_t kShortCalls = 64;
constexpr size_t kLongCalls = 16;

// Threads for what takes longer than the loop may: one for each of the
// processor's cores, and on few of them some more, so that a few long listings
// do not hold up what agents report.
size_t WorkerCount() {
  return std::max<size_t>(4, std::thread::hardware_concurrency());
}

}  // namespace

Services::Services(Registry& registry, const Clock& clock, CallMeter& meter,
                   ReportObserver& observer, std::string version)
    : clock_(clock),
      meter_(meter),
      registry_service_(registry, std::move(version)),
      reporting_service_(registry, clock, observer),
      registry_methods_(registry_service_.Methods()),
      reporting_methods_(reporting_service_.Methods()),
      health_methods_(health_service_.Methods()) {}

void Services::AddTo(grpc::ServerBuilder* builder) {
  builder->RegisterService(&raw_reporting_);
  builder->RegisterService(&raw_registry_);
  builder->RegisterService(&raw_health_);
  loop_.emplace(builder, WorkerCount());
}

void Services::Serve() {
  ServeUnary(raw_registry_, registry_methods_);
  ServeUnary(raw_reporting_, reporting_methods_);
  ServeUnary(raw_health_, health_methods_);
  reporting_service_.ServeStreams(raw_reporting_, *loop_);
  health_service_.ServeWatches(raw_health_, *loop_, meter_);
  loop_->Start();
}

void Services::ServeUnary(RawMethods& service,
                          const std::vector<UnaryMethod>& methods) {
  for (const UnaryMethod& method : methods) {
    UnaryCall::Serve({.loop = *loop_,
                      .service = service,
                      .method = method,
                      .clock = clock_,
                      .meter = meter_},
                     method.is_short ? kShortCalls : kLongCalls);
  }
}

}  // namespace connreg
