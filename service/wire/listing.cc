#include "service/wire/listing.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/answer.h"
#include "service/wire/enums.h"
#include "service/wire/page_token.h"
#include "service/wire/reporting.h"
#include "service/wire/request.h"
#include "service/wire/socket.h"
#include "service/wire/time.h"

namespace connreg {
namespace {

// Of times, which argument-dependent lookup does not find.
using connreg::ToProto;

// Binds `position` to the request and the run.
template <typename Page, typename Request, typename Response>
void SetNextPage(const std::string& position, const Page& page,
                 const Request& request, Response* proto) {
  proto->set_next_page_token(
      MakePageToken(PageTokenScopeOf(page.coverage.run_id, request), position));
}

void ToProto(const EndpointPlace& place, v1::EndpointSummary* proto) {
  proto->set_network(place.network);
  proto->set_transport(ToProto(place.transport));
  ToProto(place.endpoint, proto->mutable_endpoint());
  proto->set_host(place.host);
  proto->set_netns(place.netns);
}

void ToProto(const EndpointSummary& summary, SharedMessages& shared,
             v1::EndpointSummary* proto) {
  ToProto(summary.place, proto);
  proto->set_netns_name(summary.netns_name);
  for (const ListenerAnswer& listener : summary.listeners)
    ToProto(listener, shared, proto->add_listeners());
  proto->set_listener_count(static_cast<uint32_t>(summary.listener_count));
  size_t connections = 0;
  for (const auto& [state, count] : summary.states) {
    v1::StateCount* of_state = proto->add_states();
    of_state->set_state(ToProto(state));
    of_state->set_count(count);
    connections += count;
  }
  proto->set_connection_count(connections);
}

void ToProto(const AgentSession& session, v1::AgentSession* proto) {
  proto->set_epoch(static_cast<uint64_t>(session.epoch));
  proto->set_version(session.version);
  proto->set_boot_id(session.boot_id);
  proto->set_attached(session.attached);
  ToProto(session.opened, proto->mutable_open_time());
  if (session.interval != absl::ZeroDuration())
    ToProto(session.interval, proto->mutable_interval());
  if (session.clock_offset)
    ToProto(*session.clock_offset, proto->mutable_clock_offset());
  proto->set_divergence_count(session.divergences);
  if (session.name_conflict)
    ToProto(*session.name_conflict, proto->mutable_name_conflict_time());
}

void ToProto(const Host& host, v1::Host* proto) {
  proto->set_name(host.key.name);
  proto->set_network(host.key.network);
  proto->set_state(ToProto(host.state));
  ToProto(host.state_time, proto->mutable_state_time());
  ToProto(host.last_report, proto->mutable_last_report_time());
  for (const Reporter& reporter : host.reporters)
    ToProto(reporter, proto->add_reporters());
  proto->set_reporter_count(static_cast<uint32_t>(host.reporter_count));
  proto->set_netns_count(static_cast<uint32_t>(host.namespaces));
  proto->set_connection_count(host.connections);
  proto->set_listener_count(host.listeners);
  proto->set_refused_row_count(host.refused_rows);
  for (const CoverageGap& gap : host.gaps)
    ToProto(gap, proto->add_coverage_gaps());
  if (host.session) ToProto(*host.session, proto->mutable_session());
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

// So does an endpoint's, as a summary.
absl::StatusOr<EndpointPlace> EndpointPlaceFromPosition(
    const std::string& position) {
  v1::EndpointSummary proto;
  if (!proto.ParseFromString(position)) return InvalidPageToken();
  const absl::StatusOr<Endpoint> endpoint = EndpointFromProto(proto.endpoint());
  if (!endpoint.ok()) return InvalidPageToken();
  return EndpointPlace{*endpoint, static_cast<Transport>(proto.transport()),
                       proto.network(), proto.host(), proto.netns()};
}

std::string PositionOf(const EndpointPlace& place) {
  v1::EndpointSummary proto;
  ToProto(place, &proto);
  return proto.SerializeAsString();
}

// And a host's, as a host.
absl::StatusOr<HostKey> HostKeyFromPosition(const std::string& position) {
  v1::Host proto;
  if (!proto.ParseFromString(position)) return InvalidPageToken();
  return HostKey{proto.name(), proto.network()};
}

std::string PositionOf(const HostKey& key) {
  v1::Host proto;
  proto.set_name(key.name);
  proto.set_network(key.network);
  return proto.SerializeAsString();
}

absl::StatusOr<std::optional<Prefix>> PrefixFromProto(
    const v1::ListEndpointsRequest& proto) {
  if (proto.prefix().empty()) {
    if (!proto.host().empty()) return std::nullopt;
    return InField("prefix",
                   InvalidArgument("PREFIX_OR_HOST_MISSING",
                                   "give a prefix, or a host, or both"));
  }
  const absl::StatusOr<Prefix> prefix = Prefix::Parse(proto.prefix());
  if (!prefix.ok()) return InField("prefix", prefix.status());
  if (prefix->is_host_local() && proto.host().empty()) {
    return InField("host",
                   InvalidArgument("HOST_MISSING",
                                   absl::StrCat("prefix ", prefix->ToString(),
                                                ": its addresses mean another "
                                                "thing on each host; name "
                                                "one")));
  }
  return *prefix;
}

}  // namespace

absl::StatusOr<ConnectionQuery> ConnectionQueryFromProto(
    const v1::ListConnectionsRequest& proto, absl::string_view run_id) {
  ConnectionQuery query{.show_closed = proto.show_closed()};
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
  ASSIGN_OR_RETURN(const std::optional<std::string> position,
                   PageFromProto(proto, run_id, &query));
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
  ASSIGN_OR_RETURN(const std::optional<std::string> position,
                   PageFromProto(proto, run_id, &query));
  if (position) {
    ASSIGN_OR_RETURN(query.after, PlaceFromPosition(*position));
  }
  return query;
}

absl::StatusOr<EndpointQuery> EndpointQueryFromProto(
    const v1::ListEndpointsRequest& proto, absl::string_view run_id) {
  EndpointQuery query;
  ASSIGN_OR_RETURN(query.scope, ScopeFromProto(proto));
  ASSIGN_OR_RETURN(query.prefix, PrefixFromProto(proto));
  ASSIGN_OR_RETURN(const std::optional<std::string> position,
                   PageFromProto(proto, run_id, &query));
  if (position) {
    ASSIGN_OR_RETURN(query.after, EndpointPlaceFromPosition(*position));
  }
  return query;
}

absl::StatusOr<HostQuery> HostQueryFromProto(const v1::ListHostsRequest& proto,
                                             absl::string_view run_id) {
  HostQuery query;
  ASSIGN_OR_RETURN(query.scope, HostScopeFromProto(proto));
  ASSIGN_OR_RETURN(query.state, OptionalHostStateFromProto(proto.state()));
  ASSIGN_OR_RETURN(const std::optional<std::string> position,
                   PageFromProto(proto, run_id, &query));
  if (position) {
    ASSIGN_OR_RETURN(query.after, HostKeyFromPosition(*position));
  }
  return query;
}

void ToProto(const ConnectionPage& page,
             const v1::ListConnectionsRequest& request,
             v1::ListConnectionsResponse* proto) {
  proto->mutable_connections()->Reserve(
      static_cast<int>(page.connections.size()));
  SharedMessages shared;
  for (const Connection& connection : page.connections)
    ToProto(connection, shared, proto->add_connections());
  if (page.next) SetNextPage(absl::StrCat(*page.next), page, request, proto);
  ToProto(page.coverage, proto->mutable_coverage());
}

void ToProto(const ListenerPage& page, const v1::ListListenersRequest& request,
             v1::ListListenersResponse* proto) {
  SharedMessages shared;
  for (const ListenerAnswer& listener : page.listeners)
    ToProto(listener, shared, proto->add_listeners());
  if (page.next) SetNextPage(PositionOf(*page.next), page, request, proto);
  ToProto(page.coverage, proto->mutable_coverage());
}

void ToProto(const EndpointPage& page, const v1::ListEndpointsRequest& request,
             v1::ListEndpointsResponse* proto) {
  SharedMessages shared;
  for (const EndpointSummary& endpoint : page.endpoints)
    ToProto(endpoint, shared, proto->add_endpoints());
  if (page.next) SetNextPage(PositionOf(*page.next), page, request, proto);
  ToProto(page.coverage, proto->mutable_coverage());
}

void ToProto(const HostPage& page, const v1::ListHostsRequest& request,
             v1::ListHostsResponse* proto) {
  for (const Host& host : page.hosts) ToProto(host, proto->add_hosts());
  if (page.next) SetNextPage(PositionOf(*page.next), page, request, proto);
  ToProto(page.coverage, proto->mutable_coverage());
}

}  // namespace connreg
