#include "service/rpc/registry_service.h"

#include "service/base/status_macros.h"
#include "service/rpc/method.h"
#include "service/wire/batch_lookup.h"
#include "service/wire/listing.h"
#include "service/wire/lookup.h"
#include "service/wire/registry_status.h"

namespace connreg {
namespace {

// Others may have many answers, or make many rows be looked at.
bool AsksForFourTuple(const v1::LookupRequest& request) {
  return request.has_four_tuple();
}

}  // namespace

std::vector<UnaryMethod> RegistryService::Methods() {
  return {
      AnsweredBy(Method::kLookup, this, &RegistryService::Lookup,
                 &AsksForFourTuple),
      AnsweredBy(Method::kBatchLookup, this, &RegistryService::BatchLookup),
      AnsweredBy(Method::kListConnections, this,
                 &RegistryService::ListConnections),
      AnsweredBy(Method::kListListeners, this, &RegistryService::ListListeners),
      AnsweredBy(Method::kListEndpoints, this, &RegistryService::ListEndpoints),
      AnsweredBy(Method::kListHosts, this, &RegistryService::ListHosts),
      AnsweredBy(Method::kGetStatus, this, &RegistryService::GetStatus),
  };
}

absl::Status RegistryService::Lookup(const v1::LookupRequest& request,
                                     v1::LookupResponse* response) {
  ASSIGN_OR_RETURN(const LookupQuestion question,
                   LookupQuestionFromProto(request));
  ToProto(registry_.Lookup(question), response);
  return absl::OkStatus();
}

absl::Status RegistryService::BatchLookup(const v1::BatchLookupRequest& request,
                                          v1::BatchLookupResponse* response) {
  ASSIGN_OR_RETURN(const BatchLookupQuestion question,
                   BatchLookupQuestionFromProto(request));
  ToProto(question, registry_.BatchLookup(question), response);
  return absl::OkStatus();
}

absl::Status RegistryService::ListConnections(
    const v1::ListConnectionsRequest& request,
    v1::ListConnectionsResponse* response) {
  ASSIGN_OR_RETURN(const ConnectionQuery query,
                   ConnectionQueryFromProto(request, registry_.run_id()));
  ToProto(registry_.ListConnections(query), request, response);
  return absl::OkStatus();
}

absl::Status RegistryService::ListListeners(
    const v1::ListListenersRequest& request,
    v1::ListListenersResponse* response) {
  ASSIGN_OR_RETURN(const ListenerQuery query,
                   ListenerQueryFromProto(request, registry_.run_id()));
  ToProto(registry_.ListListeners(query), request, response);
  return absl::OkStatus();
}

absl::Status RegistryService::ListEndpoints(
    const v1::ListEndpointsRequest& request,
    v1::ListEndpointsResponse* response) {
  ASSIGN_OR_RETURN(const EndpointQuery query,
                   EndpointQueryFromProto(request, registry_.run_id()));
  ToProto(registry_.ListEndpoints(query), request, response);
  return absl::OkStatus();
}

absl::Status RegistryService::ListHosts(const v1::ListHostsRequest& request,
                                        v1::ListHostsResponse* response) {
  ASSIGN_OR_RETURN(const HostQuery query,
                   HostQueryFromProto(request, registry_.run_id()));
  ToProto(registry_.ListHosts(query), request, response);
  return absl::OkStatus();
}

absl::Status RegistryService::GetStatus(const v1::GetStatusRequest&,
                                        v1::GetStatusResponse* response) {
  ToProto(registry_.GetStatus(), response);
  response->set_version(version_);
  return absl::OkStatus();
}

}  // namespace connreg
