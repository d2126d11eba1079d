// What a question costs inside the service: from the request's message to the
// serialized response, without gRPC. CONNREG_BENCH_ROWS sets how many rows
// there are.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "connreg/v1/registry_service.pb.h"
#include "google/protobuf/arena.h"
#include "service/core/registry.h"
#include "service/wire/batch_lookup.h"
#include "service/wire/listing.h"
#include "service/wire/lookup.h"

namespace connreg {
namespace {

constexpr size_t kEndpoints = 156;
constexpr size_t kClients = 64;
constexpr size_t kHostRows = kEndpoints * kClients;
constexpr size_t kQuestions = 1000;
// About how many connections the requests of one run ask for.
constexpr size_t kItems = 100'000;

IpAddress Address(uint8_t block, size_t number) {
  return IpAddress::V4({block, static_cast<uint8_t>(number >> 16),
                        static_cast<uint8_t>(number >> 8),
                        static_cast<uint8_t>(number)});
}

Endpoint ServerAt(size_t host, size_t endpoint) {
  return Endpoint::Create(Address(10, host + 1),
                          static_cast<uint32_t>(2000 + endpoint))
      .value();
}

// Each client has one connection.
Endpoint ClientOf(size_t host, size_t endpoint, size_t client) {
  const size_t number = host * kHostRows + endpoint * kClients + client;
  return Endpoint::Create(Address(100, number / 16),
                          static_cast<uint32_t>(30'000 + number % 16))
      .value();
}

std::string NameOf(size_t host) { return absl::StrCat("server-", host); }

Owners OwnersOf(size_t endpoint) {
  return Owners::Known(
      {{.pid = static_cast<int32_t>(1000 + endpoint),
        .start_time = absl::FromUnixSeconds(1'700'000'000 + endpoint),
        .name = absl::StrCat("service-", endpoint),
        .uid = 1000,
        .user = "service",
        .executable = absl::StrCat("/usr/bin/service-", endpoint)}});
}

RowBatch RowsOf(size_t host) {
  RowBatch batch{
      .seq = 1, .kind = RowBatch::Kind::kSnapshot, .first = true, .last = true};
  uint64_t cookie = 1;
  for (size_t endpoint = 0; endpoint < kEndpoints; ++endpoint) {
    const Socket socket{.netns = "4026531840",
                        .family = SocketFamily::kIpv4,
                        .cookie = cookie++,
                        .inode = 100'000 + cookie,
                        .uid = 1000,
                        .owners = OwnersOf(endpoint)};
    const Endpoint local = ServerAt(host, endpoint);
    batch.listeners.push_back({.socket = socket, .local = local});
    for (size_t client = 0; client < kClients; ++client) {
      ConnectionFacts facts{
          .socket = socket,
          .tuple = FourTuple::Create(local, ClientOf(host, endpoint, client))
                       .value(),
          .role = Role::kServer,
          .evidence = RoleEvidence::kListener,
          .listener_cookie = socket.cookie};
      facts.socket.cookie = cookie++;
      facts.socket.inode = 100'000 + cookie;
      batch.connections.push_back(std::move(facts));
    }
  }
  return batch;
}

// A registry of many servers, whose clients are strangers.
class Fleet {
 public:
  static const Fleet& Get() {
    static const Fleet* const kFleet = new Fleet();
    return *kFleet;
  }

  const Registry& registry() const { return registry_; }
  size_t hosts() const { return hosts_; }

 private:
  Fleet() : hosts_(RowsWanted() / kHostRows + 1) {
    for (size_t host = 0; host < hosts_; ++host) {
      const SessionOpening opening{
          .reporter = {.kind = ReporterKind::kAgent,
                       .name = "agent",
                       .host = NameOf(host),
                       .network = "default"},
          .boot_id = "boot",
          .instance = "run",
          .ttl = absl::Hours(24),
          .namespaces = {{.netns = "4026531840",
                          .prefixes = {{.prefix = Prefix(Address(10, host + 1)),
                                        .device = "eth0"}}}},
          .digest = {.rows = 1}};
      std::optional<Epoch> superseded;
      const Epoch epoch =
          registry_.OpenSession(opening, &superseded).value().epoch;
      if (!registry_.Apply(epoch, RowsOf(host)).ok()) std::abort();
    }
  }

  static size_t RowsWanted() {
    size_t rows = 100'000;
    if (const char* text = std::getenv("CONNREG_BENCH_ROWS"))
      if (!absl::SimpleAtoi(text, &rows)) std::abort();
    return rows;
  }

  const size_t hosts_;
  Registry registry_{{.run_id = "b72ae6a2d1f04d3f",
                      .hash_key = {1, 2},
                      .limits = {.rows = 100'000'000},
                      .sync_time = absl::ZeroDuration()},
                     Clock::System()};
};

// What is asked about: a connection of the fleet.
struct Place {
  explicit Place(std::mt19937& random)
      : host(random() % Fleet::Get().hosts()),
        endpoint(random() % kEndpoints),
        client(random() % kClients) {}

  size_t host;
  size_t endpoint;
  size_t client;
};

void Append(const Endpoint& end, std::string* addresses,
            google::protobuf::RepeatedField<uint32_t>* ports) {
  const auto& bytes = end.address().bytes();
  addresses->append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  ports->Add(end.port());
}

std::string BatchRequest(std::mt19937& random) {
  v1::BatchLookupRequest request;
  for (size_t i = 0; i < kQuestions; ++i) {
    const Place place(random);
    Append(ClientOf(place.host, place.endpoint, place.client),
           request.mutable_client_addresses(), request.mutable_client_ports());
    Append(ServerAt(place.host, place.endpoint),
           request.mutable_server_addresses(), request.mutable_server_ports());
  }
  return request.SerializeAsString();
}

void Set(const Endpoint& end, v1::Endpoint* proto) {
  proto->set_address(end.address().ToString());
  proto->set_port(end.port());
}

std::string LookupRequestFor(std::mt19937& random) {
  const Place place(random);
  v1::LookupRequest request;
  Set(ClientOf(place.host, place.endpoint, place.client),
      request.mutable_four_tuple()->mutable_client());
  Set(ServerAt(place.host, place.endpoint),
      request.mutable_four_tuple()->mutable_server());
  return request.SerializeAsString();
}

std::string ListRequest(std::mt19937& random) {
  const Place place(random);
  v1::ListConnectionsRequest request;
  Set(ServerAt(place.host, place.endpoint), request.mutable_endpoint());
  return request.SerializeAsString();
}

void Answer(const Registry& registry, const v1::BatchLookupRequest& request,
            v1::BatchLookupResponse* response) {
  const auto question = BatchLookupQuestionFromProto(request);
  ToProto(*question, registry.BatchLookup(*question), response);
  if (response->outcomes(0) != v1::LOOKUP_OUTCOME_CONNECTION) std::abort();
}

void Answer(const Registry& registry, const v1::LookupRequest& request,
            v1::LookupResponse* response) {
  const auto question = LookupQuestionFromProto(request);
  ToProto(registry.Lookup(*question), response);
  if (response->connections().listeners_size() != 1) std::abort();
}

void Answer(const Registry& registry, const v1::ListConnectionsRequest& request,
            v1::ListConnectionsResponse* response) {
  const auto query = ConnectionQueryFromProto(request, registry.run_id());
  ToProto(registry.ListConnections(*query), request, response);
  if (response->connections_size() != kClients) std::abort();
}

// How the memory of messages is had.
enum class Messages { kInArena, kUsedAgain };

// Answers requests made by `make`, of which each is about `items` items.
template <typename Request, typename Response>
void Measure(benchmark::State& state, std::string (*make)(std::mt19937&),
             size_t items) {
  const Registry& registry = Fleet::Get().registry();
  std::mt19937 random(static_cast<uint32_t>(state.thread_index()));
  std::vector<std::string> requests;
  for (size_t i = 0; i < kItems / items; ++i) requests.push_back(make(random));
  const bool in_arena =
      static_cast<Messages>(state.range(0)) == Messages::kInArena;
  std::vector<char> block(1 << 20);
  Request used_request;
  Response used_response;
  std::string bytes;
  size_t next = 0;
  for (auto _ : state) {
    google::protobuf::Arena arena(block.data(), block.size());
    auto* request =
        in_arena ? google::protobuf::Arena::CreateMessage<Request>(&arena)
                 : &used_request;
    auto* response =
        in_arena ? google::protobuf::Arena::CreateMessage<Response>(&arena)
                 : &used_response;
    request->ParseFromString(requests[next++ % requests.size()]);
    response->Clear();
    Answer(registry, *request, response);
    response->SerializeToString(&bytes);
    benchmark::DoNotOptimize(bytes.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(items));
  state.counters["bytes"] = static_cast<double>(bytes.size());
}

void AllWays(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("used_again")
      ->Arg(static_cast<int64_t>(Messages::kInArena))
      ->Arg(static_cast<int64_t>(Messages::kUsedAgain));
}

void BatchLookup(benchmark::State& state) {
  Measure<v1::BatchLookupRequest, v1::BatchLookupResponse>(state, BatchRequest,
                                                           kQuestions);
}
BENCHMARK(BatchLookup)->Apply(AllWays)->Unit(benchmark::kMicrosecond);

void Lookup(benchmark::State& state) {
  Measure<v1::LookupRequest, v1::LookupResponse>(state, LookupRequestFor, 1);
}
BENCHMARK(Lookup)->Apply(AllWays);

void ListConnections(benchmark::State& state) {
  Measure<v1::ListConnectionsRequest, v1::ListConnectionsResponse>(
      state, ListRequest, kClients);
}
BENCHMARK(ListConnections)->Apply(AllWays)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace connreg

BENCHMARK_MAIN();
