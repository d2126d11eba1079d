#include "tests/bench/fleet_table.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace connreg {
namespace {

constexpr size_t kBatchRows = 1'000;
// As many as are far more than a processor caches.
constexpr size_t kQuestions = 1'000'000;

constexpr SipHashKey kHashKey = {.k0 = 0x0706050403020100,
                                 .k1 = 0x0f0e0d0c0b0a0908};

size_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  size_t all = 0;
  size_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

FleetTable::FleetTable(size_t hosts, size_t more_hosts)
    : fleet_(hosts + more_hosts),
      history_(absl::Now()),
      capacity_(Limits{.rows = fleet_.connections()}),
      table_(kHashKey, {.closed_age = absl::Hours(1), .closed_rows = 100'000},
             Clock::System(), history_, capacity_),
      leases_(hosts + more_hosts) {
  const size_t before = ResidentBytes();
  for (size_t host = 0; host < hosts; ++host) Add(host, RowsOf(host));
  bytes_ = ResidentBytes() - before;
  const AcceptingFleet present(hosts);
  questions_.reserve(kQuestions);
  for (size_t i = 0; i < kQuestions; ++i)
    questions_.push_back(present.TupleOf(present.Draw(i)));
}

FleetTable::Rows FleetTable::RowsOf(size_t host) const {
  Rows rows;
  for (RowBatch& batch : fleet_.SnapshotOf(host, kBatchRows))
    rows.push_back(std::move(batch.connections));
  return rows;
}

void FleetTable::Add(size_t host, const Rows& rows) {
  leases_[host] = std::make_shared<Lease>(LeaseId{host + 1},
                                          AcceptingFleet::ReporterOf(host));
  Refusals refusals;
  for (const std::vector<ConnectionFacts>& batch : rows)
    table_.Put(batch, leases_[host], &refusals);
  if (refusals.total() > 0) std::abort();
}

void FleetTable::Remove(size_t host) {
  const size_t removed = table_.RemoveLease(*leases_[host], std::nullopt);
  if (removed != AcceptingFleet::kConnectionsOfHost) std::abort();
  leases_[host].reset();
}

}  // namespace connreg
