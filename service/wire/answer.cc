#include "service/wire/answer.h"

#include <utility>

#include "service/wire/community_id.h"
#include "service/wire/enums.h"
#include "service/wire/socket.h"
#include "service/wire/time.h"

namespace connreg {
namespace {

// Of times, which argument-dependent lookup does not find.
using connreg::ToProto;

void ToProto(const Closure& closure, v1::Closure* proto) {
  ToProto(closure.time, proto->mutable_close_time());
  proto->set_reason(ToProto(closure.reason));
}

// Says in `derived` whether the row's reporter is silent.
template <typename Derived>
void SetStale(const Provenance& provenance, Derived* derived) {
  if (provenance.stale_since)
    ToProto(*provenance.stale_since, derived->mutable_stale_since_time());
}

// All of `row` but what only one kind of row has.
template <typename Row, typename Message>
void SetRow(const Row& row, SharedMessages& shared, Message* proto) {
  ToProtoWithoutOwners(row.facts, proto);
  v1::Socket* socket = proto->mutable_socket();
  shared.SetOwners(row.facts.socket.owners, socket);
  if (!row.provenance.netns_name.empty())
    socket->set_netns_name(row.provenance.netns_name);
  v1::Provenance* provenance = proto->mutable_provenance();
  shared.SetReporter(row.reporter(), provenance);
  ToProto(row.provenance.first_seen, provenance->mutable_first_seen_time());
  ToProto(row.provenance.changed, provenance->mutable_change_time());
  provenance->set_revision(row.provenance.revision);
}

void ToProto(const Observation& observation, SharedMessages& shared,
             v1::Observation* proto) {
  SetRow(observation, shared, proto);
  if (observation.closure)
    ToProto(*observation.closure, proto->mutable_closure());
  else
    SetStale(observation.provenance, proto->mutable_derived());
}

// The ends that are derived, which are those of `first`, the first observation.
void SetEnds(const Connection& connection, v1::Observation* first,
             v1::DerivedConnection* derived) {
  if (!connection.client) return;
  v1::Endpoint* client = first->mutable_local();
  v1::Endpoint* server = first->mutable_remote();
  if (*connection.client != connection.first.facts.tuple.local())
    std::swap(client, server);
  if (derived->GetArena() != nullptr) {
    // Each stands in both places, as shared messages do.
    derived->unsafe_arena_set_allocated_client(client);
    derived->unsafe_arena_set_allocated_server(server);
  } else {
    *derived->mutable_client() = *client;
    *derived->mutable_server() = *server;
  }
}

}  // namespace

void ToProto(const Coverage& coverage, v1::Coverage* proto) {
  proto->set_run_id(coverage.run_id);
  proto->set_revision(coverage.revision);
  proto->set_syncing(coverage.syncing);
  proto->set_live_host_count(coverage.hosts.live);
  proto->set_stale_host_count(coverage.hosts.stale);
  proto->set_expected_host_count(coverage.expected_hosts);
  proto->set_limited_reporter_count(coverage.hosts.limited_reporters);
  proto->set_truncated(coverage.truncated);
  proto->set_gapped_host_count(coverage.hosts.gapped);
  proto->set_syncing_host_count(coverage.hosts.syncing);
}

void ToProto(const Connection& connection, SharedMessages& shared,
             v1::Connection* proto) {
  const Observation& first = connection.first;
  proto->set_network(first.reporter().network);
  proto->set_transport(ToProto(first.facts.socket.transport));
  ToProto(first, shared, proto->add_observations());
  if (connection.second)
    ToProto(*connection.second, shared, proto->add_observations());
  v1::DerivedConnection* derived = proto->mutable_derived();
  SetEnds(connection, proto->mutable_observations(0), derived);
  derived->set_role_evidence(ToProto(connection.evidence));
  if (connection.one_sided)
    derived->set_one_sided_reason(ToProto(*connection.one_sided));
  for (const Conflict conflict : connection.conflicts)
    derived->add_conflicts(ToProto(conflict));
  derived->set_community_id(
      CommunityIdOf(first.facts.tuple, first.facts.socket.transport));
}

void ToProto(const ListenerAnswer& answer, SharedMessages& shared,
             v1::Listener* proto) {
  SetRow(answer.listener, shared, proto);
  v1::DerivedListener* derived = proto->mutable_derived();
  SetStale(answer.listener.provenance, derived);
  derived->set_address_unverified(answer.address_unverified);
  derived->set_multi_host(answer.multi_host);
  derived->set_device_unverified(answer.device_unverified);
}

}  // namespace connreg
