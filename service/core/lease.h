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

  // Since when it is lapsed, while its rows are kept all the same.
  std::optional<absl::Time> stale_since() const {
    const int64_t nanos = stale_since_.load();
    if (nanos == kInForce) return std::nullopt;
    return absl::FromUnixNanos(nanos);
  }
  void SetStale(absl::Time since) {
    stale_since_.store(absl::ToUnixNanos(since));
  }
  void SetInForce() { stale_since_.store(kInForce); }

  const LeaseId id;
  const Reporter reporter;
  // How many rows it has, how many of them are listeners, and how many more
  // there was no room for.
  std::atomic<size_t> rows{0};
  std::atomic<size_t> listeners{0};
  std::atomic<size_t> refused{0};

 private:
  static constexpr int64_t kInForce = std::numeric_limits<int64_t>::min();

  // In nanoseconds of Unix time.
  std::atomic<int64_t> stale_since_{kInForce};
};

using LeasePtr = std::shared_ptr<Lease>;

// The reporter of `lease`, which lives as long as the lease does.
inline std::shared_ptr<const Reporter> ReporterOf(const LeasePtr& lease) {
  return {lease, &lease->reporter};
}

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_LEASE_H_
