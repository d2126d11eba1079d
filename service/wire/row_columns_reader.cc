#include "service/wire/row_columns_reader.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/wire/columns.h"
#include "service/wire/enums.h"
#include "service/wire/role.h"
#include "service/wire/text.h"

namespace connreg {
namespace {

// `status`, which is about a row of `column`.
absl::Status InColumn(absl::string_view column, size_t row,
                      const absl::Status& status) {
  if (status.ok()) return status;
  ErrorDetail detail = DetailOf(status).value_or(ErrorDetail{});
  detail.field = absl::StrCat(column, "[", row, "]");
  return WithDetail(status, detail);
}

// `value`, whose error is about a row of `column`.
template <typename Value>
absl::StatusOr<Value> InColumn(absl::string_view column, size_t row,
                               absl::StatusOr<Value> value) {
  if (!value.ok()) return InColumn(column, row, value.status());
  return value;
}

// Sets a text of one row, of at most `limit` bytes.
absl::Status ReadText(absl::string_view column, size_t row,
                      absl::string_view field, uint32_t place, size_t limit,
                      RowTablesReader& tables, std::string* text) {
  if (place == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const absl::string_view checked,
      InColumn(column, row, tables.CheckedTextAt(field, place, limit)));
  text->assign(checked.data(), checked.size());
  return absl::OkStatus();
}

absl::Status ReadDevice(const v1::SocketColumns& columns, size_t row,
                        RowTablesReader& tables, std::string* device) {
  return ReadText("sockets.devices", row, "device",
                  ValueAt(columns.devices(), row), kMaxDeviceLength, tables,
                  device);
}

absl::StatusOr<absl::string_view> ZoneOf(const v1::SocketColumns& columns,
                                         size_t row,
                                         const RowTablesReader& tables) {
  return InColumn("sockets.zones", row,
                  tables.TextAt(ValueAt(columns.zones(), row)));
}

IpAddress AddressAt(const std::string& addresses, size_t row) {
  std::array<uint8_t, kAddressSize> bytes;
  std::copy_n(addresses.begin() + row * kAddressSize, kAddressSize,
              bytes.begin());
  return IpAddress::V6(bytes);
}

// The endpoint of one row, in the zone of that row if it is one that may have
// one.
absl::StatusOr<Endpoint> EndpointOf(const std::string& addresses, uint32_t port,
                                    absl::string_view column, size_t row,
                                    absl::string_view zone) {
  IpAddress address = AddressAt(addresses, row);
  if (!zone.empty() && address.is_link_local()) {
    ASSIGN_OR_RETURN(address,
                     InColumn("sockets.zones", row, address.WithZone(zone)));
  }
  return InColumn(column, row, Endpoint::Create(address, port));
}

absl::StatusOr<Endpoint> LocalOf(const v1::SocketColumns& columns, size_t row,
                                 absl::string_view zone) {
  return EndpointOf(columns.local_addresses(),
                    ValueAt(columns.local_ports(), row), "sockets.local_ports",
                    row, zone);
}

// INVALID_ARGUMENT: ZONE_NOT_ALLOWED, there is one, and no address for it.
absl::Status CheckZone(absl::string_view zone, size_t row, bool has_place) {
  if (zone.empty() || has_place) return absl::OkStatus();
  return InField(absl::StrCat("sockets.zones[", row, "]"),
                 InvalidArgument("ZONE_NOT_ALLOWED",
                                 absl::StrCat("a zone of ", zone.size(),
                                              " bytes, and no "
                                              "link-local address")));
}

absl::StatusOr<Endpoint> ListenerEndpointOf(const v1::ListenerColumns& columns,
                                            size_t row,
                                            const RowTablesReader& tables) {
  ASSIGN_OR_RETURN(const absl::string_view zone,
                   ZoneOf(columns.sockets(), row, tables));
  ASSIGN_OR_RETURN(const Endpoint local, LocalOf(columns.sockets(), row, zone));
  RETURN_IF_ERROR(CheckZone(zone, row, local.address().is_link_local()));
  return local;
}

absl::StatusOr<FourTuple> TupleOf(const v1::ConnectionColumns& columns,
                                  size_t row, const RowTablesReader& tables) {
  ASSIGN_OR_RETURN(const absl::string_view zone,
                   ZoneOf(columns.sockets(), row, tables));
  ASSIGN_OR_RETURN(const Endpoint local, LocalOf(columns.sockets(), row, zone));
  ASSIGN_OR_RETURN(const Endpoint remote,
                   EndpointOf(columns.remote_addresses(),
                              ValueAt(columns.remote_ports(), row),
                              "remote_ports", row, zone));
  RETURN_IF_ERROR(CheckZone(
      zone, row,
      local.address().is_link_local() || remote.address().is_link_local()));
  absl::StatusOr<FourTuple> tuple = FourTuple::Create(local, remote);
  if (tuple.ok()) return tuple;
  const bool local_is_wrong = absl::StartsWith(
      DetailOf(tuple.status()).value_or(ErrorDetail{}).field, "local");
  return InColumn(
      local_is_wrong ? "sockets.local_addresses" : "remote_addresses", row,
      tuple.status());
}

// Sets what names a socket.
absl::Status ReadName(const v1::SocketColumns& columns, size_t row,
                      RowTablesReader& tables, Socket* socket) {
  socket->cookie = ValueAt(columns.cookies(), row);
  socket->inode = ValueAt(columns.inodes(), row);
  RETURN_IF_ERROR(ReadText("sockets.netns", row, "netns",
                           ValueAt(columns.netns(), row), kMaxNameLength,
                           tables, &socket->netns));
  ASSIGN_OR_RETURN(socket->transport,
                   InColumn("sockets.transports", row,
                            TransportFromProto(static_cast<v1::Transport>(
                                columns.transports(static_cast<int>(row))))));
  return absl::OkStatus();
}

absl::Status ReadSocket(const v1::SocketColumns& columns, size_t row,
                        RowTablesReader& tables, Socket* socket) {
  RETURN_IF_ERROR(ReadName(columns, row, tables, socket));
  ASSIGN_OR_RETURN(socket->family,
                   InColumn("sockets.families", row,
                            SocketFamilyFromProto(static_cast<v1::SocketFamily>(
                                ValueAt(columns.families(), row)))));
  ASSIGN_OR_RETURN(socket->uid, InColumn("sockets.uids", row,
                                         UidOf(ValueAt(columns.uids(), row))));
  ASSIGN_OR_RETURN(socket->owners,
                   InColumn("sockets.owners", row,
                            tables.OwnersAt(ValueAt(columns.owners(), row))));
  return absl::OkStatus();
}

// Sets the role, and what proves it.
absl::Status ReadRole(const v1::ConnectionColumns& columns, size_t row,
                      ConnectionFacts* facts) {
  ASSIGN_OR_RETURN(
      const Role role,
      InColumn(
          "roles", row,
          RoleFromProto(static_cast<v1::Role>(ValueAt(columns.roles(), row)))));
  ASSIGN_OR_RETURN(const RoleEvidence evidence,
                   InColumn("role_evidences", row,
                            RoleEvidenceFromProto(static_cast<v1::RoleEvidence>(
                                ValueAt(columns.role_evidences(), row)))));
  return InColumn("role_evidences", row, SetRole(role, evidence, facts));
}

absl::Status CheckSocketColumns(const v1::SocketColumns& columns) {
  const size_t rows = columns.transports_size();
  RETURN_IF_ERROR(CheckColumn("netns", columns.netns_size(), rows));
  RETURN_IF_ERROR(CheckColumn("families", columns.families_size(), rows));
  RETURN_IF_ERROR(CheckColumn("cookies", columns.cookies_size(), rows));
  RETURN_IF_ERROR(CheckColumn("inodes", columns.inodes_size(), rows));
  RETURN_IF_ERROR(CheckColumn("uids", columns.uids_size(), rows));
  RETURN_IF_ERROR(CheckColumn("owners", columns.owners_size(), rows));
  RETURN_IF_ERROR(CheckColumn("devices", columns.devices_size(), rows));
  RETURN_IF_ERROR(CheckAddressColumn("local_addresses",
                                     columns.local_addresses().size(), rows));
  RETURN_IF_ERROR(
      CheckRequiredColumn("local_ports", columns.local_ports_size(), rows));
  return CheckColumn("zones", columns.zones_size(), rows);
}

}  // namespace

absl::Status CheckColumns(const v1::ListenerColumns& columns) {
  RETURN_IF_ERROR(InField("sockets", CheckSocketColumns(columns.sockets())));
  const size_t rows = RowCount(columns);
  RETURN_IF_ERROR(CheckColumn("states", columns.states_size(), rows));
  return CheckColumn("v6_only", columns.v6_only_size(), rows);
}

absl::Status CheckColumns(const v1::ConnectionColumns& columns) {
  RETURN_IF_ERROR(InField("sockets", CheckSocketColumns(columns.sockets())));
  const size_t rows = RowCount(columns);
  RETURN_IF_ERROR(CheckAddressColumn("remote_addresses",
                                     columns.remote_addresses().size(), rows));
  RETURN_IF_ERROR(
      CheckRequiredColumn("remote_ports", columns.remote_ports_size(), rows));
  RETURN_IF_ERROR(CheckColumn("states", columns.states_size(), rows));
  RETURN_IF_ERROR(CheckColumn("roles", columns.roles_size(), rows));
  RETURN_IF_ERROR(
      CheckColumn("role_evidences", columns.role_evidences_size(), rows));
  return CheckColumn("listener_cookies", columns.listener_cookies_size(), rows);
}

absl::Status ReadRow(const v1::ListenerColumns& columns, size_t row,
                     RowTablesReader& tables, ListenerFacts* facts) {
  RETURN_IF_ERROR(ReadSocket(columns.sockets(), row, tables, &facts->socket));
  ASSIGN_OR_RETURN(facts->local, ListenerEndpointOf(columns, row, tables));
  facts->v6_only = ValueAt(columns.v6_only(), row);
  ASSIGN_OR_RETURN(
      facts->state,
      InColumn("states", row,
               ListenerStateFromProto(static_cast<v1::ListenerState>(
                                          ValueAt(columns.states(), row)),
                                      facts->socket.transport)));
  return ReadDevice(columns.sockets(), row, tables, &facts->device);
}

absl::Status ReadRow(const v1::ConnectionColumns& columns, size_t row,
                     RowTablesReader& tables, ConnectionFacts* facts) {
  RETURN_IF_ERROR(ReadSocket(columns.sockets(), row, tables, &facts->socket));
  ASSIGN_OR_RETURN(facts->tuple, TupleOf(columns, row, tables));
  facts->listener_cookie = ValueAt(columns.listener_cookies(), row);
  ASSIGN_OR_RETURN(
      facts->state,
      InColumn("states", row,
               ConnectionStateFromProto(static_cast<v1::ConnectionState>(
                                            ValueAt(columns.states(), row)),
                                        facts->socket.transport)));
  RETURN_IF_ERROR(ReadRole(columns, row, facts));
  return ReadDevice(columns.sockets(), row, tables, &facts->device);
}

absl::StatusOr<ListenerName> ListenerNameAt(const v1::ListenerColumns& columns,
                                            size_t row,
                                            RowTablesReader& tables) {
  Socket socket;
  RETURN_IF_ERROR(ReadName(columns.sockets(), row, tables, &socket));
  ASSIGN_OR_RETURN(const Endpoint local,
                   ListenerEndpointOf(columns, row, tables));
  ListenerName name{std::move(socket), local, ""};
  RETURN_IF_ERROR(ReadDevice(columns.sockets(), row, tables, &name.device));
  return name;
}

absl::StatusOr<ConnectionName> ConnectionNameAt(
    const v1::ConnectionColumns& columns, size_t row, RowTablesReader& tables) {
  Socket socket;
  RETURN_IF_ERROR(ReadName(columns.sockets(), row, tables, &socket));
  ASSIGN_OR_RETURN(const FourTuple tuple, TupleOf(columns, row, tables));
  ConnectionName name{std::move(socket), tuple, ""};
  RETURN_IF_ERROR(ReadDevice(columns.sockets(), row, tables, &name.device));
  return name;
}

}  // namespace connreg
