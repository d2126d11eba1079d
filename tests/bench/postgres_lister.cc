#include "tests/bench/postgres_lister.h"

#include <array>
#include <utility>

#include "absl/time/clock.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

constexpr size_t kListings = 20'000;

constexpr char kList[] =
    "SELECT client, client_port, state, cookie, inode, pid, process"
    " FROM connections WHERE server = $1 AND server_port = $2";

}  // namespace

PostgresLister::PostgresLister(PostgresConnection connection,
                               const AcceptingFleet& fleet, size_t first,
                               size_t step)
    : connection_(std::move(connection)) {
  for (size_t i = first; i < kListings; i += step) {
    const Endpoint server = fleet.ServerOf(fleet.Draw(i));
    questions_.push_back({InetOf(server.address()), ""});
    Append<int32_t>(server.port(), &questions_.back().port);
  }
}

absl::Status PostgresLister::Prepare() {
  const PostgresResult result(
      PQprepare(connection_.get(), "list", kList, 2, nullptr));
  if (PQresultStatus(result.get()) != PGRES_COMMAND_OK ||
      PQenterPipelineMode(connection_.get()) != 1)
    return ErrorOf(connection_);
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> PostgresLister::Run(size_t in_flight, absl::Time end) {
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

// Asks for the answer at once, without ending the transaction.
absl::Status PostgresLister::Ask() {
  const Question& question = questions_[asked_++ % questions_.size()];
  const std::array<const char*, 2> values = {question.address.data(),
                                             question.port.data()};
  const std::array<int, 2> lengths = {static_cast<int>(question.address.size()),
                                      static_cast<int>(question.port.size())};
  const std::array<int, 2> binary = {1, 1};
  if (PQsendQueryPrepared(connection_.get(), "list", 2, values.data(),
                          lengths.data(), binary.data(), 1) != 1 ||
      PQsendFlushRequest(connection_.get()) != 1 ||
      PQflush(connection_.get()) == -1)
    return ErrorOf(connection_);
  return absl::OkStatus();
}

absl::Status PostgresLister::Take() {
  const PostgresResult result(PQgetResult(connection_.get()));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK)
    return ErrorOf(connection_);
  if (PQntuples(result.get()) != AcceptingFleet::kConnectionsOfEndpoint)
    return absl::DataLossError("postgres did not find each connection");
  // The end of this question's results.
  const PostgresResult none(PQgetResult(connection_.get()));
  return absl::OkStatus();
}

}  // namespace connreg
