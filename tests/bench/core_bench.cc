// What the table of connections costs without a service around it, beside what
// the machine's memory allows.
//
//   core_bench --benchmark_filter=10M
//
// Tables are filled when they are asked for first: 10 M rows take 2 GB.

#include <benchmark/benchmark.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "service/base/mutex.h"
#include "tests/bench/fleet_table.h"
#include "tests/bench/pointer_chase.h"

namespace connreg {
namespace {

// Of 9,984 rows: 1 M, 10 M and 50 M.
constexpr int64_t k1M = 100;
constexpr int64_t k10M = 1'002;
constexpr int64_t k50M = 5'010;
// How many hosts come and go at a time.
constexpr size_t kMoreHosts = 10;
// How many questions are asked together.
constexpr size_t kBatch = 1'000;

// The table of so many hosts.
FleetTable& TableOf(int64_t hosts) {
  static Mutex mutex;
  static auto& tables = *new std::map<int64_t, std::unique_ptr<FleetTable>>;
  const MutexLock lock(mutex);
  std::unique_ptr<FleetTable>& table = tables[hosts];
  if (!table) table = std::make_unique<FleetTable>(hosts, kMoreHosts);
  return *table;
}

// As large as the table of 10 M rows.
template <size_t kChains>
void Chase(benchmark::State& state) {
  static const PointerChase& chase = *new PointerChase(TableOf(k10M).bytes());
  constexpr size_t kSteps = 10'000;
  uint64_t seed = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(chase.Follow<kChains>(kSteps, ++seed));
  state.SetItemsProcessed(state.iterations() * kSteps * kChains);
}
BENCHMARK(Chase<1>)->Name("chase/1");
BENCHMARK(Chase<32>)->Name("chase/32");

// How many rows have the cookie that each has: none has 0.
size_t LookUp(const ConnectionTable& table,
              absl::Span<const FourTuple> tuples) {
  size_t found = 0;
  table.FindEach(tuples, "", [&](size_t, const RowView& row) {
    found += row.cookie() != 0;
  });
  return found;
}

// Questions asked `together` at a time, of a table with so many hosts.
void LookUps(benchmark::State& state, int64_t hosts, size_t together) {
  const FleetTable& fleet = TableOf(hosts);
  const absl::Span<const FourTuple> questions = fleet.questions();
  // Each thread asks others.
  size_t next = static_cast<size_t>(state.thread_index()) * kBatch * 501;
  for (auto _ : state) {
    next = (next + kBatch) % questions.size();
    const absl::Span<const FourTuple> batch = questions.subspan(next, kBatch);
    size_t found = 0;
    for (size_t i = 0; i < kBatch; i += together)
      found += LookUp(fleet.table(), batch.subspan(i, together));
    if (found != kBatch) state.SkipWithError("not all were found once");
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
  state.counters["bytes_per_row"] =
      static_cast<double>(fleet.bytes()) /
      static_cast<double>(hosts * AcceptingFleet::kConnectionsOfHost);
}
BENCHMARK_CAPTURE(LookUps, of_1M, k1M, kBatch)->Name("batched/1M");
BENCHMARK_CAPTURE(LookUps, of_10M, k10M, kBatch)->Name("batched/10M");
BENCHMARK_CAPTURE(LookUps, of_50M, k50M, kBatch)->Name("batched/50M");
BENCHMARK_CAPTURE(LookUps, of_10M_threads, k10M, kBatch)
    ->Name("threads/10M")
    ->ThreadRange(1, 2)
    ->UseRealTime();
BENCHMARK_CAPTURE(LookUps, 10M_single, k10M, 1)->Name("single/10M");

double NanosSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::nano>(
             std::chrono::steady_clock::now() - start)
      .count();
}

// Hosts are added to a table of so many, then removed: nanoseconds a row.
void ComeAndGo(benchmark::State& state, int64_t hosts) {
  FleetTable& fleet = TableOf(hosts);
  std::vector<FleetTable::Rows> rows;
  for (size_t i = 0; i < kMoreHosts; ++i)
    rows.push_back(fleet.RowsOf(hosts + i));
  double insert = 0;
  double remove = 0;
  for (auto _ : state) {
    auto start = std::chrono::steady_clock::now();
    for (size_t i = 0; i < kMoreHosts; ++i) fleet.Add(hosts + i, rows[i]);
    insert += NanosSince(start);
    start = std::chrono::steady_clock::now();
    for (size_t i = 0; i < kMoreHosts; ++i) fleet.Remove(hosts + i);
    remove += NanosSince(start);
  }
  const double all = static_cast<double>(state.iterations() * kMoreHosts *
                                         AcceptingFleet::kConnectionsOfHost);
  state.counters["insert_ns"] = insert / all;
  state.counters["remove_ns"] = remove / all;
}
BENCHMARK_CAPTURE(ComeAndGo, 10M, k10M)->Name("come_and_go/10M");

}  // namespace
}  // namespace connreg

BENCHMARK_MAIN();
