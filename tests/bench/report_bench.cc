// What the rows of a Report stream cost before they reach the registry: the
// bytes of a message become rows, and each row gets its digest.

#include <malloc.h>

#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "connreg/v1/report.pb.h"
#include "service/model/row_digest.h"
#include "service/wire/report.h"

namespace connreg {
namespace {

constexpr int kRows = 1000;

// What a process accepts at one endpoint.
constexpr int kRowsOfEndpoint = 64;

Owners OwnersOf(int endpoint) {
  Process process{.pid = 1000 + endpoint,
                  .start_time = absl::FromUnixSeconds(1'700'000'000 + endpoint),
                  .name = absl::StrCat("worker-", endpoint),
                  .uid = 33,
                  .user = "www-data"};
  process.executable = "/usr/sbin/worker";
  return Owners::Known({std::move(process)});
}

// One message of a host with many connections of many clients.
std::string Message() {
  const IpAddress server = IpAddress::V4({10, 0, 0, 5});
  RowBatch batch{.seq = 1};
  Owners owners;
  for (int i = 0; i < kRows; ++i) {
    const int endpoint = i / kRowsOfEndpoint;
    if (i % kRowsOfEndpoint == 0) owners = OwnersOf(endpoint);
    const IpAddress client =
        IpAddress::V4({100, 64, static_cast<uint8_t>(i / 256),
                       static_cast<uint8_t>(i % 256)});
    ConnectionFacts facts{
        .socket = {.netns = "4026531840",
                   .transport = Transport::kTcp,
                   .family = SocketFamily::kIpv4,
                   .cookie = 100'000u + static_cast<uint64_t>(i),
                   .inode = 5'000'000u + static_cast<uint64_t>(i),
                   .uid = 33,
                   .owners = owners},
        .tuple =
            FourTuple::Create(Endpoint::Create(server, 5000 + endpoint).value(),
                              Endpoint::Create(client, 40'000 + i).value())
                .value(),
        .role = Role::kServer,
        .evidence = RoleEvidence::kListener,
        .listener_cookie = 500u + static_cast<uint64_t>(endpoint)};
    batch.connections.push_back(std::move(facts));
  }
  v1::ReportRequest request;
  ToProto(AgentMessage(std::move(batch)), &request);
  return request.SerializeAsString();
}

void SetRows(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * kRows);
}

void ParseMessage(benchmark::State& state) {
  const std::string bytes = Message();
  for (auto _ : state) {
    v1::ReportRequest request;
    benchmark::DoNotOptimize(request.ParseFromString(bytes));
  }
  SetRows(state);
}
BENCHMARK(ParseMessage);

void ReadRows(benchmark::State& state) {
  v1::ReportRequest request;
  request.ParseFromString(Message());
  for (auto _ : state) benchmark::DoNotOptimize(ReportFromProto(request));
  SetRows(state);
}
BENCHMARK(ReadRows);

void DigestRows(benchmark::State& state) {
  v1::ReportRequest request;
  request.ParseFromString(Message());
  const ReportMessage message = ReportFromProto(request).value();
  const RowBatch& batch = std::get<DecodedBatch>(message).batch;
  for (auto _ : state) {
    RowDigest digest;
    for (const ConnectionFacts& facts : batch.connections)
      digest.Add(DigestOf(facts));
    benchmark::DoNotOptimize(digest);
  }
  SetRows(state);
}
BENCHMARK(DigestRows);

void AllOfThat(benchmark::State& state) {
  const std::string bytes = Message();
  for (auto _ : state) {
    v1::ReportRequest request;
    request.ParseFromString(bytes);
    const ReportMessage message = ReportFromProto(request).value();
    RowDigest digest;
    for (const ConnectionFacts& facts :
         std::get<DecodedBatch>(message).batch.connections)
      digest.Add(DigestOf(facts));
    benchmark::DoNotOptimize(digest);
  }
  SetRows(state);
}
BENCHMARK(AllOfThat);

}  // namespace
}  // namespace connreg

int main(int argc, char** argv) {
  // As connregd has it.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
