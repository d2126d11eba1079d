#ifndef CONNREG_SERVICE_SERVER_UPKEEP_LOOP_H_
#define CONNREG_SERVICE_SERVER_UPKEEP_LOOP_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "service/base/clock.h"
#include "service/core/registry.h"
#include "service/model/report.h"
#include "service/server/stall_watch.h"

namespace connreg {

// UpkeepLoop lets the registry do what time has brought, four times a second,
// on a thread of its own, until it is destroyed.
class UpkeepLoop {
 public:
  // What is called on that thread.
  struct Hooks {
    // Once, when the registry is no longer SYNCING.
    std::function<void()> on_synced;
    // With the sessions that ended since their leases lapsed.
    std::function<void(const std::vector<Epoch>&)> on_lapsed;
    // Each time.
    std::function<void()> on_round;
  };
  // `clock` is the registry's; both outlive this object. Where the thread comes
  // late, since the machine or the process stood still, leases last longer.
  UpkeepLoop(Registry& registry, const Clock& clock, Hooks hooks);

 private:
  void Run(const std::stop_token& stop);
  // Lets the leases last longer by what `watch` says.
  void NoteStall(StallWatch& watch);

  Registry& registry_;
  const Clock& clock_;
  const Hooks hooks_;
  // Only to wait on: they guard nothing.
  std::mutex mutex_;
  std::condition_variable_any wake_;
  // Last, so that it is joined before what it uses is gone.
  std::jthread thread_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_SERVER_UPKEEP_LOOP_H_
