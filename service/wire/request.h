#ifndef CONNREG_SERVICE_WIRE_REQUEST_H_
#define CONNREG_SERVICE_WIRE_REQUEST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "connreg/v1/socket.pb.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/model/query.h"
#include "service/wire/enums.h"
#include "service/wire/page_token.h"
#include "service/wire/socket.h"
#include "service/wire/text.h"

// What several questions are made of. Each returns INVALID_ARGUMENT with the
// path of the field and a reason.
namespace connreg {

// The rules of AIP-158: 0 is the default, and more than the maximum is that.
// PAGE_SIZE_NEGATIVE: it is below 0.
absl::StatusOr<size_t> PageSizeFromProto(int32_t page_size);

// The fields "network" and "host".
template <typename Request>
absl::StatusOr<Scope> HostScopeFromProto(const Request& proto) {
  RETURN_IF_ERROR(CheckText("network", proto.network()));
  RETURN_IF_ERROR(CheckText("host", proto.host()));
  return Scope{.network = proto.network(), .host = proto.host()};
}

// The same and "transport".
template <typename Request>
absl::StatusOr<Scope> ScopeFromProto(const Request& proto) {
  ASSIGN_OR_RETURN(Scope scope, HostScopeFromProto(proto));
  ASSIGN_OR_RETURN(scope.transport,
                   OptionalTransportFromProto(proto.transport()));
  return scope;
}

// The field "endpoint", if it is set.
template <typename Request>
absl::StatusOr<std::optional<Endpoint>> EndpointFilterFromProto(
    const Request& proto) {
  if (!proto.has_endpoint()) return std::nullopt;
  absl::StatusOr<Endpoint> endpoint = EndpointFromProto(proto.endpoint());
  if (!endpoint.ok()) return InField("endpoint", endpoint.status());
  return *endpoint;
}

// The standard page fields: the page size into `query`, and of the token the
// position of the page before.
template <typename Request, typename Query>
absl::StatusOr<std::optional<std::string>> PageFromProto(
    const Request& proto, absl::string_view run_id, Query* query) {
  ASSIGN_OR_RETURN(query->page_size, PageSizeFromProto(proto.page_size()));
  return ReadPageToken(PageTokenScopeOf(run_id, proto), proto.page_token());
}

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_REQUEST_H_
