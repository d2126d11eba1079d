#ifndef CONNREG_SERVICE_SERVER_CALL_METRICS_H_
#define CONNREG_SERVICE_SERVER_CALL_METRICS_H_

#include <array>
#include <memory>

#include "prometheus/counter.h"
#include "prometheus/family.h"
#include "prometheus/histogram.h"
#include "prometheus/registry.h"
#include "service/rpc/call_meter.h"

namespace connreg {

// CallMetrics counts calls by method and code, and their times by method, under
// the names that gRPC servers commonly give them:
//
//   grpc_server_handled_total      answered calls
//   grpc_server_handling_seconds   a histogram of the times to answer them
//
// A method without a call so far is there, with zeros, for each code that the
// service may answer with; another code is from its first call on. What gRPC
// refuses before it reaches a method, such as a request that is too large, is
// not counted.
//
// Thread-safe.
class CallMetrics final : public CallMeter {
 public:
  CallMetrics();

  // What Prometheus collects.
  std::shared_ptr<prometheus::Collectable> collectable() const {
    return registry_;
  }

  void Answered(Method method, grpc::StatusCode code,
                absl::Duration handling) override;
  void Ended(Method method, grpc::StatusCode code) override;

 private:
  // Of the family, which has one from then on.
  prometheus::Counter& HandledWith(Method method, grpc::StatusCode code);

  const std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& handled_;
  prometheus::Family<prometheus::Histogram>& handling_;
  // By method; null for the times of one that is not unary. They belong to the
  // families.
  std::array<prometheus::Counter*, kMethods> handled_well_{};
  std::array<prometheus::Histogram*, kMethods> times_{};
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_SERVER_CALL_METRICS_H_
