#include "tests/bench/postgres_client.h"

#include <sys/socket.h>

#include "absl/strings/str_cat.h"

namespace connreg {

absl::Status ErrorOf(const PostgresConnection& connection) {
  return absl::UnavailableError(
      absl::StrCat("postgres: ", PQerrorMessage(connection.get())));
}

absl::StatusOr<PostgresConnection> ConnectPostgres(
    const std::string& database) {
  PostgresConnection connection(PQconnectdb(database.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK) return ErrorOf(connection);
  return connection;
}

absl::Status Execute(const PostgresConnection& connection, const char* command,
                     ExecStatusType expected) {
  const PostgresResult result(PQexec(connection.get(), command));
  if (PQresultStatus(result.get()) != expected) return ErrorOf(connection);
  return absl::OkStatus();
}

std::string InetOf(const IpAddress& address) {
  // The family, for IPv4 AF_INET; the length of the prefix; whether it is one;
  // and how many bytes follow.
  std::string bytes = {AF_INET, 32, 0, 4};
  bytes.append(address.bytes().end() - 4, address.bytes().end());
  return bytes;
}

}  // namespace connreg
