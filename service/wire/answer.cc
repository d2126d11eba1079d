#include "service/wire/answer.h"

#include "service/wire/community_id.h"
#include "service/wire/enums.h"
#include "service/wire/socket.h"
#include "service/wire/time.h"

namespace connreg {

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
  derived->set_community_id(
      CommunityIdOf(first.facts.tuple, first.facts.socket.transport));
}

void ToProto(const ListenerAnswer& answer, v1::Listener* proto) {
  ToProto(answer.listener, proto);
  v1::DerivedListener* derived = proto->mutable_derived();
  derived->set_address_unverified(answer.address_unverified);
  derived->set_multi_host(answer.multi_host);
  derived->set_device_unverified(answer.device_unverified);
}

}  // namespace connreg
