#ifndef CONNREG_SERVICE_CORE_CAPACITY_H_
#define CONNREG_SERVICE_CORE_CAPACITY_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <optional>
#include <vector>

#include "service/core/lease.h"
#include "service/model/registration.h"
#include "service/model/report.h"

namespace connreg {

// How much a registry takes.
struct Limits {
  // Of listeners and connections together.
  size_t rows = 5'000'000;
  size_t rows_per_reporter = 1'000'000;
  // These bound the work that is done at one place under its lock.
  size_t rows_per_four_tuple = 1024;
  size_t listeners_per_endpoint = 4096;
  size_t namespaces_per_reporter = kMaxNamespaces;
  size_t prefixes_per_reporter = 100'000;
  size_t reporters = 100'000;

  size_t Of(RowLimit limit) const;
};

// Capacity says which rows there is room for, and counts those that there was
// none for. Rows are only let in by it, never kept from leaving.
//
// Thread-safe.
class Capacity {
 public:
  explicit Capacity(const Limits& limits) : limits_(limits) {}

  // Makes room for one more row of `lease`, or returns the limit that stands
  // against it.
  std::optional<RowLimit> Take(Lease& lease);
  // Gives the room of a row of `lease` back.
  void Release(Lease& lease);
  // For how many more rows of `lease` there is room.
  size_t RoomFor(const Lease& lease) const;
  // Lets a row of `from` be one of `to`, whatever the limits say.
  static void Move(Lease& from, Lease& to);

  // Notes a row that was kept out.
  void CountRefused(RowLimit limit, Lease& lease);
  // Notes a request of a reporter that got no lease.
  void CountTurnedAway();

  const Limits& limits() const { return limits_; }
  // All limits, with how many rows each has kept out.
  std::vector<LimitReached> Reached() const;
  // Those of `refusals` that kept rows out.
  std::vector<LimitReached> Reached(const Refusals& refusals) const;

 private:
  const Limits limits_;
  std::atomic<size_t> rows_{0};
  std::array<std::atomic<size_t>, kRowLimits> refused_{};
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_CAPACITY_H_
