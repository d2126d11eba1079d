#ifndef CONNREG_TESTS_BENCH_POINTER_CHASE_H_
#define CONNREG_TESTS_BENCH_POINTER_CHASE_H_

#include <cstddef>
#include <cstdint>
#include <memory>

namespace connreg {

// PointerChase is what memory alone allows: cache lines in one large circle, in
// random order, each of which says where the next is. Who follows it waits for
// memory at each step; who follows many chains at once, for as many at a time
// as the processor can have under way.
//
// Thread-safe.
class PointerChase {
 public:
  // Over so many bytes, in huge pages if the system has some.
  explicit PointerChase(size_t bytes);

  size_t lines() const { return lines_; }

  // Goes `steps` steps with each of `kChains` chains, and returns where one of
  // them has come to. They begin at places that depend on `seed`.
  template <size_t kChains>
  uint64_t Follow(size_t steps, uint64_t seed) const {
    uint64_t places[kChains];
    for (size_t i = 0; i < kChains; ++i)
      places[i] = (seed * kChains + i) * 2'654'435'761 % lines_;
    for (size_t step = 0; step < steps; ++step)
      for (uint64_t& place : places) place = memory_[place].next;
    return places[0];
  }

 private:
  struct alignas(64) Line {
    uint64_t next;
  };
  struct Unmap {
    size_t bytes;
    void operator()(Line* memory) const;
  };

  const size_t lines_;
  const std::unique_ptr<Line[], Unmap> memory_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_POINTER_CHASE_H_
