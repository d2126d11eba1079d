#ifndef CONNREG_TESTS_BENCH_POSTGRES_CLIENT_H_
#define CONNREG_TESTS_BENCH_POSTGRES_CLIENT_H_

#include <libpq-fe.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "service/net/ip_address.h"

// What programs need that speak to PostgreSQL.
namespace connreg {

struct FinishConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using PostgresConnection = std::unique_ptr<PGconn, FinishConnection>;

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PostgresResult = std::unique_ptr<PGresult, ClearResult>;

// What has gone wrong last.
absl::Status ErrorOf(const PostgresConnection& connection);

// UNAVAILABLE: there is no such database.
absl::StatusOr<PostgresConnection> ConnectPostgres(const std::string& database);
// UNAVAILABLE: the command ends in another way.
absl::Status Execute(const PostgresConnection& connection, const char* command,
                     ExecStatusType expected = PGRES_COMMAND_OK);

// Appends an integer as it travels, in network byte order.
template <typename Value>
void Append(Value value, std::string* bytes) {
  for (int shift = 8 * (sizeof(Value) - 1); shift >= 0; shift -= 8)
    bytes->push_back(static_cast<char>(value >> shift));
}
// An IPv4 address as a value of the type inet travels.
std::string InetOf(const IpAddress& address);

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_POSTGRES_CLIENT_H_
