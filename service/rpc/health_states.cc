#include "service/rpc/health_states.h"

namespace connreg {

using grpc::health::v1::HealthCheckResponse;

HealthStates::State HealthStates::Of(absl::string_view service) const {
  MutexLock lock(mutex_);
  const auto it = services_.find(service);
  return it == services_.end() ? HealthCheckResponse::SERVICE_UNKNOWN
                               : it->second.state;
}

void HealthStates::Set(absl::string_view service, bool serving) {
  MutexLock lock(mutex_);
  if (is_shut_down_) return;
  SetLocked(&services_[std::string(service)],
            serving ? HealthCheckResponse::SERVING
                    : HealthCheckResponse::NOT_SERVING);
}

void HealthStates::ShutDown() {
  MutexLock lock(mutex_);
  is_shut_down_ = true;
  for (auto& [name, service] : services_) {
    if (service.state != HealthCheckResponse::SERVICE_UNKNOWN)
      SetLocked(&service, HealthCheckResponse::NOT_SERVING);
  }
}

void HealthStates::Join(const std::string& service, Watcher* watcher) {
  MutexLock lock(mutex_);
  Service& joined = services_[service];
  joined.watchers.insert(watcher);
  watcher->Tell(joined.state);
}

void HealthStates::Leave(const std::string& service, Watcher* watcher) {
  MutexLock lock(mutex_);
  const auto it = services_.find(service);
  it->second.watchers.erase(watcher);
  // Else anyone could make it grow by the names that they ask for.
  if (it->second.watchers.empty() &&
      it->second.state == HealthCheckResponse::SERVICE_UNKNOWN)
    services_.erase(it);
}

void HealthStates::SetLocked(Service* service, State state) {
  if (service->state == state) return;
  service->state = state;
  for (Watcher* const watcher : service->watchers) watcher->Tell(state);
}

}  // namespace connreg
