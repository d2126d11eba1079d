#ifndef CONNREG_SERVICE_RPC_REGISTRY_SERVICE_H_
#define CONNREG_SERVICE_RPC_REGISTRY_SERVICE_H_

#include <string>
#include <utility>

#include "connreg/v1/registry_service.grpc.pb.h"
#include "service/core/registry.h"
#include "service/rpc/unary_calls.h"

namespace connreg {

// RegistryService hands questions to the registry. See its proto for what each
// call promises.
//
// Thread-safe.
class RegistryService final : public v1::RegistryService::CallbackService {
 public:
  // `version` is the service's own, for GetStatus.
  RegistryService(const Registry& registry, const UnaryCalls& calls,
                  std::string version)
      : registry_(registry), calls_(calls), version_(std::move(version)) {}

  grpc::ServerUnaryReactor* Lookup(grpc::CallbackServerContext* context,
                                   const v1::LookupRequest* request,
                                   v1::LookupResponse* response) override;
  grpc::ServerUnaryReactor* ListConnections(
      grpc::CallbackServerContext* context,
      const v1::ListConnectionsRequest* request,
      v1::ListConnectionsResponse* response) override;
  grpc::ServerUnaryReactor* ListListeners(
      grpc::CallbackServerContext* context,
      const v1::ListListenersRequest* request,
      v1::ListListenersResponse* response) override;
  grpc::ServerUnaryReactor* BatchLookup(
      grpc::CallbackServerContext* context,
      const v1::BatchLookupRequest* request,
      v1::BatchLookupResponse* response) override;
  grpc::ServerUnaryReactor* ListEndpoints(
      grpc::CallbackServerContext* context,
      const v1::ListEndpointsRequest* request,
      v1::ListEndpointsResponse* response) override;
  grpc::ServerUnaryReactor* ListHosts(grpc::CallbackServerContext* context,
                                      const v1::ListHostsRequest* request,
                                      v1::ListHostsResponse* response) override;
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override;

 private:
  const Registry& registry_;
  const UnaryCalls calls_;
  const std::string version_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_REGISTRY_SERVICE_H_
