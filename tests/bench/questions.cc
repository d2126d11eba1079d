#include "tests/bench/questions.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "connreg/v1/registry_service.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "service/base/status_macros.h"
#include "service/wire/socket.h"

namespace connreg {
namespace {

absl::Status Wrong(uint64_t connection, absl::string_view what) {
  return absl::DataLossError(
      absl::StrCat("connection ", connection, ": ", what));
}

absl::Status CheckConnection(const AcceptingFleet& fleet, uint64_t connection,
                             const v1::Connection& found) {
  if (found.observations_size() != 1)
    return Wrong(connection, absl::StrCat("it has ", found.observations_size(),
                                          " observations"));
  const v1::Observation& observation = found.observations(0);
  v1::Observation expected;
  ToProto(fleet.FactsOf(connection), &expected);
  expected.mutable_socket()->mutable_owners()->CopyFrom(
      observation.socket().owners());
  v1::Observation told = observation;
  told.clear_provenance();
  told.clear_derived();
  if (told.SerializeAsString() != expected.SerializeAsString())
    return Wrong(connection, absl::StrCat("not the facts reported, but ",
                                          told.ShortDebugString()));
  const Process process = fleet.ProcessOf(connection);
  const v1::Owners& owners = observation.socket().owners();
  if (owners.processes_size() != 1 ||
      owners.processes(0).pid() != process.pid ||
      owners.processes(0).name() != process.name)
    return Wrong(connection, "not its process");
  return absl::OkStatus();
}

class LookupQuestions final : public Questions {
 public:
  explicit LookupQuestions(const AcceptingFleet& fleet) : fleet_(fleet) {}

  std::string path() const override {
    return "/connreg.v1.RegistryService/Lookup";
  }
  size_t rows() const override { return 1; }
  size_t count() const override { return 200'000; }

  std::string Request(uint64_t number) const override {
    const FourTuple tuple = fleet_.TupleOf(fleet_.Draw(number));
    v1::LookupRequest request;
    ToProto(tuple.remote(), request.mutable_four_tuple()->mutable_client());
    ToProto(tuple.local(), request.mutable_four_tuple()->mutable_server());
    return request.SerializeAsString();
  }

  absl::Status Check(uint64_t number,
                     const std::string& response) const override {
    const uint64_t connection = fleet_.Draw(number);
    v1::LookupResponse answer;
    if (!answer.ParseFromString(response))
      return Wrong(connection, "an answer that does not parse");
    if (answer.connections().connections_size() != 1)
      return Wrong(connection,
                   absl::StrCat("not found, but ", answer.ShortDebugString()));
    if (answer.connections().order() != v1::TUPLE_ORDER_AS_ASKED)
      return Wrong(connection, "its ends in another order");
    return CheckConnection(fleet_, connection,
                           answer.connections().connections(0));
  }

 private:
  const AcceptingFleet& fleet_;
};

class BatchQuestions final : public Questions {
 public:
  explicit BatchQuestions(const AcceptingFleet& fleet) : fleet_(fleet) {}

  std::string path() const override {
    return "/connreg.v1.RegistryService/BatchLookup";
  }
  size_t rows() const override { return 1'000; }
  size_t count() const override { return 2'000; }

  std::string Request(uint64_t number) const override {
    v1::BatchLookupRequest request;
    for (size_t i = 0; i < rows(); ++i) {
      const FourTuple tuple = fleet_.TupleOf(Drawn(number, i));
      Add(tuple.remote(), request.mutable_client_addresses());
      request.add_client_ports(tuple.remote().port());
      Add(tuple.local(), request.mutable_server_addresses());
      request.add_server_ports(tuple.local().port());
    }
    return request.SerializeAsString();
  }

  absl::Status Check(uint64_t number,
                     const std::string& response) const override {
    v1::BatchLookupResponse answer;
    if (!answer.ParseFromString(response))
      return absl::DataLossError("an answer that does not parse");
    if (static_cast<size_t>(answer.outcomes_size()) != rows())
      return absl::DataLossError(
          absl::StrCat(answer.outcomes_size(), " outcomes"));
    for (size_t i = 0; i < rows(); ++i)
      RETURN_IF_ERROR(CheckOne(Drawn(number, i), static_cast<int>(i), answer));
    return absl::OkStatus();
  }

 private:
  static void Add(const Endpoint& endpoint, std::string* column) {
    const std::array<uint8_t, 16>& bytes = endpoint.address().bytes();
    column->append(bytes.begin(), bytes.end());
  }

  uint64_t Drawn(uint64_t number, size_t place) const {
    return fleet_.Draw(number * rows() + place);
  }

  absl::Status CheckOne(uint64_t connection, int place,
                        const v1::BatchLookupResponse& answer) const {
    if (answer.outcomes(place) != v1::LOOKUP_OUTCOME_CONNECTION ||
        answer.match_counts(place) != 1 ||
        answer.orders(place) != v1::TUPLE_ORDER_AS_ASKED)
      return Wrong(connection, "not found once, as asked");
    const v1::EndColumns& end = answer.servers();
    if (end.cookies(place) != fleet_.FactsOf(connection).socket.cookie)
      return Wrong(connection, "another socket");
    const Process process = fleet_.ProcessOf(connection);
    const int held = static_cast<int>(end.processes(place)) - 1;
    if (held < 0 ||
        answer.processes().pids(held) != static_cast<uint32_t>(process.pid) ||
        TextAt(answer, answer.processes().names(held)) != process.name)
      return Wrong(connection, "not its process");
    return absl::OkStatus();
  }

  static absl::string_view TextAt(const v1::BatchLookupResponse& answer,
                                  uint32_t place) {
    if (place == 0) return "";
    const int i = static_cast<int>(place) - 1;
    const size_t start = i == 0 ? 0 : answer.text_ends(i - 1);
    return absl::string_view(answer.texts())
        .substr(start, answer.text_ends(i) - start);
  }

  const AcceptingFleet& fleet_;
};

class ListQuestions final : public Questions {
 public:
  explicit ListQuestions(const AcceptingFleet& fleet) : fleet_(fleet) {}

  std::string path() const override {
    return "/connreg.v1.RegistryService/ListConnections";
  }
  size_t rows() const override {
    return AcceptingFleet::kConnectionsOfEndpoint;
  }
  size_t count() const override { return 20'000; }

  std::string Request(uint64_t number) const override {
    v1::ListConnectionsRequest request;
    ToProto(fleet_.ServerOf(fleet_.Draw(number)), request.mutable_endpoint());
    return request.SerializeAsString();
  }

  absl::Status Check(uint64_t number,
                     const std::string& response) const override {
    const uint64_t endpoint = AcceptingFleet::EndpointOf(fleet_.Draw(number));
    v1::ListConnectionsResponse answer;
    if (!answer.ParseFromString(response))
      return absl::DataLossError("an answer that does not parse");
    if (static_cast<size_t>(answer.connections_size()) != rows() ||
        !answer.next_page_token().empty())
      return absl::DataLossError(
          absl::StrCat("endpoint ", endpoint, ": ", answer.connections_size(),
                       " connections on its first page"));
    // In what order is the registry's affair; the cookies tell them apart.
    const uint64_t first = endpoint * rows();
    const uint64_t cookie = fleet_.FactsOf(first).socket.cookie;
    uint64_t seen = 0;
    for (const v1::Connection& connection : answer.connections()) {
      if (connection.observations_size() == 0)
        return absl::DataLossError("a connection without an observation");
      const uint64_t place =
          connection.observations(0).socket().cookie() - cookie;
      if (place >= rows()) return Wrong(first, "of another endpoint");
      seen |= uint64_t{1} << place;
      RETURN_IF_ERROR(CheckConnection(fleet_, first + place, connection));
    }
    if (~seen != 0) return Wrong(first, "not each connection of the endpoint");
    return absl::OkStatus();
  }

 private:
  const AcceptingFleet& fleet_;
};

class HealthQuestions final : public Questions {
 public:
  std::string path() const override { return "/grpc.health.v1.Health/Check"; }
  size_t rows() const override { return 1; }
  size_t count() const override { return 1; }

  std::string Request(uint64_t) const override { return ""; }

  absl::Status Check(uint64_t, const std::string& response) const override {
    grpc::health::v1::HealthCheckResponse answer;
    if (!answer.ParseFromString(response) ||
        answer.status() != grpc::health::v1::HealthCheckResponse::SERVING)
      return absl::DataLossError("it is not serving");
    return absl::OkStatus();
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<Questions>> Questions::Create(
    absl::string_view kind, const AcceptingFleet& fleet) {
  if (kind == "lookup") return std::make_unique<LookupQuestions>(fleet);
  if (kind == "batch") return std::make_unique<BatchQuestions>(fleet);
  if (kind == "list") return std::make_unique<ListQuestions>(fleet);
  if (kind == "health") return std::make_unique<HealthQuestions>();
  return absl::InvalidArgumentError(
      absl::StrCat("no kind of question is \"", kind, "\""));
}

}  // namespace connreg
