#include "service/rpc/registry_service.h"

#include "service/base/status_macros.h"
#include "service/rpc/method.h"
#include "service/wire/batch_lookup.h"
#include "service/wire/listing.h"
#include "service/wire/lookup.h"
#include "service/wire/registry_status.h"

namespace connreg {

grpc::ServerUnaryReactor* RegistryService::Lookup(
    grpc::CallbackServerContext* context, const v1::LookupRequest* request,
    v1::LookupResponse* response) {
  return calls_.Answer(Method::kLookup, context, [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const LookupQuestion question,
                     LookupQuestionFromProto(*request));
    ToProto(registry_.Lookup(question), response);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* RegistryService::ListConnections(
    grpc::CallbackServerContext* context,
    const v1::ListConnectionsRequest* request,
    v1::ListConnectionsResponse* response) {
  return calls_.Answer(
      Method::kListConnections, context, [&]() -> absl::Status {
        ASSIGN_OR_RETURN(
            const ConnectionQuery query,
            ConnectionQueryFromProto(*request, registry_.run_id()));
        ToProto(registry_.ListConnections(query), *request, response);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* RegistryService::ListListeners(
    grpc::CallbackServerContext* context,
    const v1::ListListenersRequest* request,
    v1::ListListenersResponse* response) {
  return calls_.Answer(Method::kListListeners, context, [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const ListenerQuery query,
                     ListenerQueryFromProto(*request, registry_.run_id()));
    ToProto(registry_.ListListeners(query), *request, response);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* RegistryService::BatchLookup(
    grpc::CallbackServerContext* context, const v1::BatchLookupRequest* request,
    v1::BatchLookupResponse* response) {
  return calls_.Answer(Method::kBatchLookup, context, [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const BatchLookupQuestion question,
                     BatchLookupQuestionFromProto(*request));
    ToProto(question, registry_.BatchLookup(question), response);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* RegistryService::ListEndpoints(
    grpc::CallbackServerContext* context,
    const v1::ListEndpointsRequest* request,
    v1::ListEndpointsResponse* response) {
  return calls_.Answer(Method::kListEndpoints, context, [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const EndpointQuery query,
                     EndpointQueryFromProto(*request, registry_.run_id()));
    ToProto(registry_.ListEndpoints(query), *request, response);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* RegistryService::ListHosts(
    grpc::CallbackServerContext* context, const v1::ListHostsRequest* request,
    v1::ListHostsResponse* response) {
  return calls_.Answer(Method::kListHosts, context, [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const HostQuery query,
                     HostQueryFromProto(*request, registry_.run_id()));
    ToProto(registry_.ListHosts(query), *request, response);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* RegistryService::GetStatus(
    grpc::CallbackServerContext* context, const v1::GetStatusRequest*,
    v1::GetStatusResponse* response) {
  return calls_.Answer(Method::kGetStatus, context, [&]() -> absl::Status {
    ToProto(registry_.GetStatus(), response);
    response->set_version(version_);
    return absl::OkStatus();
  });
}

}  // namespace connreg
