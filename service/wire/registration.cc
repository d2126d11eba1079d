#include "service/wire/registration.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/enums.h"
#include "service/wire/shared_owners.h"
#include "service/wire/socket.h"
#include "service/wire/text.h"
#include "service/wire/time.h"

namespace connreg {
namespace {

constexpr absl::Duration kMinTtl = absl::Seconds(1);
constexpr absl::Duration kMaxTtl = absl::Hours(24);
constexpr int kMaxRows = 10'000;
constexpr int kMaxNamespaces = 1000;
constexpr int kMaxGaps = 16;
constexpr int kMaxRefusalsListed = 1000;

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

absl::Status CheckCount(absl::string_view field, int count,
                        int limit = kMaxRows) {
  if (count <= limit) return absl::OkStatus();
  return InField(
      field,
      InvalidArgument("TOO_MANY_ROWS", absl::StrCat(count, " ", field,
                                                    ": the limit is ", limit)));
}

std::string RowField(absl::string_view rows, int index) {
  return absl::StrCat(rows, "[", index, "]");
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

absl::StatusOr<CoverageGap> GapFromProto(const v1::CoverageGap& proto) {
  CoverageGap gap;
  ASSIGN_OR_RETURN(gap.kind, GapKindFromProto(proto.kind()));
  RETURN_IF_ERROR(CheckText("description", proto.description()));
  gap.description = proto.description();
  return gap;
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

// Parses `rows` one by one. A row that does not parse is handed to `refuse`
// with its index and its error, the path of which starts with the row.
template <typename Value, typename Rows, typename Parse, typename Refuse>
std::vector<Value> ParseRows(absl::string_view field, const Rows& rows,
                             Parse parse, Refuse refuse) {
  std::vector<Value> values;
  values.reserve(rows.size());
  for (int i = 0; i < rows.size(); ++i) {
    absl::StatusOr<Value> value = parse(rows[i]);
    if (value.ok())
      values.push_back(*std::move(value));
    else
      refuse(i, InField(RowField(field, i), value.status()));
  }
  return values;
}

// `parse`, with the owners of each row among the `shared` ones.
template <typename Parse>
auto Sharing(SharedOwners* shared, Parse parse) {
  return [shared, parse](const auto& row) {
    auto facts = parse(row);
    if (facts.ok()) facts->socket.owners = shared->Of(facts->socket.owners);
    return facts;
  };
}

void AddRefusal(int index, const absl::Status& status,
                v1::RegisterResponse* response) {
  response->set_malformed_count(response->malformed_count() + 1);
  if (response->refusals_size() == kMaxRefusalsListed) return;
  const ErrorDetail detail = DetailOf(status).value_or(ErrorDetail{});
  v1::RowRefusal* refusal = response->add_refusals();
  refusal->set_field(detail.field);
  refusal->set_index(index);
  refusal->set_reason(detail.reason);
  refusal->set_description(std::string(status.message()));
}

}  // namespace

absl::StatusOr<Registration> RegistrationFromProto(
    const v1::RegisterRequest& proto, v1::RegisterResponse* response) {
  Registration registration;
  ASSIGN_OR_RETURN(registration.reporter, RequiredReporter(proto.reporter()));
  ASSIGN_OR_RETURN(registration.ttl, TtlFromProto(proto.ttl()));
  ASSIGN_OR_RETURN(registration.namespaces,
                   NamespacesFromProto(proto.namespaces()));
  RETURN_IF_ERROR(CheckCount("listeners", proto.listeners_size()));
  RETURN_IF_ERROR(CheckCount("connections", proto.connections_size()));
  if (proto.has_coverage_gaps()) {
    ASSIGN_OR_RETURN(registration.gaps, GapsFromProto(proto.coverage_gaps()));
  }

  const auto refuse = [response](int index, const absl::Status& status) {
    AddRefusal(index, status, response);
  };
  SharedOwners shared;
  registration.listeners = ParseRows<ListenerFacts>(
      "listeners", proto.listeners(), Sharing(&shared, ListenerFactsFromProto),
      refuse);
  registration.connections = ParseRows<ConnectionFacts>(
      "connections", proto.connections(),
      Sharing(&shared, ConnectionFactsFromProto), refuse);
  return registration;
}

absl::StatusOr<Deregistration> DeregistrationFromProto(
    const v1::DeregisterRequest& proto) {
  Deregistration deregistration{.all = proto.all()};
  ASSIGN_OR_RETURN(deregistration.reporter, RequiredReporter(proto.reporter()));
  const bool has_parts = proto.listeners_size() > 0 ||
                         proto.connections_size() > 0 ||
                         proto.namespaces_size() > 0;
  if (proto.all() == has_parts) {
    return InField("all",
                   InvalidArgument("ALL_OR_ROWS",
                                   "give either all, or rows or namespaces"));
  }
  RETURN_IF_ERROR(
      CheckCount("namespaces", proto.namespaces_size(), kMaxNamespaces));
  for (int i = 0; i < proto.namespaces_size(); ++i) {
    RETURN_IF_ERROR(CheckText(RowField("namespaces", i), proto.namespaces(i)));
    deregistration.namespaces.push_back(proto.namespaces(i));
  }
  RETURN_IF_ERROR(CheckCount("listeners", proto.listeners_size()));
  RETURN_IF_ERROR(CheckCount("connections", proto.connections_size()));
  absl::Status first_error;
  const auto refuse = [&](int, const absl::Status& status) {
    first_error.Update(status);
  };
  deregistration.listeners = ParseRows<ListenerName>(
      "listeners", proto.listeners(), ListenerNameFromProto, refuse);
  deregistration.connections = ParseRows<ConnectionName>(
      "connections", proto.connections(), ConnectionNameFromProto, refuse);
  RETURN_IF_ERROR(first_error);
  return deregistration;
}

void ToProto(const RegistrationOutcome& outcome,
             const Registration& registration, v1::RegisterResponse* proto) {
  ToProto(registration.ttl, proto->mutable_ttl());
  proto->set_accepted_count(static_cast<uint32_t>(outcome.accepted));
  for (const LimitReached& limit : outcome.limits)
    ToProto(limit, proto->add_limits());
  proto->set_lease_granted(outcome.lease_granted);
}

void ToProto(const DeregistrationOutcome& outcome,
             v1::DeregisterResponse* proto) {
  proto->set_removed_count(static_cast<uint32_t>(outcome.removed));
  proto->set_absent_count(static_cast<uint32_t>(outcome.absent));
}

void ToProto(const LimitReached& limit, v1::LimitReached* proto) {
  proto->set_limit(ToProto(limit.limit));
  proto->set_value(limit.value);
  proto->set_refused_count(limit.refused);
}

void ToProto(const CoverageGap& gap, v1::CoverageGap* proto) {
  proto->set_kind(ToProto(gap.kind));
  proto->set_description(gap.description);
}

void ToProto(const Registration& registration, v1::RegisterRequest* proto) {
  ToProto(registration.reporter, proto->mutable_reporter());
  ToProto(registration.ttl, proto->mutable_ttl());
  for (const NetworkNamespace& netns : registration.namespaces)
    ToProto(netns, proto->add_namespaces());
  for (const ListenerFacts& facts : registration.listeners)
    ToProto(facts, proto->add_listeners());
  for (const ConnectionFacts& facts : registration.connections)
    ToProto(facts, proto->add_connections());
  if (!registration.gaps) return;
  v1::CoverageGaps* const gaps = proto->mutable_coverage_gaps();
  for (const CoverageGap& gap : *registration.gaps)
    ToProto(gap, gaps->add_gaps());
}

void ToProto(const Deregistration& deregistration,
             v1::DeregisterRequest* proto) {
  ToProto(deregistration.reporter, proto->mutable_reporter());
  proto->set_all(deregistration.all);
  for (const ListenerName& name : deregistration.listeners)
    ToProto(name, proto->add_listeners());
  for (const ConnectionName& name : deregistration.connections)
    ToProto(name, proto->add_connections());
  for (const std::string& netns : deregistration.namespaces)
    proto->add_namespaces(netns);
}

}  // namespace connreg
