#ifndef CONNREG_SERVICE_WIRE_ENUMS_H_
#define CONNREG_SERVICE_WIRE_ENUMS_H_

#include <optional>

#include "absl/status/statusor.h"
#include "connreg/v1/registry_service.pb.h"
#include "connreg/v1/report.pb.h"
#include "connreg/v1/reporting_service.pb.h"
#include "connreg/v1/socket.pb.h"
#include "service/model/connection.h"
#include "service/model/host.h"
#include "service/model/query.h"
#include "service/model/registration.h"
#include "service/model/report.h"
#include "service/model/socket.h"

namespace connreg {

// Each returns INVALID_ARGUMENT, in the field that is named after the enum: the
// value is none of the enum's (ENUM_UNKNOWN), or it is the unspecified one and
// that is not allowed (ENUM_UNSPECIFIED).
absl::StatusOr<Transport> TransportFromProto(v1::Transport proto);
// Unspecified is any.
absl::StatusOr<std::optional<Transport>> OptionalTransportFromProto(
    v1::Transport proto);
absl::StatusOr<SocketFamily> SocketFamilyFromProto(v1::SocketFamily proto);
// Unspecified is established. STATE_NOT_OF_TRANSPORT: UDP knows no other.
absl::StatusOr<ConnectionState> ConnectionStateFromProto(
    v1::ConnectionState proto, Transport transport);
// Unspecified is what the transport has. STATE_NOT_OF_TRANSPORT: it is the
// other transport's.
absl::StatusOr<ListenerState> ListenerStateFromProto(v1::ListenerState proto,
                                                     Transport transport);
absl::StatusOr<Role> RoleFromProto(v1::Role proto);
absl::StatusOr<RoleEvidence> RoleEvidenceFromProto(v1::RoleEvidence proto);
// Unspecified is not reported.
absl::StatusOr<OwnerUnknownReason> OwnerUnknownReasonFromProto(
    v1::OwnerUnknownReason proto);
absl::StatusOr<ReporterKind> ReporterKindFromProto(v1::ReporterKind proto);
absl::StatusOr<GapKind> GapKindFromProto(v1::GapKind proto);
absl::StatusOr<RowBatch::Kind> RowsKindFromProto(v1::RowsKind proto);
// Unspecified is any.
absl::StatusOr<std::optional<HostState>> OptionalHostStateFromProto(
    v1::HostState proto);

v1::Transport ToProto(Transport transport);
v1::SocketFamily ToProto(SocketFamily family);
v1::ConnectionState ToProto(ConnectionState state);
v1::ListenerState ToProto(ListenerState state);
v1::Role ToProto(Role role);
v1::RoleEvidence ToProto(RoleEvidence evidence);
v1::OwnerUnknownReason ToProto(OwnerUnknownReason reason);
v1::ReporterKind ToProto(ReporterKind kind);
v1::GapKind ToProto(GapKind kind);
v1::OneSidedReason ToProto(OneSidedReason reason);
v1::ConnectionConflict ToProto(Conflict conflict);
v1::TupleOrder ToProto(TupleOrder order);
v1::AbsentReason ToProto(AbsentReason reason);
v1::CloseReason ToProto(CloseReason reason);
v1::HostState ToProto(HostState state);
v1::RowLimit ToProto(RowLimit limit);
v1::RowsKind ToProto(RowBatch::Kind kind);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_ENUMS_H_
