#include "service/wire/query.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/enums.h"
#include "service/wire/page_token.h"
#include "service/wire/socket.h"
#include "service/wire/text.h"
#include "service/wire/time.h"

namespace connreg {
namespace {

// Of times, which argument-dependent lookup does not find.
using connreg::ToProto;

constexpr int32_t kDefaultPageSize = 100;
constexpr int32_t kMaxPageSize = 1000;

template <typename Request>
absl::StatusOr<Scope> ScopeFromProto(const Request& proto) {
  RETURN_IF_ERROR(CheckText("network", proto.network()));
  RETURN_IF_ERROR(CheckText("host", proto.host()));
  Scope scope{.network = proto.network(), .host = proto.host()};
  ASSIGN_OR_RETURN(scope.transport,
                   OptionalTransportFromProto(proto.transport()));
  return scope;
}

absl::StatusOr<size_t> PageSizeFromProto(int32_t page_size) {
  if (page_size < 0) {
    return InField("page_size",
                   InvalidArgument("PAGE_SIZE_NEGATIVE",
                                   absl::StrCat("page size ", page_size,
                                                ": it cannot be negative")));
  }
  if (page_size == 0) return kDefaultPageSize;
  return std::min(page_size, kMaxPageSize);
}

template <typename Request>
absl::StatusOr<std::optional<Endpoint>> EndpointFilterFromProto(
    const Request& proto) {
  if (!proto.has_endpoint()) return std::nullopt;
  absl::StatusOr<Endpoint> endpoint = EndpointFromProto(proto.endpoint());
  if (!endpoint.ok()) return InField("endpoint", endpoint.status());
  return *endpoint;
}

absl::StatusOr<FourTuple> QuestionTupleFromProto(const v1::FourTuple& proto) {
  const auto end =
      [](absl::string_view name,
         const v1::Endpoint& endpoint) -> absl::StatusOr<Endpoint> {
    absl::StatusOr<Endpoint> result = EndpointFromProto(endpoint);
    if (!result.ok()) return InField(name, result.status());
    return result;
  };
  ASSIGN_OR_RETURN(const Endpoint client, end("client", proto.client()));
  ASSIGN_OR_RETURN(const Endpoint server, end("server", proto.server()));
  const absl::StatusOr<FourTuple> tuple = FourTuple::Create(client, server);
  if (tuple.ok()) return tuple;
  // The value's own words are local and remote; here the ends are the client
  // and the server.
  ErrorDetail detail = DetailOf(tuple.status()).value_or(ErrorDetail{});
  detail.field =
      detail.field == "local.address" ? "client.address" : "server.address";
  return WithDetail(tuple.status(), detail);
}

ListenerPlace PlaceFromProto(const v1::Listener& proto,
                             const Endpoint& endpoint) {
  return {.host = proto.provenance().reporter().host(),
          .transport = static_cast<Transport>(proto.socket().transport()),
          .port = endpoint.port(),
          .address = endpoint.address(),
          .network = proto.provenance().reporter().network()};
}

// A place travels in its page token as a listener that has no more than it.
absl::StatusOr<ListenerPlace> PlaceFromPosition(const std::string& position) {
  v1::Listener proto;
  if (!proto.ParseFromString(position)) return InvalidPageToken();
  const absl::StatusOr<Endpoint> endpoint = EndpointFromProto(proto.local());
  if (!endpoint.ok()) return InvalidPageToken();
  return PlaceFromProto(proto, *endpoint);
}

std::string PositionOf(const ListenerPlace& place) {
  v1::Listener proto;
  proto.mutable_socket()->set_transport(ToProto(place.transport));
  proto.mutable_local()->set_address(place.address.ToString());
  proto.mutable_local()->set_port(place.port);
  auto* reporter = proto.mutable_provenance()->mutable_reporter();
  reporter->set_host(place.host);
  reporter->set_network(place.network);
  return proto.SerializeAsString();
}

void ToProto(const Coverage& coverage, v1::Coverage* proto) {
  proto->set_run_id(coverage.run_id);
  proto->set_revision(coverage.revision);
  proto->set_live_host_count(coverage.live_hosts);
  proto->set_truncated(coverage.truncated);
}

void ToProto(const Connection& connection, v1::Connection* proto) {
  const Observation& first = connection.first;
  proto->set_network(first.reporter().network);
  proto->set_transport(ToProto(first.facts.socket.transport));
  ToProto(first, proto->add_observations());
  if (connection.second) ToProto(*connection.second, proto->add_observations());
  v1::DerivedConnection* derived = proto->mutable_derived();
  if (connection.client) ToProto(*connection.client, derived->mutable_client());
  if (connection.server) ToProto(*connection.server, derived->mutable_server());
  derived->set_role_evidence(ToProto(connection.evidence));
  if (connection.one_sided)
    derived->set_one_sided_reason(ToProto(*connection.one_sided));
  for (const Conflict conflict : connection.conflicts)
    derived->add_conflicts(ToProto(conflict));
}

void ToProto(const ListenerAnswer& answer, v1::Listener* proto) {
  ToProto(answer.listener, proto);
  if (!answer.derived) return;
  proto->mutable_derived()->set_address_unverified(
      answer.derived->address_unverified);
  proto->mutable_derived()->set_multi_host(answer.derived->multi_host);
}

void ToProto(const FoundConnections& found, v1::LookupResponse* proto) {
  for (const Connection& connection : found.connections)
    ToProto(connection, proto->mutable_connections()->add_connections());
  proto->mutable_connections()->set_order(ToProto(found.order));
}

void ToProto(const FoundListeners& found, v1::LookupResponse* proto) {
  for (const ListenerAnswer& listener : found.listeners)
    ToProto(listener, proto->mutable_listeners()->add_listeners());
  ToProto(found.endpoint, proto->mutable_listeners()->mutable_endpoint());
  proto->mutable_listeners()->set_order(ToProto(found.order));
}

void ToProto(const Absent& absent, v1::LookupResponse* proto) {
  proto->mutable_absent()->set_reason(ToProto(absent.reason));
  if (absent.reason == AbsentReason::kNotSeenSince) {
    ToProto(absent.since,
            proto->mutable_absent()->mutable_not_seen_since_time());
  }
}

}  // namespace

absl::StatusOr<LookupQuestion> LookupQuestionFromProto(
    const v1::LookupRequest& proto) {
  ASSIGN_OR_RETURN(Scope scope, ScopeFromProto(proto));
  switch (proto.question_case()) {
    case v1::LookupRequest::kFourTuple: {
      const absl::StatusOr<FourTuple> tuple =
          QuestionTupleFromProto(proto.four_tuple());
      if (!tuple.ok()) return InField("four_tuple", tuple.status());
      return LookupQuestion{*tuple, std::move(scope)};
    }
    case v1::LookupRequest::kEndpoint: {
      const absl::StatusOr<Endpoint> endpoint =
          EndpointFromProto(proto.endpoint());
      if (!endpoint.ok()) return InField("endpoint", endpoint.status());
      return LookupQuestion{*endpoint, std::move(scope)};
    }
    case v1::LookupRequest::QUESTION_NOT_SET:
      break;
  }
  return InField("question",
                 InvalidArgument("QUESTION_MISSING",
                                 "no question: give a four-tuple or an "
                                 "endpoint"));
}

absl::StatusOr<ConnectionQuery> ConnectionQueryFromProto(
    const v1::ListConnectionsRequest& proto, absl::string_view run_id) {
  ConnectionQuery query;
  ASSIGN_OR_RETURN(query.scope, ScopeFromProto(proto));
  ASSIGN_OR_RETURN(query.endpoint, EndpointFilterFromProto(proto));
  if (query.endpoint && query.endpoint->address().is_unspecified()) {
    return InField(
        "endpoint.address",
        InvalidArgument("ADDRESS_WILDCARD",
                        absl::StrCat("endpoint ", query.endpoint->ToString(),
                                     ": a connection has no "
                                     "wildcard at its ends")));
  }
  ASSIGN_OR_RETURN(query.page_size, PageSizeFromProto(proto.page_size()));
  ASSIGN_OR_RETURN(
      const std::optional<std::string> position,
      ReadPageToken(PageTokenScopeOf(run_id, proto), proto.page_token()));
  if (uint64_t after = 0; position) {
    if (!absl::SimpleAtoi(*position, &after)) return InvalidPageToken();
    query.after = after;
  }
  return query;
}

absl::StatusOr<ListenerQuery> ListenerQueryFromProto(
    const v1::ListListenersRequest& proto, absl::string_view run_id) {
  ListenerQuery query;
  ASSIGN_OR_RETURN(query.scope, ScopeFromProto(proto));
  ASSIGN_OR_RETURN(query.endpoint, EndpointFilterFromProto(proto));
  ASSIGN_OR_RETURN(query.page_size, PageSizeFromProto(proto.page_size()));
  ASSIGN_OR_RETURN(
      const std::optional<std::string> position,
      ReadPageToken(PageTokenScopeOf(run_id, proto), proto.page_token()));
  if (position) {
    ASSIGN_OR_RETURN(query.after, PlaceFromPosition(*position));
  }
  return query;
}

void ToProto(const LookupAnswer& answer, v1::LookupResponse* proto) {
  std::visit([&](const auto& found) { ToProto(found, proto); }, answer.found);
  ToProto(answer.coverage, proto->mutable_coverage());
}

void ToProto(const ConnectionPage& page,
             const v1::ListConnectionsRequest& request,
             v1::ListConnectionsResponse* proto) {
  for (const Connection& connection : page.connections)
    ToProto(connection, proto->add_connections());
  if (page.next) {
    proto->set_next_page_token(
        MakePageToken(PageTokenScopeOf(page.coverage.run_id, request),
                      absl::StrCat(*page.next)));
  }
  ToProto(page.coverage, proto->mutable_coverage());
}

void ToProto(const ListenerPage& page, const v1::ListListenersRequest& request,
             v1::ListListenersResponse* proto) {
  for (const ListenerAnswer& listener : page.listeners)
    ToProto(listener, proto->add_listeners());
  if (page.next) {
    proto->set_next_page_token(
        MakePageToken(PageTokenScopeOf(page.coverage.run_id, request),
                      PositionOf(*page.next)));
  }
  ToProto(page.coverage, proto->mutable_coverage());
}

void ToProto(const RegistryStatus& status, v1::GetStatusResponse* proto) {
  ToProto(status.start_time, proto->mutable_start_time());
  ToProto(status.coverage, proto->mutable_coverage());
  proto->set_observation_count(status.observations);
  proto->set_listener_count(status.listeners);
  proto->set_reporter_count(static_cast<uint32_t>(status.reporters));
}

}  // namespace connreg
