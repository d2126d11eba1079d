#include <utility>

#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/report.h"
#include "service/wire/reporting.h"
#include "service/wire/rows.h"
#include "service/wire/socket.h"
#include "service/wire/text.h"
#include "service/wire/time.h"

namespace connreg {
namespace {

// Of times, which argument-dependent lookup does not find.
using connreg::ToProto;

constexpr absl::Duration kMaxInterval = absl::Hours(24);

template <typename Value>
absl::StatusOr<Value> In(absl::string_view field, absl::StatusOr<Value> value) {
  if (!value.ok()) return InField(field, value.status());
  return value;
}

absl::StatusOr<absl::Duration> IntervalFromProto(
    const google::protobuf::Duration& proto) {
  ASSIGN_OR_RETURN(const absl::Duration interval,
                   In("interval", DurationFromProto(proto)));
  if (interval >= absl::ZeroDuration() && interval <= kMaxInterval)
    return interval;
  return InField("interval",
                 InvalidArgument("INTERVAL_OUT_OF_RANGE",
                                 absl::StrCat("interval of ",
                                              absl::FormatDuration(interval),
                                              ": it must be from 0 to 24h")));
}

// The field "time", if it is set.
template <typename Message>
absl::StatusOr<std::optional<absl::Time>> TimeOf(const Message& proto) {
  if (!proto.has_time()) return std::nullopt;
  ASSIGN_OR_RETURN(const absl::Time time,
                   In("time", TimeFromProto(proto.time())));
  return time;
}

RowDigest DigestFromProto(const v1::RowDigest& proto) {
  return {.rows = proto.row_count(), .sum = proto.sum()};
}

// The reporter of a session.
absl::StatusOr<Reporter> AgentFromProto(const v1::Reporter& proto) {
  ASSIGN_OR_RETURN(Reporter reporter, RequiredReporter(proto));
  if (reporter.kind == ReporterKind::kAgent) return reporter;
  return InField(
      "reporter.kind",
      InvalidArgument("REPORTER_NOT_AGENT",
                      absl::StrCat("reporter \"", reporter.name,
                                   "\" is a program: only agents have "
                                   "sessions; use Register")));
}

absl::StatusOr<SessionOpening> OpeningFromProto(const v1::Open& proto) {
  SessionOpening opening{.boot_id = proto.boot_id(),
                         .instance = proto.instance(),
                         .version = proto.version()};
  ASSIGN_OR_RETURN(opening.reporter, AgentFromProto(proto.reporter()));
  RETURN_IF_ERROR(CheckRequiredText("boot_id", proto.boot_id()));
  RETURN_IF_ERROR(CheckRequiredText("instance", proto.instance()));
  RETURN_IF_ERROR(CheckText("version", proto.version()));
  ASSIGN_OR_RETURN(opening.ttl, TtlFromProto(proto.ttl()));
  ASSIGN_OR_RETURN(opening.interval, IntervalFromProto(proto.interval()));
  ASSIGN_OR_RETURN(opening.time, TimeOf(proto));
  ASSIGN_OR_RETURN(opening.namespaces, NamespacesFromProto(proto.namespaces()));
  ASSIGN_OR_RETURN(opening.gaps, GapsFromProto(proto.coverage_gaps()));
  if (!proto.has_digest()) {
    return InField("digest", InvalidArgument("DIGEST_MISSING", "no digest"));
  }
  opening.digest = DigestFromProto(proto.digest());
  return opening;
}

absl::StatusOr<KeepAlive> KeepAliveFromProto(const v1::KeepAlive& proto) {
  KeepAlive keep_alive;
  ASSIGN_OR_RETURN(keep_alive.time, TimeOf(proto));
  ASSIGN_OR_RETURN(keep_alive.interval, IntervalFromProto(proto.interval()));
  if (proto.has_digest()) keep_alive.digest = DigestFromProto(proto.digest());
  return keep_alive;
}

void ToProto(const RowDigest& digest, v1::RowDigest* proto) {
  proto->set_row_count(digest.rows);
  proto->set_sum(digest.sum);
}

// The fields of Open and KeepAlive.
template <typename Value, typename Message>
void SetClock(const Value& value, Message* proto) {
  if (value.time) ToProto(*value.time, proto->mutable_time());
  if (value.interval != absl::ZeroDuration())
    ToProto(value.interval, proto->mutable_interval());
}

void Write(const SessionOpening& opening, v1::ReportRequest* request) {
  v1::Open* const proto = request->mutable_open();
  ToProto(opening.reporter, proto->mutable_reporter());
  proto->set_boot_id(opening.boot_id);
  proto->set_instance(opening.instance);
  proto->set_version(opening.version);
  ToProto(opening.ttl, proto->mutable_ttl());
  SetClock(opening, proto);
  for (const NetworkNamespace& netns : opening.namespaces)
    ToProto(netns, proto->add_namespaces());
  if (!opening.gaps.empty())
    ToProto(opening.gaps, proto->mutable_coverage_gaps());
  ToProto(opening.digest, proto->mutable_digest());
}

void Write(const RowBatch& batch, v1::ReportRequest* request) {
  ToProto(batch, request->mutable_rows());
}

void Write(const KeepAlive& keep_alive, v1::ReportRequest* request) {
  v1::KeepAlive* const proto = request->mutable_keep_alive();
  SetClock(keep_alive, proto);
  if (keep_alive.digest) ToProto(*keep_alive.digest, proto->mutable_digest());
}

void Write(const Goodbye& goodbye, v1::ReportRequest* request) {
  request->mutable_goodbye()->set_remove(goodbye.remove);
}

}  // namespace

absl::StatusOr<ReportMessage> ReportFromProto(const v1::ReportRequest& proto) {
  switch (proto.message_case()) {
    case v1::ReportRequest::kOpen:
      return In("open", OpeningFromProto(proto.open()));
    case v1::ReportRequest::kRows:
      return In("rows", BatchFromProto(proto.rows()));
    case v1::ReportRequest::kKeepAlive:
      return In("keep_alive", KeepAliveFromProto(proto.keep_alive()));
    case v1::ReportRequest::kGoodbye:
      return Goodbye{.remove = proto.goodbye().remove()};
    case v1::ReportRequest::MESSAGE_NOT_SET:
      break;
  }
  return InField("message",
                 InvalidArgument("MESSAGE_MISSING",
                                 "neither open, rows, keep_alive nor goodbye"));
}

void ToProto(const AgentMessage& message, v1::ReportRequest* proto) {
  std::visit([proto](const auto& said) { Write(said, proto); }, message);
}

}  // namespace connreg
