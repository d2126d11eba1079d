#include "service/wire/enums.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

// The values of the model's enums are the messages' numbers, so that one cast
// converts them.
static_assert(int{v1::TRANSPORT_UDP} == static_cast<int>(Transport::kUdp));
static_assert(int{v1::SOCKET_FAMILY_IPV6} ==
              static_cast<int>(SocketFamily::kIpv6));
static_assert(int{v1::CONNECTION_STATE_LAST_ACK} ==
              static_cast<int>(ConnectionState::kLastAck));
static_assert(int{v1::LISTENER_STATE_BOUND} ==
              static_cast<int>(ListenerState::kBound));
static_assert(int{v1::ROLE_BOTH} == static_cast<int>(Role::kBoth));
static_assert(int{v1::ROLE_EVIDENCE_DECLARED} ==
              static_cast<int>(RoleEvidence::kDeclared));
static_assert(int{v1::OWNER_UNKNOWN_REASON_ENDED_BEFORE_SCAN} ==
              static_cast<int>(OwnerUnknownReason::kEndedBeforeScan));
static_assert(int{v1::REPORTER_KIND_PROGRAM} ==
              static_cast<int>(ReporterKind::kProgram));
static_assert(int{v1::GAP_KIND_PROCESSES} ==
              static_cast<int>(GapKind::kProcesses));
static_assert(int{v1::ONE_SIDED_REASON_NAT_SUSPECTED} ==
              static_cast<int>(OneSidedReason::kNatSuspected));
static_assert(int{v1::CONNECTION_CONFLICT_ONE_END_STALE} ==
              static_cast<int>(Conflict::kOneEndStale));
static_assert(int{v1::TUPLE_ORDER_REVERSED} ==
              static_cast<int>(TupleOrder::kReversed));
static_assert(int{v1::ABSENT_REASON_SYNCING} ==
              static_cast<int>(AbsentReason::kSyncing));
static_assert(int{v1::CLOSE_REASON_HOST_RESTARTED} ==
              static_cast<int>(CloseReason::kHostRestarted));
static_assert(int{v1::HOST_STATE_SYNCING} ==
              static_cast<int>(HostState::kSyncing));
static_assert(int{v1::ROW_LIMIT_REPORTERS} ==
              static_cast<int>(RowLimit::kReporters));
static_assert(int{v1::ROWS_KIND_SNAPSHOT} ==
              static_cast<int>(RowBatch::Kind::kSnapshot));

template <typename ProtoEnum>
absl::Status CheckKnown(absl::string_view field, ProtoEnum proto) {
  static const auto* const descriptor =
      google::protobuf::GetEnumDescriptor<ProtoEnum>();
  // The values of each are counted from 0 on.
  static const int count = descriptor->value_count();
  if (proto >= 0 && proto < count) return absl::OkStatus();
  return InField(field, InvalidArgument("ENUM_UNKNOWN",
                                        absl::StrCat(descriptor->name(), " ",
                                                     static_cast<int>(proto),
                                                     ": no such value")));
}

template <typename ProtoEnum>
absl::Status CheckSpecified(absl::string_view field, ProtoEnum proto) {
  RETURN_IF_ERROR(CheckKnown(field, proto));
  if (proto != 0) return absl::OkStatus();
  return InField(
      field, InvalidArgument("ENUM_UNSPECIFIED", absl::StrCat("no ", field)));
}

absl::Status NotOfTransport(absl::string_view state, Transport transport) {
  return InField(
      "state",
      InvalidArgument("STATE_NOT_OF_TRANSPORT",
                      absl::StrCat(state, " is no state of ",
                                   v1::Transport_Name(ToProto(transport)))));
}

}  // namespace

absl::StatusOr<Transport> TransportFromProto(v1::Transport proto) {
  RETURN_IF_ERROR(CheckSpecified("transport", proto));
  return static_cast<Transport>(proto);
}

absl::StatusOr<std::optional<Transport>> OptionalTransportFromProto(
    v1::Transport proto) {
  if (proto == v1::TRANSPORT_UNSPECIFIED) return std::nullopt;
  return TransportFromProto(proto);
}

absl::StatusOr<SocketFamily> SocketFamilyFromProto(v1::SocketFamily proto) {
  RETURN_IF_ERROR(CheckKnown("family", proto));
  return static_cast<SocketFamily>(proto);
}

absl::StatusOr<ConnectionState> ConnectionStateFromProto(
    v1::ConnectionState proto, Transport transport) {
  RETURN_IF_ERROR(CheckKnown("state", proto));
  if (proto == v1::CONNECTION_STATE_UNSPECIFIED)
    return ConnectionState::kEstablished;
  if (transport == Transport::kUdp && proto != v1::CONNECTION_STATE_ESTABLISHED)
    return NotOfTransport(v1::ConnectionState_Name(proto), transport);
  return static_cast<ConnectionState>(proto);
}

absl::StatusOr<ListenerState> ListenerStateFromProto(v1::ListenerState proto,
                                                     Transport transport) {
  RETURN_IF_ERROR(CheckKnown("state", proto));
  const ListenerState state = transport == Transport::kTcp
                                  ? ListenerState::kListen
                                  : ListenerState::kBound;
  if (proto != v1::LISTENER_STATE_UNSPECIFIED && proto != ToProto(state))
    return NotOfTransport(v1::ListenerState_Name(proto), transport);
  return state;
}

absl::StatusOr<Role> RoleFromProto(v1::Role proto) {
  RETURN_IF_ERROR(CheckKnown("role", proto));
  return static_cast<Role>(proto);
}

absl::StatusOr<RoleEvidence> RoleEvidenceFromProto(v1::RoleEvidence proto) {
  RETURN_IF_ERROR(CheckKnown("role_evidence", proto));
  return static_cast<RoleEvidence>(proto);
}

absl::StatusOr<OwnerUnknownReason> OwnerUnknownReasonFromProto(
    v1::OwnerUnknownReason proto) {
  RETURN_IF_ERROR(CheckKnown("unknown_reason", proto));
  if (proto == v1::OWNER_UNKNOWN_REASON_UNSPECIFIED)
    return OwnerUnknownReason::kNotReported;
  return static_cast<OwnerUnknownReason>(proto);
}

absl::StatusOr<ReporterKind> ReporterKindFromProto(v1::ReporterKind proto) {
  RETURN_IF_ERROR(CheckSpecified("kind", proto));
  return static_cast<ReporterKind>(proto);
}

absl::StatusOr<GapKind> GapKindFromProto(v1::GapKind proto) {
  RETURN_IF_ERROR(CheckSpecified("kind", proto));
  return static_cast<GapKind>(proto);
}

absl::StatusOr<RowBatch::Kind> RowsKindFromProto(v1::RowsKind proto) {
  RETURN_IF_ERROR(CheckSpecified("kind", proto));
  return static_cast<RowBatch::Kind>(proto);
}

absl::StatusOr<std::optional<HostState>> OptionalHostStateFromProto(
    v1::HostState proto) {
  RETURN_IF_ERROR(CheckKnown("state", proto));
  if (proto == v1::HOST_STATE_UNSPECIFIED) return std::nullopt;
  return static_cast<HostState>(proto);
}

v1::Transport ToProto(Transport transport) {
  return static_cast<v1::Transport>(transport);
}
v1::SocketFamily ToProto(SocketFamily family) {
  return static_cast<v1::SocketFamily>(family);
}
v1::ConnectionState ToProto(ConnectionState state) {
  return static_cast<v1::ConnectionState>(state);
}
v1::ListenerState ToProto(ListenerState state) {
  return static_cast<v1::ListenerState>(state);
}
v1::Role ToProto(Role role) { return static_cast<v1::Role>(role); }
v1::RoleEvidence ToProto(RoleEvidence evidence) {
  return static_cast<v1::RoleEvidence>(evidence);
}
v1::OwnerUnknownReason ToProto(OwnerUnknownReason reason) {
  return static_cast<v1::OwnerUnknownReason>(reason);
}
v1::ReporterKind ToProto(ReporterKind kind) {
  return static_cast<v1::ReporterKind>(kind);
}
v1::GapKind ToProto(GapKind kind) { return static_cast<v1::GapKind>(kind); }
v1::OneSidedReason ToProto(OneSidedReason reason) {
  return static_cast<v1::OneSidedReason>(reason);
}
v1::ConnectionConflict ToProto(Conflict conflict) {
  return static_cast<v1::ConnectionConflict>(conflict);
}
v1::TupleOrder ToProto(TupleOrder order) {
  return static_cast<v1::TupleOrder>(order);
}
v1::AbsentReason ToProto(AbsentReason reason) {
  return static_cast<v1::AbsentReason>(reason);
}
v1::CloseReason ToProto(CloseReason reason) {
  return static_cast<v1::CloseReason>(reason);
}
v1::HostState ToProto(HostState state) {
  return static_cast<v1::HostState>(state);
}
v1::RowLimit ToProto(RowLimit limit) {
  return static_cast<v1::RowLimit>(limit);
}
v1::RowsKind ToProto(RowBatch::Kind kind) {
  return static_cast<v1::RowsKind>(kind);
}

}  // namespace connreg
