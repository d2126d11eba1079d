#ifndef CONNREG_TESTS_COMPONENT_HEALTH_H_
#define CONNREG_TESTS_COMPONENT_HEALTH_H_

#include <memory>
#include <optional>
#include <string>

#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"

namespace connreg {

using Health = grpc::health::v1::HealthCheckResponse;

// How `service` is in grpc.health.v1; SERVICE_UNKNOWN if there is none, UNKNOWN
// for any other error.
Health::ServingStatus HealthOf(const std::shared_ptr<grpc::Channel>& channel,
                               const std::string& service);

// Follows the health of `service`.
class HealthWatch {
 public:
  HealthWatch(const std::shared_ptr<grpc::Channel>& channel,
              const std::string& service);
  // Ends the watch.
  ~HealthWatch();

  // Waits for the next change; the first is what it is now. UNKNOWN if the
  // watch has ended.
  Health::ServingStatus Next();

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<Health>> reader_;
  std::optional<Health::ServingStatus> last_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_COMPONENT_HEALTH_H_
