#ifndef CONNREG_TESTS_PROPERTY_SEED_H_
#define CONNREG_TESTS_PROPERTY_SEED_H_

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

#include "absl/strings/numbers.h"
#include "gtest/gtest.h"

namespace connreg {

// A test on random values. Every failure shows the seed, and the environment
// variable CONNREG_TEST_SEED repeats it.
class RandomTest : public testing::Test {
 protected:
  RandomTest() : seed_(Seed()), random_(seed_), trace_(Trace()) {
    RecordProperty("seed", std::to_string(seed_));
  }

  // A number from 0 to `limit` - 1.
  size_t Below(size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit - 1)(random_);
  }

  // True once in `times`.
  bool OneIn(size_t times) { return Below(times) == 0; }

  template <typename Container>
  const auto& AnyOf(const Container& container) {
    return container[Below(container.size())];
  }

 private:
  static uint64_t Seed() {
    const char* const text = std::getenv("CONNREG_TEST_SEED");
    uint64_t seed = 0;
    if (text != nullptr && absl::SimpleAtoi(text, &seed)) return seed;
    return std::random_device()();
  }

  testing::ScopedTrace Trace() const {
    return testing::ScopedTrace(__FILE__, __LINE__,
                                "CONNREG_TEST_SEED=" + std::to_string(seed_));
  }

  const uint64_t seed_;
  std::mt19937_64 random_;
  const testing::ScopedTrace trace_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_PROPERTY_SEED_H_
