#include "service/wire/registration.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/reporting.h"
#include "service/wire/shared_owners.h"
#include "service/wire/socket.h"
#include "service/wire/time.h"

namespace connreg {
namespace {

constexpr int kMaxRows = 10'000;

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
  ToProto(index, status, response->add_refusals());
}

}  // namespace

absl::StatusOr<Registration> RegistrationFromProto(
    const v1::RegisterRequest& proto, v1::RegisterResponse* response) {
  Registration registration;
  ASSIGN_OR_RETURN(registration.reporter, RequiredReporter(proto.reporter()));
  ASSIGN_OR_RETURN(registration.ttl, TtlFromProto(proto.ttl()));
  ASSIGN_OR_RETURN(registration.namespaces,
                   NamespacesFromProto(proto.namespaces()));
  RETURN_IF_ERROR(CheckCount("listeners", proto.listeners_size(), kMaxRows));
  RETURN_IF_ERROR(
      CheckCount("connections", proto.connections_size(), kMaxRows));
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
  ASSIGN_OR_RETURN(deregistration.namespaces,
                   NetnsNamesFromProto("namespaces", proto.namespaces()));
  RETURN_IF_ERROR(CheckCount("listeners", proto.listeners_size(), kMaxRows));
  RETURN_IF_ERROR(
      CheckCount("connections", proto.connections_size(), kMaxRows));
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

void ToProto(const Registration& registration, v1::RegisterRequest* proto) {
  ToProto(registration.reporter, proto->mutable_reporter());
  ToProto(registration.ttl, proto->mutable_ttl());
  for (const NetworkNamespace& netns : registration.namespaces)
    ToProto(netns, proto->add_namespaces());
  for (const ListenerFacts& facts : registration.listeners)
    ToProto(facts, proto->add_listeners());
  for (const ConnectionFacts& facts : registration.connections)
    ToProto(facts, proto->add_connections());
  if (registration.gaps)
    ToProto(*registration.gaps, proto->mutable_coverage_gaps());
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
