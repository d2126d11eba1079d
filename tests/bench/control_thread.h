#ifndef CONNREG_TESTS_BENCH_CONTROL_THREAD_H_
#define CONNREG_TESTS_BENCH_CONTROL_THREAD_H_

#include <atomic>
#include <thread>

#include "tests/bench/latencies.h"

namespace connreg {

// ControlThread sleeps for a millisecond, again and again, and counts by how
// much it woke up too late: what the machine, and not the service, makes
// anybody wait.
class ControlThread {
 public:
  ControlThread() : thread_([this] { Run(); }) {}
  ~ControlThread() { Stop(); }

  // How late it was, all the while.
  const Latencies& Stop();

 private:
  void Run();

  std::atomic<bool> ends_{false};
  // The thread's own as long as it runs.
  Latencies late_;
  std::thread thread_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_CONTROL_THREAD_H_
