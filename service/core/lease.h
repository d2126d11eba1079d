#ifndef CONNREG_SERVICE_CORE_LEASE_H_
#define CONNREG_SERVICE_CORE_LEASE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "service/model/row_digest.h"
#include "service/model/socket.h"

namespace connreg {

// Names one lease from its grant to its end. A reporter that comes back after
// its lease ended gets another one, with a higher id, so that what is left to
// do for the old one cannot touch the rows of the new.
enum class LeaseId : uint64_t {};

// Lease is what all rows of one reporter share while it is believed: who
// reports them, whether it has gone silent, and how many they are.
//
// Thread-safe.
class Lease {
 public:
  Lease(LeaseId lease_id, Reporter lease_reporter)
      : id(lease_id), reporter(std::move(lease_reporter)) {}

  // Since when what its holder said is not known to hold any more, while its
  // rows are kept all the same.
  std::optional<absl::Time> stale_since() const {
    const int64_t nanos = stale_since_.load();
    if (nanos == kInForce) return std::nullopt;
    return absl::FromUnixNanos(nanos);
  }
  // The same of a row that was said under `row_mark`: what a snapshot that goes
  // on has said holds again.
  std::optional<absl::Time> stale_since(uint32_t row_mark) const {
    if (is_syncing_.load() && row_mark == mark()) return std::nullopt;
    return stale_since();
  }
  void SetInForce() {
    stale_since_.store(kInForce);
    is_syncing_.store(false);
  }
  // Its holder speaks, and has not yet said all that there is.
  void SetSyncing() { is_syncing_.store(true); }
  // `since` counts unless it was stale already.
  void SetStale(absl::Time since) {
    is_syncing_.store(false);
    if (stale_since_.load() == kInForce)
      stale_since_.store(absl::ToUnixNanos(since));
  }

  // Numbers the snapshots. Each row has the mark under which it was said last,
  // so that when a snapshot ends those that it lacks can be told.
  uint32_t mark() const { return mark_.load(); }
  void AdvanceMark() { ++mark_; }

  // Of all its rows as they were reported; kept for agents only.
  RowDigest digest() const { return {rows.load(), digest_sum.load()}; }

  const LeaseId id;
  const Reporter reporter;
  // How many rows it has, how many of them are listeners, and how many more
  // there was no room for.
  std::atomic<size_t> rows{0};
  std::atomic<size_t> listeners{0};
  std::atomic<size_t> refused{0};
  // See digest(). What adds a row, or takes it away, adds to it accordingly.
  std::atomic<uint64_t> digest_sum{0};

 private:
  static constexpr int64_t kInForce = std::numeric_limits<int64_t>::min();

  // In nanoseconds of Unix time.
  std::atomic<int64_t> stale_since_{kInForce};
  std::atomic<bool> is_syncing_{false};
  std::atomic<uint32_t> mark_{0};
};

using LeasePtr = std::shared_ptr<Lease>;

// The digest of a row of `reporter`, as far as one is kept: 0 for programs'
// rows, which nobody claims.
template <typename Facts>
uint64_t DigestFor(const Reporter& reporter, const Facts& facts) {
  return reporter.kind == ReporterKind::kAgent ? DigestOf(facts) : 0;
}

// The reporter of `lease`, which lives as long as the lease does.
inline std::shared_ptr<const Reporter> ReporterOf(const LeasePtr& lease) {
  return {lease, &lease->reporter};
}

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_LEASE_H_
