#ifndef CONNREG_SERVICE_WIRE_QUERY_H_
#define CONNREG_SERVICE_WIRE_QUERY_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "connreg/v1/registry_service.pb.h"
#include "service/model/query.h"

namespace connreg {

// Questions. Each returns INVALID_ARGUMENT with the path of the field and a
// reason.
absl::StatusOr<LookupQuestion> LookupQuestionFromProto(
    const v1::LookupRequest& proto);
absl::StatusOr<ConnectionQuery> ConnectionQueryFromProto(
    const v1::ListConnectionsRequest& proto, absl::string_view run_id);
absl::StatusOr<ListenerQuery> ListenerQueryFromProto(
    const v1::ListListenersRequest& proto, absl::string_view run_id);

// Answers. A page's token is bound to the request that it answers.
//
// REQUIRES: the response is empty.
void ToProto(const LookupAnswer& answer, v1::LookupResponse* proto);
void ToProto(const ConnectionPage& page,
             const v1::ListConnectionsRequest& request,
             v1::ListConnectionsResponse* proto);
void ToProto(const ListenerPage& page, const v1::ListListenersRequest& request,
             v1::ListListenersResponse* proto);
void ToProto(const RegistryStatus& status, v1::GetStatusResponse* proto);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_QUERY_H_
