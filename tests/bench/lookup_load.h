#ifndef CONNREG_TESTS_BENCH_LOOKUP_LOAD_H_
#define CONNREG_TESTS_BENCH_LOOKUP_LOAD_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "client/lib/client.h"
#include "service/base/mutex.h"
#include "tests/bench/ring_fleet.h"

namespace connreg {

// LookupLoad asks a service about connections of a fleet, one at a time, every
// few milliseconds, from a thread of its own.
//
// Thread-safe.
class LookupLoad {
 public:
  // `fleet` is to outlive it.
  LookupLoad(const RingFleet& fleet, std::unique_ptr<Client> client);
  ~LookupLoad();

  // In a line for people: what was asked and answered since the last call.
  std::string Tell();

 private:
  struct Tally {
    // How long answers took.
    std::vector<absl::Duration> latencies;
    // Of them, those that named the connection.
    size_t found = 0;
    size_t without_answer = 0;
  };

  void Run();
  void Ask(size_t host, size_t number);

  const RingFleet& fleet_;
  const std::unique_ptr<Client> client_;
  std::atomic<bool> ends_{false};
  Mutex mutex_;
  Tally tally_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_BENCH_LOOKUP_LOAD_H_
