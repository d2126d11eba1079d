#include "service/wire/registry_status.h"

#include "service/wire/answer.h"
#include "service/wire/reporting.h"
#include "service/wire/time.h"

namespace connreg {

void ToProto(const RegistryStatus& status, v1::GetStatusResponse* proto) {
  ToProto(status.start_time, proto->mutable_start_time());
  ToProto(status.coverage, proto->mutable_coverage());
  proto->set_observation_count(status.observations);
  proto->set_listener_count(status.listeners);
  proto->set_reporter_count(static_cast<uint32_t>(status.reporters));
  proto->set_closed_count(status.closed);
  ToProto(status.not_seen_since, proto->mutable_not_seen_since_time());
  ToProto(status.grace, proto->mutable_grace());
  for (const LimitReached& limit : status.limits)
    ToProto(limit, proto->add_limits());
  proto->set_session_count(static_cast<uint32_t>(status.sessions));
  proto->set_divergence_count(status.divergences);
  if (status.expiry_held_since)
    ToProto(*status.expiry_held_since, proto->mutable_expiry_held_time());
}

}  // namespace connreg
