#ifndef CONNREG_TESTS_BENCH_LATENCIES_H_
#define CONNREG_TESTS_BENCH_LATENCIES_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace connreg {

// Latencies counts how long things took, in buckets as HdrHistogram's: each
// power of two of nanoseconds has 64 of them, so that what it tells is at most
// 1.6 % too high.
//
// Not thread-safe.
class Latencies {
 public:
  // Not negative.
  void Add(absl::Duration latency) {
    const auto nanos = static_cast<uint64_t>(absl::ToInt64Nanoseconds(latency));
    ++buckets_[BucketOf(nanos)];
    ++count_;
    longest_ = std::max(longest_, nanos);
  }

  uint64_t count() const { return count_; }
  absl::Duration longest() const {
    return absl::Nanoseconds(static_cast<int64_t>(longest_));
  }

  // What `share` of them are not above; 0 if there are none.
  absl::Duration At(double share) const {
    const double wanted = share * static_cast<double>(count_);
    uint64_t seen = 0;
    for (size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (static_cast<double>(seen) >= wanted && seen > 0)
        return std::min(longest(), absl::Nanoseconds(EndOf(i)));
    }
    return longest();
  }

 private:
  static constexpr int kBits = 6;
  static constexpr uint64_t kSteps = 1 << kBits;

  // The first 64 are of one nanosecond each.
  static size_t BucketOf(uint64_t nanos) {
    if (nanos < kSteps) return nanos;
    const int shift = std::bit_width(nanos) - kBits - 1;
    return static_cast<size_t>(shift) * kSteps + (nanos >> shift);
  }

  // The last that bucket `i` counts.
  static int64_t EndOf(size_t i) {
    if (i < kSteps) return static_cast<int64_t>(i);
    const uint64_t shift = i / kSteps - 1;
    return static_cast<int64_t>(((i - shift * kSteps + 1) << shift) - 1);
  }

  std::array<uint64_t, (64 - kBits + 1) * kSteps> buckets_{};
  uint64_t count_ = 0;
  uint64_t longest_ = 0;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_LATENCIES_H_
