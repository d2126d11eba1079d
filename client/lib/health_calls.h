#ifndef CONNREG_CLIENT_LIB_HEALTH_CALLS_H_
#define CONNREG_CLIENT_LIB_HEALTH_CALLS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/lib/connection.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace connreg {

// HealthCalls asks grpc.health.v1 for a Client, whose methods of the same names
// say what these promise.
//
// Thread-safe.
class HealthCalls {
 public:
  // REQUIRES: `connection` outlives it.
  explicit HealthCalls(const Connection& connection);

  absl::StatusOr<grpc::health::v1::HealthCheckResponse> CheckHealth(
      const std::string& service) const;
  absl::StatusOr<grpc::health::v1::HealthCheckResponse> AwaitServing(
      const std::string& service, absl::Duration patience) const;

 private:
  // Follows `service` in one call until it is SERVING or `end` has come, and
  // returns what it was last; or gRPC's status if the call ended before, which
  // is never OK.
  absl::StatusOr<grpc::health::v1::HealthCheckResponse> Follow(
      const std::string& service, absl::Time end) const;

  // In words for people what gRPC's health services say of errors.
  absl::Status Explained(const std::string& service,
                         const absl::Status& status) const;

  const Connection& connection_;
  const std::unique_ptr<grpc::health::v1::Health::Stub> stub_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_LIB_HEALTH_CALLS_H_
