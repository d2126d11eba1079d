#ifndef CONNREG_CLIENT_AGENT_SERVICE_CALLS_H_
#define CONNREG_CLIENT_AGENT_SERVICE_CALLS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "connreg/v1/reporting_service.pb.h"
#include "connreg/v1/socket.pb.h"

namespace connreg {

// ServiceCalls is the agent's door to connregd. The calls return the errors of
// Client, and those that the service's contract names.
class ServiceCalls {
 public:
  virtual ~ServiceCalls() = default;

  virtual absl::StatusOr<v1::RegisterResponse> Register(
      const v1::RegisterRequest& request) = 0;

  // Who reports for a host, as far as the service names them.
  virtual absl::StatusOr<std::vector<v1::Reporter>> ReportersOf(
      const std::string& host, const std::string& network) = 0;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_SERVICE_CALLS_H_
