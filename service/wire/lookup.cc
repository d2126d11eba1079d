#include "service/wire/lookup.h"

#include <utility>
#include <variant>

#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/answer.h"
#include "service/wire/community_id.h"
#include "service/wire/enums.h"
#include "service/wire/request.h"
#include "service/wire/socket.h"
#include "service/wire/time.h"

namespace connreg {
namespace {

// Of times, which argument-dependent lookup does not find.
using connreg::ToProto;

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

void ToProto(const FoundConnections& found, v1::LookupResponse* response) {
  v1::FoundConnections* proto = response->mutable_connections();
  SharedMessages shared;
  for (const Connection& connection : found.connections)
    ToProto(connection, shared, proto->add_connections());
  proto->set_order(ToProto(found.order));
  for (const ListenerAnswer& listener : found.listeners)
    ToProto(listener, shared, proto->add_listeners());
}

void ToProto(const FoundListeners& found, v1::LookupResponse* response) {
  v1::FoundListeners* proto = response->mutable_listeners();
  SharedMessages shared;
  for (const ListenerAnswer& listener : found.listeners)
    ToProto(listener, shared, proto->add_listeners());
  ToProto(found.endpoint, proto->mutable_endpoint());
  proto->set_order(ToProto(found.order));
  for (const Connection& connection : found.closed)
    ToProto(connection, shared, proto->add_closed());
}

void ToProto(const Absent& absent, v1::LookupResponse* response) {
  v1::Absent* proto = response->mutable_absent();
  SharedMessages shared;
  proto->set_reason(ToProto(absent.reason));
  ToProto(absent.since, proto->mutable_not_seen_since_time());
  for (const Connection& connection : absent.closed)
    ToProto(connection, shared, proto->add_closed());
  for (const StaleHost& host : absent.stale_hosts) {
    v1::StaleHost* stale = proto->add_stale_hosts();
    stale->set_host(host.key.name);
    stale->set_network(host.key.network);
    ToProto(host.since, stale->mutable_stale_since_time());
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
    case v1::LookupRequest::kCommunityId: {
      absl::StatusOr<TuplePredicate> predicate =
          ParseCommunityId(proto.community_id());
      if (!predicate.ok()) return InField("community_id", predicate.status());
      return LookupQuestion{*std::move(predicate), std::move(scope)};
    }
    case v1::LookupRequest::QUESTION_NOT_SET:
      break;
  }
  return InField("question",
                 InvalidArgument("QUESTION_MISSING",
                                 "no question: give a four-tuple, an "
                                 "endpoint or a Community ID"));
}

void ToProto(const LookupAnswer& answer, v1::LookupResponse* proto) {
  std::visit([&](const auto& found) { ToProto(found, proto); }, answer.found);
  ToProto(answer.coverage, proto->mutable_coverage());
}

}  // namespace connreg
