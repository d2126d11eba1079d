#include "service/server/expiry_loop.h"

#include <chrono>

#include "service/base/log.h"

namespace connreg {
namespace {

constexpr std::chrono::milliseconds kInterval(250);

}  // namespace

ExpiryLoop::ExpiryLoop(Registry& registry)
    : registry_(registry),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void ExpiryLoop::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    for (const Reporter& reporter : registry_.ExpireLeases()) {
      Log(LogLevel::kInfo, "lease ended",
          {{"reporter", reporter.name},
           {"host", reporter.host},
           {"network", reporter.network}});
    }
    std::unique_lock<std::mutex> lock(mutex_);
    wake_.wait_for(lock, stop, kInterval, [] { return false; });
  }
}

}  // namespace connreg
