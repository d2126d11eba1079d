#ifndef CONNREG_SERVICE_RPC_HEALTH_STATES_H_
#define CONNREG_SERVICE_RPC_HEALTH_STATES_H_

#include <functional>
#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "grpc/health/v1/health.pb.h"
#include "service/base/mutex.h"

namespace connreg {

// HealthStates is how each service is, in the terms of grpc.health.v1, and who
// wants to know it. The empty name, that of the server as a whole, is SERVING
// from the start; of others it knows nothing until it is told.
//
// Thread-safe.
class HealthStates {
 public:
  using State = grpc::health::v1::HealthCheckResponse::ServingStatus;

  // One who wants to know how a service is.
  class Watcher {
   public:
    // That is how it is now. Does not wait, and calls nothing of HealthStates.
    virtual void Tell(State state) = 0;

   protected:
    ~Watcher() = default;
  };

  // SERVICE_UNKNOWN if nothing was told of it.
  State Of(absl::string_view service) const;
  void Set(absl::string_view service, bool serving);
  // All are NOT_SERVING from now on, whatever is said of them later.
  void ShutDown();

  // Tells `watcher` how `service` is, and whenever that changes, until it has
  // left.
  void Join(const std::string& service, Watcher* watcher);
  void Leave(const std::string& service, Watcher* watcher);

 private:
  struct Service {
    State state = grpc::health::v1::HealthCheckResponse::SERVICE_UNKNOWN;
    std::set<Watcher*> watchers;
  };

  void SetLocked(Service* service, State state)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  bool is_shut_down_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, Service, std::less<>> services_ ABSL_GUARDED_BY(
      mutex_) = {{"", {grpc::health::v1::HealthCheckResponse::SERVING, {}}}};
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_RPC_HEALTH_STATES_H_
