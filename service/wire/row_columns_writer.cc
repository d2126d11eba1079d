#include "service/wire/row_columns_writer.h"

#include <string>

#include "absl/strings/string_view.h"
#include "service/wire/columns.h"
#include "service/wire/enums.h"

namespace connreg {
namespace {

void AddAddress(const IpAddress& address, std::string* addresses) {
  addresses->append(address.bytes().begin(), address.bytes().end());
}

// What names a socket. The zone is that of both ends.
void AddName(const Socket& socket, const std::string& device,
             const Endpoint& local, absl::string_view zone,
             RowTablesWriter& tables, v1::SocketColumns* columns) {
  columns->add_transports(ToProto(socket.transport));
  columns->add_netns(tables.PlaceOf(socket.netns));
  columns->add_cookies(socket.cookie);
  columns->add_inodes(socket.inode);
  columns->add_devices(tables.PlaceOf(device));
  AddAddress(local.address(), columns->mutable_local_addresses());
  columns->add_local_ports(local.port());
  columns->add_zones(tables.PlaceOf(zone));
}

// What describes it.
void AddDescription(const Socket& socket, RowTablesWriter& tables,
                    v1::SocketColumns* columns) {
  columns->add_families(ToProto(socket.family));
  columns->add_uids(ColumnValueOf(socket.uid));
  columns->add_owners(tables.PlaceOf(socket.owners));
}

// Valid as long as `tuple`.
absl::string_view ZoneOf(const FourTuple& tuple) {
  const absl::string_view local = tuple.local().address().zone();
  return local.empty() ? tuple.remote().address().zone() : local;
}

void AddRemote(const Endpoint& remote, v1::ConnectionColumns* columns) {
  AddAddress(remote.address(), columns->mutable_remote_addresses());
  columns->add_remote_ports(remote.port());
}

void ClearZeros(v1::SocketColumns* columns) {
  ClearIfZero(columns->mutable_netns());
  ClearIfZero(columns->mutable_families());
  ClearIfZero(columns->mutable_cookies());
  ClearIfZero(columns->mutable_inodes());
  ClearIfZero(columns->mutable_uids());
  ClearIfZero(columns->mutable_owners());
  ClearIfZero(columns->mutable_devices());
  ClearIfZero(columns->mutable_zones());
}

}  // namespace

void WriteColumns(const std::vector<ListenerFacts>& rows,
                  RowTablesWriter& tables, v1::ListenerColumns* columns) {
  v1::SocketColumns* const sockets = columns->mutable_sockets();
  for (const ListenerFacts& row : rows) {
    AddName(row.socket, row.device, row.local, row.local.address().zone(),
            tables, sockets);
    AddDescription(row.socket, tables, sockets);
    columns->add_states(ToProto(row.state));
    columns->add_v6_only(row.v6_only);
  }
  ClearZeros(sockets);
  ClearIfZero(columns->mutable_v6_only());
}

void WriteColumns(const std::vector<ConnectionFacts>& rows,
                  RowTablesWriter& tables, v1::ConnectionColumns* columns) {
  v1::SocketColumns* const sockets = columns->mutable_sockets();
  for (const ConnectionFacts& row : rows) {
    AddName(row.socket, row.device, row.tuple.local(), ZoneOf(row.tuple),
            tables, sockets);
    AddDescription(row.socket, tables, sockets);
    AddRemote(row.tuple.remote(), columns);
    columns->add_states(ToProto(row.state));
    columns->add_roles(ToProto(row.role));
    columns->add_role_evidences(ToProto(row.evidence));
    columns->add_listener_cookies(row.listener_cookie);
  }
  ClearZeros(sockets);
  ClearIfZero(columns->mutable_roles());
  ClearIfZero(columns->mutable_role_evidences());
  ClearIfZero(columns->mutable_listener_cookies());
}

void WriteColumns(const std::vector<ListenerName>& rows,
                  RowTablesWriter& tables, v1::ListenerColumns* columns) {
  for (const ListenerName& row : rows) {
    AddName(row.socket, row.device, row.local, row.local.address().zone(),
            tables, columns->mutable_sockets());
  }
  ClearZeros(columns->mutable_sockets());
}

void WriteColumns(const std::vector<ConnectionName>& rows,
                  RowTablesWriter& tables, v1::ConnectionColumns* columns) {
  for (const ConnectionName& row : rows) {
    AddName(row.socket, row.device, row.tuple.local(), ZoneOf(row.tuple),
            tables, columns->mutable_sockets());
    AddRemote(row.tuple.remote(), columns);
  }
  ClearZeros(columns->mutable_sockets());
}

}  // namespace connreg
