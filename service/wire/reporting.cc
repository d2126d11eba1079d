#include "service/wire/reporting.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/enums.h"
#include "service/wire/socket.h"
#include "service/wire/text.h"
#include "service/wire/time.h"

namespace connreg {
namespace {

constexpr absl::Duration kMinTtl = absl::Seconds(1);
constexpr absl::Duration kMaxTtl = absl::Hours(24);
constexpr int kMaxGaps = 16;

absl::StatusOr<CoverageGap> GapFromProto(const v1::CoverageGap& proto) {
  CoverageGap gap;
  ASSIGN_OR_RETURN(gap.kind, GapKindFromProto(proto.kind()));
  RETURN_IF_ERROR(CheckText("description", proto.description()));
  gap.description = proto.description();
  return gap;
}

}  // namespace

absl::StatusOr<Reporter> RequiredReporter(const v1::Reporter& proto) {
  absl::StatusOr<Reporter> reporter = ReporterFromProto(proto);
  if (!reporter.ok()) return InField("reporter", reporter.status());
  return reporter;
}

absl::StatusOr<absl::Duration> TtlFromProto(
    const google::protobuf::Duration& proto) {
  const absl::StatusOr<absl::Duration> ttl = DurationFromProto(proto);
  if (!ttl.ok()) return InField("ttl", ttl.status());
  if (*ttl >= kMinTtl && *ttl <= kMaxTtl) return *ttl;
  return InField(
      "ttl",
      InvalidArgument("TTL_OUT_OF_RANGE",
                      absl::StrCat("ttl of ", absl::FormatDuration(*ttl),
                                   ": it must be from ",
                                   absl::FormatDuration(kMinTtl), " to 24h")));
}

absl::StatusOr<std::vector<NetworkNamespace>> NamespacesFromProto(
    const google::protobuf::RepeatedPtrField<v1::NetworkNamespace>& protos) {
  RETURN_IF_ERROR(CheckCount("namespaces", protos.size(), kMaxNamespaces));
  std::vector<NetworkNamespace> result;
  absl::flat_hash_set<std::string> named;
  for (int i = 0; i < protos.size(); ++i) {
    absl::StatusOr<NetworkNamespace> netns =
        NetworkNamespaceFromProto(protos[i]);
    if (netns.ok() && !named.insert(netns->netns).second) {
      netns = InField(
          "netns",
          InvalidArgument("NETNS_REPEATED",
                          absl::StrCat("network namespace \"", netns->netns,
                                       "\": named before")));
    }
    if (!netns.ok()) return InField(RowField("namespaces", i), netns.status());
    result.push_back(*std::move(netns));
  }
  return result;
}

absl::StatusOr<std::vector<std::string>> NetnsNamesFromProto(
    absl::string_view field,
    const google::protobuf::RepeatedPtrField<std::string>& names) {
  RETURN_IF_ERROR(CheckCount(field, names.size(), kMaxNamespaces));
  for (int i = 0; i < names.size(); ++i)
    RETURN_IF_ERROR(CheckText(RowField(field, i), names[i]));
  return std::vector<std::string>(names.begin(), names.end());
}

absl::StatusOr<std::vector<CoverageGap>> GapsFromProto(
    const v1::CoverageGaps& proto) {
  if (proto.gaps_size() > kMaxGaps) {
    return InField(
        "coverage_gaps.gaps",
        InvalidArgument(
            "TOO_MANY_GAPS",
            absl::StrCat(proto.gaps_size(), " gaps: the limit is ", kMaxGaps)));
  }
  std::vector<CoverageGap> gaps;
  for (int i = 0; i < proto.gaps_size(); ++i) {
    absl::StatusOr<CoverageGap> gap = GapFromProto(proto.gaps(i));
    if (!gap.ok())
      return InField(RowField("coverage_gaps.gaps", i), gap.status());
    gaps.push_back(*std::move(gap));
  }
  return gaps;
}

absl::Status CheckCount(absl::string_view field, size_t count, size_t limit) {
  if (count <= limit) return absl::OkStatus();
  return InField(
      field,
      InvalidArgument("TOO_MANY_ROWS", absl::StrCat(count, " ", field,
                                                    ": the limit is ", limit)));
}

std::string RowField(absl::string_view rows, size_t index) {
  return absl::StrCat(rows, "[", index, "]");
}

void ToProto(size_t index, const absl::Status& status, v1::RowRefusal* proto) {
  const ErrorDetail detail = DetailOf(status).value_or(ErrorDetail{});
  proto->set_field(detail.field);
  proto->set_index(static_cast<uint32_t>(index));
  proto->set_reason(detail.reason);
  proto->set_description(std::string(status.message()));
}

void ToProto(const std::vector<CoverageGap>& gaps, v1::CoverageGaps* proto) {
  for (const CoverageGap& gap : gaps) ToProto(gap, proto->add_gaps());
}

void ToProto(const CoverageGap& gap, v1::CoverageGap* proto) {
  proto->set_kind(ToProto(gap.kind));
  proto->set_description(gap.description);
}

void ToProto(const LimitReached& limit, v1::LimitReached* proto) {
  proto->set_limit(ToProto(limit.limit));
  proto->set_value(limit.value);
  proto->set_refused_count(limit.refused);
}

}  // namespace connreg
