#ifndef CONNREG_TESTS_SIMULATION_DICE_H_
#define CONNREG_TESTS_SIMULATION_DICE_H_

#include <cstddef>
#include <cstdint>
#include <iterator>

#include "absl/time/time.h"

namespace connreg::simulation {

// Dice are all the chance that there is in a run: equal seeds, equal throws, on
// every machine (SplitMix64: Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators", 2014).
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  // From 0 to 1, without 1.
  double Fraction() {
    return static_cast<double>(Next() >> 11) * (1.0 / (uint64_t{1} << 53));
  }

  // A number from 0 to `limit` - 1.
  size_t Below(size_t limit) { return Next() % limit; }

  // True once in `times`.
  bool OneIn(size_t times) { return Below(times) == 0; }

  absl::Duration Between(absl::Duration least, absl::Duration most) {
    const int64_t span = absl::ToInt64Microseconds(most - least);
    return least + absl::Microseconds(Below(static_cast<size_t>(span) + 1));
  }

  template <typename Container>
  auto& AnyOf(Container& container) {
    return container[Below(std::size(container))];
  }

 private:
  uint64_t state_;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_DICE_H_
