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

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <sys/socket.h>

#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <bit>
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

constexpr size_t kListings = 20'000;
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

constexpr char kList[] =
    "SELECT client, client_port, state, cookie, inode, pid, process"
    " FROM connections WHERE server = $1 AND server_port = $2";

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, Finish>;
struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Clear>;

absl::Status ErrorOf(const Connection& connection) {
  return absl::UnavailableError(
      absl::StrCat("postgres: ", PQerrorMessage(connection.get())));
}

absl::StatusOr<Connection> Connect(const Options& options) {
  Connection connection(PQconnectdb(options.database.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK) return ErrorOf(connection);
  return connection;
}

absl::Status Execute(const Connection& connection, const char* command,
                     ExecStatusType expected = PGRES_COMMAND_OK) {
  const Result result(PQexec(connection.get(), command));
  if (PQresultStatus(result.get()) != expected) return ErrorOf(connection);
  return absl::OkStatus();
}

// Appends `value` in network byte order.
template <typename Value>
void Append(Value value, std::string* bytes) {
  for (int shift = 8 * (sizeof(Value) - 1); shift >= 0; shift -= 8)
    bytes->push_back(static_cast<char>(value >> shift));
}

// A field of a row: its length, then itself.
template <typename Value>
void AppendField(Value value, std::string* bytes) {
  Append<int32_t>(sizeof(Value), bytes);
  Append(value, bytes);
}

// As inet_send() of PostgreSQL has it. The family is PostgreSQL's own constant,
// which for IPv4 is AF_INET.
std::string InetOf(const IpAddress& address) {
  std::string bytes = {AF_INET, 32, 0, 4};
  bytes.append(address.bytes().end() - 4, address.bytes().end());
  return bytes;
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

absl::Status Copy(const Connection& connection,
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
  const Result result(PQgetResult(connection.get()));
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
  ASSIGN_OR_RETURN(const Connection connection, Connect(options));
  const absl::Time start = absl::Now();
  RETURN_IF_ERROR(Copy(connection, parts));
  Print(rows, absl::Now() - start);
  return absl::OkStatus();
}

// Lists endpoints over one connection, several at a time.
class Lister {
 public:
  // Of the endpoints drawn, every one in `step` from `first` on.
  Lister(Connection connection, const AcceptingFleet& fleet, size_t first,
         size_t step)
      : connection_(std::move(connection)) {
    for (size_t i = first; i < kListings; i += step) {
      const Endpoint server = fleet.ServerOf(fleet.Draw(i));
      questions_.push_back({InetOf(server.address()), ""});
      Append<int32_t>(server.port(), &questions_.back().port);
    }
  }

  absl::Status Prepare() {
    const Result result(
        PQprepare(connection_.get(), "list", kList, 2, nullptr));
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK ||
        PQenterPipelineMode(connection_.get()) != 1)
      return ErrorOf(connection_);
    return absl::OkStatus();
  }

  // How many rows were listed, with so many questions in flight.
  absl::StatusOr<uint64_t> Run(size_t in_flight, absl::Time end) {
    uint64_t rows = 0;
    for (size_t i = 0; i < in_flight; ++i) RETURN_IF_ERROR(Ask());
    while (in_flight > 0) {
      RETURN_IF_ERROR(Take());
      rows += AcceptingFleet::kConnectionsOfEndpoint;
      if (absl::Now() < end)
        RETURN_IF_ERROR(Ask());
      else
        --in_flight;
    }
    return rows;
  }

 private:
  struct Question {
    std::string address;
    std::string port;
  };

  // Asks for the answer at once, without ending the transaction.
  absl::Status Ask() {
    const Question& question = questions_[asked_++ % questions_.size()];
    const std::array<const char*, 2> values = {question.address.data(),
                                               question.port.data()};
    const std::array<int, 2> lengths = {
        static_cast<int>(question.address.size()),
        static_cast<int>(question.port.size())};
    const std::array<int, 2> binary = {1, 1};
    if (PQsendQueryPrepared(connection_.get(), "list", 2, values.data(),
                            lengths.data(), binary.data(), 1) != 1 ||
        PQsendFlushRequest(connection_.get()) != 1 ||
        PQflush(connection_.get()) == -1)
      return ErrorOf(connection_);
    return absl::OkStatus();
  }

  absl::Status Take() {
    const Result result(PQgetResult(connection_.get()));
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK)
      return ErrorOf(connection_);
    if (PQntuples(result.get()) != AcceptingFleet::kConnectionsOfEndpoint)
      return absl::DataLossError("postgres did not find each connection");
    // The end of this question's results.
    const Result none(PQgetResult(connection_.get()));
    return absl::OkStatus();
  }

  Connection connection_;
  std::vector<Question> questions_;
  size_t asked_ = 0;
};

// One thread for each connection, since each has a process of its own there.
absl::Status List(const Options& options) {
  const AcceptingFleet fleet(options.hosts);
  std::vector<Lister> listers;
  for (size_t i = 0; i < options.connections; ++i) {
    ASSIGN_OR_RETURN(Connection connection, Connect(options));
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
  ASSIGN_OR_RETURN(const Connection connection, Connect(options));
  return Execute(connection, kSchema);
}

// What the planner is to know, and an index is to be trusted with.
absl::Status Analyze(const Options& options) {
  ASSIGN_OR_RETURN(const Connection connection, Connect(options));
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
