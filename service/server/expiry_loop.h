#ifndef CONNREG_SERVICE_SERVER_EXPIRY_LOOP_H_
#define CONNREG_SERVICE_SERVER_EXPIRY_LOOP_H_

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "service/core/registry.h"

namespace connreg {

// ExpiryLoop lets the registry end its lapsed leases four times a second, on a
// thread of its own, until it is destroyed.
class ExpiryLoop {
 public:
  // `registry` outlives this object.
  explicit ExpiryLoop(Registry& registry);

 private:
  void Run(const std::stop_token& stop);

  Registry& registry_;
  // Only to wait on: they guard nothing.
  std::mutex mutex_;
  std::condition_variable_any wake_;
  // Last, so that it is joined before what it uses is gone.
  std::jthread thread_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_SERVER_EXPIRY_LOOP_H_
