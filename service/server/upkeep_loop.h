#ifndef CONNREG_SERVICE_SERVER_UPKEEP_LOOP_H_
#define CONNREG_SERVICE_SERVER_UPKEEP_LOOP_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "service/core/registry.h"

namespace connreg {

// UpkeepLoop lets the registry do what time has brought, four times a second,
// on a thread of its own, until it is destroyed.
class UpkeepLoop {
 public:
  // Calls `on_synced` once, on that thread, when the registry is no longer
  // SYNCING. `registry` outlives this object.
  UpkeepLoop(Registry& registry, std::function<void()> on_synced);

 private:
  void Run(const std::stop_token& stop);

  Registry& registry_;
  const std::function<void()> on_synced_;
  // Only to wait on: they guard nothing.
  std::mutex mutex_;
  std::condition_variable_any wake_;
  // Last, so that it is joined before what it uses is gone.
  std::jthread thread_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_SERVER_UPKEEP_LOOP_H_
