#ifndef CONNREG_SERVICE_WIRE_LISTING_H_
#define CONNREG_SERVICE_WIRE_LISTING_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "connreg/v1/registry_service.pb.h"
#include "service/model/query.h"

namespace connreg {

// Questions for a page of a listing. Each returns INVALID_ARGUMENT with the
// path of the field and a reason.
absl::StatusOr<ConnectionQuery> ConnectionQueryFromProto(
    const v1::ListConnectionsRequest& proto, absl::string_view run_id);
absl::StatusOr<ListenerQuery> ListenerQueryFromProto(
    const v1::ListListenersRequest& proto, absl::string_view run_id);
absl::StatusOr<EndpointQuery> EndpointQueryFromProto(
    const v1::ListEndpointsRequest& proto, absl::string_view run_id);
absl::StatusOr<HostQuery> HostQueryFromProto(const v1::ListHostsRequest& proto,
                                             absl::string_view run_id);

// Pages. Their tokens are bound to the request that they answer.
//
// REQUIRES: the response is empty.
void ToProto(const ConnectionPage& page,
             const v1::ListConnectionsRequest& request,
             v1::ListConnectionsResponse* proto);
void ToProto(const ListenerPage& page, const v1::ListListenersRequest& request,
             v1::ListListenersResponse* proto);
void ToProto(const EndpointPage& page, const v1::ListEndpointsRequest& request,
             v1::ListEndpointsResponse* proto);
void ToProto(const HostPage& page, const v1::ListHostsRequest& request,
             v1::ListHostsResponse* proto);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_LISTING_H_
