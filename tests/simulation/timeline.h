#ifndef CONNREG_TESTS_SIMULATION_TIMELINE_H_
#define CONNREG_TESTS_SIMULATION_TIMELINE_H_

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "service/base/clock.h"

namespace connreg::simulation {

// Timeline is the time of a run: what is to happen, in the order in which it
// does. What is put for one instant happens in the order in which it was put.
class Timeline {
 public:
  using Step = std::function<void()>;

  // Since the start of the run.
  absl::Duration now() const { return now_; }

  void After(absl::Duration delay, Step step) {
    steps_.push({now_ + delay, ++last_number_, std::move(step)});
  }

  // Does what there is to do until `end`, unless `stop` says so before.
  template <typename Stop>
  void RunUntil(absl::Duration end, Stop stop) {
    while (!steps_.empty() && steps_.top().at <= end && !stop()) {
      now_ = steps_.top().at;
      // The queue shows its top as const, since it is ordered by it: by what is
      // not moved here.
      const Step step = std::move(const_cast<Entry&>(steps_.top()).step);
      steps_.pop();
      step();
    }
    if (!stop()) now_ = end;
  }

 private:
  struct Entry {
    absl::Duration at;
    uint64_t number;
    Step step;

    bool operator<(const Entry& other) const {
      return std::pair(other.at, other.number) < std::pair(at, number);
    }
  };

  absl::Duration now_;
  uint64_t last_number_ = 0;
  std::priority_queue<Entry> steps_;
};

// The clock of one machine: its time of day can be set apart from all others.
class TimelineClock final : public Clock {
 public:
  explicit TimelineClock(const Timeline& timeline) : timeline_(timeline) {}

  absl::Time Now() const override {
    return absl::FromUnixSeconds(1'700'000'000) + timeline_.now() + step_;
  }
  absl::Duration Monotonic() const override {
    return absl::Seconds(1000) + timeline_.now();
  }

  void StepTimeOfDay(absl::Duration step) { step_ += step; }

 private:
  const Timeline& timeline_;
  absl::Duration step_;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_TIMELINE_H_
