// Tells a PostgreSQL server of the fleet that bench_load reports, or asks it
// about that, as fast as libpq allows, and prints what came of it as one line
// of JSON.
//
//   postgres_load --database "host=/tmp/folder dbname=postgres" create
//   postgres_load --database ... --hosts 100 fill --first 0 --count 100
//   postgres_load --database ... --hosts 100 list
//
// A connection is a row of a table with four indexes: by server endpoint,
// client endpoint, both together, and host. Rows are told by a binary COPY, and
// listed by a prepared SELECT in pipeline mode.

#include <libpq-fe.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "service/base/status_macros.h"
#include "tests/bench/accepting_fleet.h"
#include "tests/bench/postgres_client.h"
#include "tests/bench/postgres_lister.h"

namespace connreg {
namespace {

struct Options {
  std::string database;
  size_t hosts = 1;
  size_t first = 0;
  size_t count = 1;
  size_t connections = 2;
  double seconds = 1;
};

constexpr size_t kListingsInFlight = 16;

// Unlogged, since nobody else here writes anything to a disk either.
constexpr char kSchema[] = R"(
  CREATE UNLOGGED TABLE connections (
    server inet NOT NULL, server_port integer NOT NULL,
    client inet NOT NULL, client_port integer NOT NULL,
    host integer NOT NULL, state smallint NOT NULL, cookie bigint NOT NULL,
    inode bigint NOT NULL, pid integer NOT NULL, process text NOT NULL);
  CREATE INDEX ON connections (server, server_port);
  CREATE INDEX ON connections (client, client_port);
  CREATE INDEX ON connections (server, server_port, client, client_port);
  CREATE INDEX ON connections (host);)";
constexpr int16_t kColumns = 10;

// A field of a row: its length, then itself.
template <typename Value>
void AppendField(Value value, std::string* bytes) {
  Append<int32_t>(sizeof(Value), bytes);
  Append(value, bytes);
}

void AppendField(absl::string_view text, std::string* bytes) {
  Append(static_cast<int32_t>(text.size()), bytes);
  absl::StrAppend(bytes, text);
}

void AppendRow(const AcceptingFleet& fleet, uint64_t connection,
               std::string* bytes) {
  const ConnectionFacts facts = fleet.FactsOf(connection);
  const Process& process = facts.socket.owners.processes().front();
  Append(kColumns, bytes);
  for (const Endpoint* end : {&facts.tuple.local(), &facts.tuple.remote()}) {
    AppendField(absl::string_view(InetOf(end->address())), bytes);
    AppendField(static_cast<int32_t>(end->port()), bytes);
  }
  AppendField(static_cast<int32_t>(AcceptingFleet::HostOf(connection)), bytes);
  AppendField(static_cast<int16_t>(facts.state), bytes);
  AppendField(static_cast<int64_t>(facts.socket.cookie), bytes);
  AppendField(static_cast<int64_t>(facts.socket.inode), bytes);
  AppendField(process.pid, bytes);
  AppendField(absl::string_view(process.name), bytes);
}

void Print(uint64_t rows, absl::Duration elapsed) {
  std::cout << absl::StreamFormat("{\"rows\": %d, \"seconds\": %.6f}", rows,
                                  absl::ToDoubleSeconds(elapsed))
            << std::endl;
}

absl::Status Copy(const PostgresConnection& connection,
                  const std::vector<std::string>& parts) {
  RETURN_IF_ERROR(Execute(connection,
                          "COPY connections FROM STDIN (FORMAT binary)",
                          PGRES_COPY_IN));
  for (const std::string& part : parts) {
    if (PQputCopyData(connection.get(), part.data(),
                      static_cast<int>(part.size())) != 1)
      return ErrorOf(connection);
  }
  if (PQputCopyEnd(connection.get(), nullptr) != 1) return ErrorOf(connection);
  const PostgresResult result(PQgetResult(connection.get()));
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK)
    return ErrorOf(connection);
  return absl::OkStatus();
}

absl::Status Fill(const Options& options) {
  constexpr uint64_t kTogether = 500;
  const AcceptingFleet fleet(options.hosts);
  const uint64_t rows = options.count * AcceptingFleet::kConnectionsOfHost;
  // The signature, no flags, and no extension of the header.
  std::vector<std::string> parts = {std::string("PGCOPY\n\377\r\n\0", 11) +
                                    std::string(8, '\0')};
  for (uint64_t i = 0; i < rows; ++i) {
    if (i % kTogether == 0) parts.emplace_back();
    AppendRow(fleet,
              AcceptingFleet::ToldAt(
                  options.first + i / AcceptingFleet::kConnectionsOfHost,
                  i % AcceptingFleet::kConnectionsOfHost),
              &parts.back());
  }
  Append<int16_t>(-1, &parts.back());
  ASSIGN_OR_RETURN(const PostgresConnection connection,
                   ConnectPostgres(options.database));
  const absl::Time start = absl::Now();
  RETURN_IF_ERROR(Copy(connection, parts));
  Print(rows, absl::Now() - start);
  return absl::OkStatus();
}

// One thread for each connection, since each has a process of its own there.
absl::Status List(const Options& options) {
  const AcceptingFleet fleet(options.hosts);
  std::vector<PostgresLister> listers;
  for (size_t i = 0; i < options.connections; ++i) {
    ASSIGN_OR_RETURN(PostgresConnection connection,
                     ConnectPostgres(options.database));
    listers.emplace_back(std::move(connection), fleet, i, options.connections);
    RETURN_IF_ERROR(listers.back().Prepare());
  }
  std::vector<absl::StatusOr<uint64_t>> rows(listers.size());
  const absl::Time start = absl::Now();
  {
    std::vector<std::thread> threads;
    for (size_t i = 0; i < listers.size(); ++i) {
      threads.emplace_back([&, i] {
        rows[i] = listers[i].Run(kListingsInFlight / listers.size(),
                                 start + absl::Seconds(options.seconds));
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const absl::Duration elapsed = absl::Now() - start;
  uint64_t sum = 0;
  for (const absl::StatusOr<uint64_t>& listed : rows) {
    RETURN_IF_ERROR(listed.status());
    sum += *listed;
  }
  Print(sum, elapsed);
  return absl::OkStatus();
}

absl::Status Create(const Options& options) {
  ASSIGN_OR_RETURN(const PostgresConnection connection,
                   ConnectPostgres(options.database));
  return Execute(connection, kSchema);
}

// What the planner is to know, and an index is to be trusted with.
absl::Status Analyze(const Options& options) {
  ASSIGN_OR_RETURN(const PostgresConnection connection,
                   ConnectPostgres(options.database));
  return Execute(connection, "VACUUM ANALYZE connections");
}

absl::Status Run(const std::string& command, const Options& options) {
  if (command == "create") return Create(options);
  if (command == "analyze") return Analyze(options);
  if (command == "fill") return Fill(options);
  return List(options);
}

}  // namespace
}  // namespace connreg

int main(int argc, char** argv) {
  CLI::App app("Loads a PostgreSQL server, and prints what came of it");
  connreg::Options options;
  app.add_option("--database", options.database, "As libpq has it")->required();
  app.add_option("--hosts", options.hosts, "How many hosts the fleet has");
  app.fallthrough();
  app.require_subcommand(1);
  app.add_subcommand("create", "Makes the table");
  app.add_subcommand("analyze", "Makes it ready for questions");
  CLI::App* const fill = app.add_subcommand("fill", "Tells of some hosts");
  fill->add_option("--first", options.first, "The first of them");
  fill->add_option("--count", options.count, "How many");
  CLI::App* const list = app.add_subcommand("list", "Lists endpoints");
  list->add_option("--connections", options.connections,
                   "How many, which have 16 questions in flight together")
      ->check(CLI::Range(1, 16));
  list->add_option("--seconds", options.seconds, "For how long");
  CLI11_PARSE(app, argc, argv);
  const absl::Status status =
      connreg::Run(app.get_subcommands().front()->get_name(), options);
  if (!status.ok()) std::cerr << "postgres_load: " << status.message() << '\n';
  return status.ok() ? 0 : 2;
}
