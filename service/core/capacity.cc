#include "service/core/capacity.h"

#include <algorithm>

namespace connreg {
namespace {

// Counts one more, unless that is more than `limit`.
bool Increment(std::atomic<size_t>& count, size_t limit) {
  size_t before = count.load();
  do {
    if (before >= limit) return false;
  } while (!count.compare_exchange_weak(before, before + 1));
  return true;
}

}  // namespace

size_t Limits::Of(RowLimit limit) const {
  switch (limit) {
    case RowLimit::kRows:
      return rows;
    case RowLimit::kRowsPerReporter:
      return rows_per_reporter;
    case RowLimit::kRowsPerFourTuple:
      return rows_per_four_tuple;
    case RowLimit::kListenersPerEndpoint:
      return listeners_per_endpoint;
    case RowLimit::kNamespacesPerReporter:
      return namespaces_per_reporter;
    case RowLimit::kPrefixesPerReporter:
      return prefixes_per_reporter;
    case RowLimit::kReporters:
      return reporters;
  }
  return 0;
}

std::optional<RowLimit> Capacity::Take(Lease& lease) {
  if (!Increment(lease.rows, limits_.rows_per_reporter))
    return RowLimit::kRowsPerReporter;
  if (Increment(rows_, limits_.rows)) return std::nullopt;
  --lease.rows;
  return RowLimit::kRows;
}

void Capacity::Release(Lease& lease) {
  --lease.rows;
  --rows_;
}

size_t Capacity::RoomFor(const Lease& lease) const {
  const auto left = [](size_t limit, size_t taken) {
    return limit - std::min(limit, taken);
  };
  return std::min(left(limits_.rows_per_reporter, lease.rows.load()),
                  left(limits_.rows, rows_.load()));
}

void Capacity::Move(Lease& from, Lease& to) {
  --from.rows;
  ++to.rows;
}

void Capacity::CountRefused(RowLimit limit, Lease& lease) {
  ++lease.refused;
  ++refused_[static_cast<size_t>(limit) - 1];
}

void Capacity::CountTurnedAway() {
  ++refused_[static_cast<size_t>(RowLimit::kReporters) - 1];
}

std::vector<LimitReached> Capacity::Reached() const {
  std::vector<LimitReached> reached;
  for (size_t i = 0; i < kRowLimits; ++i) {
    const auto limit = static_cast<RowLimit>(i + 1);
    reached.push_back({limit, limits_.Of(limit), refused_[i].load()});
  }
  return reached;
}

std::vector<LimitReached> Capacity::Reached(const Refusals& refusals) const {
  std::vector<LimitReached> reached;
  for (size_t i = 0; i < kRowLimits; ++i) {
    const auto limit = static_cast<RowLimit>(i + 1);
    if (refusals.of(limit) > 0)
      reached.push_back({limit, limits_.Of(limit), refusals.of(limit)});
  }
  return reached;
}

}  // namespace connreg
