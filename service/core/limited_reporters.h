#ifndef CONNREG_SERVICE_CORE_LIMITED_REPORTERS_H_
#define CONNREG_SERVICE_CORE_LIMITED_REPORTERS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "service/model/query.h"
#include "service/model/socket.h"

namespace connreg {

// LimitedReporters knows which reporters were lately refused rows, or a lease,
// for lack of room.
//
// Times are on the monotonic clock. Not thread-safe.
class LimitedReporters {
 public:
  // Counts `reporter` until then.
  void Add(const Reporter& reporter, absl::Duration until);
  // Counts it no longer.
  void Remove(const Reporter& reporter);
  // Removes those whose time is over.
  void Expire(absl::Duration now);

  size_t size() const { return until_.size(); }
  // How many of them report for hosts in `scope`.
  uint32_t Count(const Scope& scope) const;

 private:
  void Uncount(const Reporter& reporter);

  absl::flat_hash_map<Reporter, absl::Duration> until_;
  // No time in it is earlier.
  absl::Duration soonest_ = absl::InfiniteDuration();
  absl::flat_hash_map<std::string, uint32_t> by_network_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_LIMITED_REPORTERS_H_
