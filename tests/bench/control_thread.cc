#include "tests/bench/control_thread.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace connreg {

const Latencies& ControlThread::Stop() {
  ends_ = true;
  if (thread_.joinable()) thread_.join();
  return late_;
}

void ControlThread::Run() {
  constexpr absl::Duration kSleep = absl::Milliseconds(1);
  while (!ends_) {
    const absl::Time due = absl::Now() + kSleep;
    absl::SleepFor(kSleep);
    late_.Add(std::max(absl::Now() - due, absl::ZeroDuration()));
  }
}

}  // namespace connreg
