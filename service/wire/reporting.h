#ifndef CONNREG_SERVICE_WIRE_REPORTING_H_
#define CONNREG_SERVICE_WIRE_REPORTING_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "connreg/v1/reporting.pb.h"
#include "connreg/v1/socket.pb.h"
#include "google/protobuf/duration.pb.h"
#include "service/model/address_owners.h"
#include "service/model/coverage.h"
#include "service/model/registration.h"
#include "service/model/report.h"
#include "service/model/socket.h"

// What both ways of reporting speak of, Register and Report.
namespace connreg {

// The most refusals that one answer lists.
inline constexpr int kMaxRefusalsListed = 1000;

// Each of these reads a field of its request, and returns INVALID_ARGUMENT with
// the path of what is wrong, and a reason. The field "reporter":
absl::StatusOr<Reporter> RequiredReporter(const v1::Reporter& proto);
// The field "ttl": TTL_OUT_OF_RANGE, not from 1 second to 24 hours.
absl::StatusOr<absl::Duration> TtlFromProto(
    const google::protobuf::Duration& proto);
// The field "namespaces": TOO_MANY_ROWS, NETNS_REPEATED.
absl::StatusOr<std::vector<NetworkNamespace>> NamespacesFromProto(
    const google::protobuf::RepeatedPtrField<v1::NetworkNamespace>& protos);
// `field`, which lists namespaces by their names.
absl::StatusOr<std::vector<std::string>> NetnsNamesFromProto(
    absl::string_view field,
    const google::protobuf::RepeatedPtrField<std::string>& names);
// The field "coverage_gaps": TOO_MANY_GAPS.
absl::StatusOr<std::vector<CoverageGap>> GapsFromProto(
    const v1::CoverageGaps& proto);

// TOO_MANY_ROWS: `field` has more than `limit`.
absl::Status CheckCount(absl::string_view field, size_t count, size_t limit);

// One of `rows`: "listeners[3]".
std::string RowField(absl::string_view rows, size_t index);

// Says why the row at `index` was refused: the detail of `status`, which has
// the whole path.
void ToProto(size_t index, const absl::Status& status, v1::RowRefusal* proto);

void ToProto(const std::vector<CoverageGap>& gaps, v1::CoverageGaps* proto);
void ToProto(const CoverageGap& gap, v1::CoverageGap* proto);
void ToProto(const LimitReached& limit, v1::LimitReached* proto);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_REPORTING_H_
