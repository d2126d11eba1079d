#include <algorithm>
#include <cstddef>

#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/report.h"
#include "service/wire/reporting.h"
#include "service/wire/time.h"

namespace connreg {
namespace {

// Of times, which argument-dependent lookup does not find.
using connreg::ToProto;

using Places = google::protobuf::RepeatedField<uint32_t>;

std::vector<LimitReached> LimitsFromProto(
    const google::protobuf::RepeatedPtrField<v1::LimitReached>& protos) {
  std::vector<LimitReached> limits;
  for (const v1::LimitReached& proto : protos) {
    limits.push_back({.limit = static_cast<RowLimit>(proto.limit()),
                      .value = proto.value(),
                      .refused = proto.refused_count()});
  }
  return limits;
}

absl::StatusOr<SessionWelcome> WelcomeFromProto(const v1::Welcome& proto) {
  SessionWelcome welcome{.epoch = Epoch{proto.epoch()},
                         .run_id = proto.run_id(),
                         .snapshot_wanted = proto.snapshot_wanted(),
                         .max_rows = proto.max_rows(),
                         .max_bytes = proto.max_bytes(),
                         .limits = LimitsFromProto(proto.limits())};
  ASSIGN_OR_RETURN(welcome.ttl, DurationFromProto(proto.ttl()));
  ASSIGN_OR_RETURN(welcome.reconnect_window,
                   DurationFromProto(proto.reconnect_window()));
  return welcome;
}

Ack AckFromProto(const v1::Ack& proto) {
  return {.seq = proto.seq(),
          .refused_listeners = {proto.refused_listeners().begin(),
                                proto.refused_listeners().end()},
          .refused_connections = {proto.refused_connections().begin(),
                                  proto.refused_connections().end()},
          .limits = LimitsFromProto(proto.limits()),
          .snapshot_wanted = proto.snapshot_wanted(),
          .has_room = proto.has_room()};
}

// All but the places.
void SetOutcome(const Ack& ack, v1::Ack* proto) {
  proto->set_seq(ack.seq);
  for (const LimitReached& limit : ack.limits)
    ToProto(limit, proto->add_limits());
  proto->set_snapshot_wanted(ack.snapshot_wanted);
  proto->set_has_room(ack.has_room);
}

// The places in the message of those rows that stand at `refused` of `places`,
// and of the `malformed` ones.
void SetRefused(const std::vector<uint32_t>& refused,
                const std::vector<uint32_t>& places,
                const std::vector<uint32_t>& malformed, Places* proto) {
  for (const uint32_t place : refused) proto->Add(places[place]);
  proto->Add(malformed.begin(), malformed.end());
  std::sort(proto->begin(), proto->end());
}

}  // namespace

absl::StatusOr<RegistryMessage> AnswerFromProto(
    const v1::ReportResponse& proto) {
  switch (proto.message_case()) {
    case v1::ReportResponse::kWelcome: {
      absl::StatusOr<SessionWelcome> welcome =
          WelcomeFromProto(proto.welcome());
      if (!welcome.ok()) return InField("welcome", welcome.status());
      return *std::move(welcome);
    }
    case v1::ReportResponse::kAck:
      return AckFromProto(proto.ack());
    case v1::ReportResponse::MESSAGE_NOT_SET:
      break;
  }
  return InField("message",
                 InvalidArgument("MESSAGE_MISSING", "neither welcome nor ack"));
}

void ToProto(const SessionWelcome& welcome, v1::ReportResponse* response) {
  v1::Welcome* const proto = response->mutable_welcome();
  proto->set_epoch(static_cast<uint64_t>(welcome.epoch));
  proto->set_run_id(welcome.run_id);
  ToProto(welcome.ttl, proto->mutable_ttl());
  ToProto(welcome.reconnect_window, proto->mutable_reconnect_window());
  proto->set_snapshot_wanted(welcome.snapshot_wanted);
  proto->set_max_rows(static_cast<uint32_t>(welcome.max_rows));
  proto->set_max_bytes(static_cast<uint32_t>(welcome.max_bytes));
  for (const LimitReached& limit : welcome.limits)
    ToProto(limit, proto->add_limits());
}

void ToProto(const Ack& ack, v1::ReportResponse* response) {
  v1::Ack* const proto = response->mutable_ack();
  SetOutcome(ack, proto);
  proto->mutable_refused_listeners()->Add(ack.refused_listeners.begin(),
                                          ack.refused_listeners.end());
  proto->mutable_refused_connections()->Add(ack.refused_connections.begin(),
                                            ack.refused_connections.end());
}

void ToProto(const Ack& ack, const DecodedBatch& decoded,
             v1::ReportResponse* response) {
  v1::Ack* const proto = response->mutable_ack();
  SetOutcome(ack, proto);
  SetRefused(ack.refused_listeners, decoded.listener_places,
             decoded.malformed_listeners, proto->mutable_refused_listeners());
  SetRefused(ack.refused_connections, decoded.connection_places,
             decoded.malformed_connections,
             proto->mutable_refused_connections());
  for (const v1::RowRefusal& refusal : decoded.refusals)
    *proto->add_refusals() = refusal;
}

}  // namespace connreg
