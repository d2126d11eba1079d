#ifndef CONNREG_SERVICE_RPC_REGISTRY_SERVICE_H_
#define CONNREG_SERVICE_RPC_REGISTRY_SERVICE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "connreg/v1/registry_service.pb.h"
#include "service/core/registry.h"
#include "service/rpc/unary_method.h"

namespace connreg {

// RegistryService hands questions to the registry. See its proto for what each
// call promises.
//
// Thread-safe.
class RegistryService final {
 public:
  // `version` is the service's own, for GetStatus.
  RegistryService(const Registry& registry, std::string version)
      : registry_(registry), version_(std::move(version)) {}

  // How its calls are answered, by this object.
  std::vector<UnaryMethod> Methods();

 private:
  absl::Status Lookup(const v1::LookupRequest& request,
                      v1::LookupResponse* response);
  absl::Status BatchLookup(const v1::BatchLookupRequest& request,
                           v1::BatchLookupResponse* response);
  absl::Status ListConnections(const v1::ListConnectionsRequest& request,
                               v1::ListConnectionsResponse* response);
  absl::Status ListListeners(const v1::ListListenersRequest& request,
                             v1::ListListenersResponse* response);
  absl::Status ListEndpoints(const v1::ListEndpointsRequest& request,
                             v1::ListEndpointsResponse* response);
  absl::Status ListHosts(const v1::ListHostsRequest& request,
                         v1::ListHostsResponse* response);
  absl::Status GetStatus(const v1::GetStatusRequest& request,
                         v1::GetStatusResponse* response);

  const Registry& registry_;
  const std::string version_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_REGISTRY_SERVICE_H_
