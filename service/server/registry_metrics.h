#ifndef CONNREG_SERVICE_SERVER_REGISTRY_METRICS_H_
#define CONNREG_SERVICE_SERVER_REGISTRY_METRICS_H_

#include <vector>

#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"
#include "service/core/registry.h"

namespace connreg {

// RegistryMetrics is what a registry holds, as numbers for Prometheus. All of
// their names begin with "connreg_".
//
// Thread-safe.
class RegistryMetrics final : public prometheus::Collectable {
 public:
  // `registry` outlives this object.
  explicit RegistryMetrics(const Registry& registry) : registry_(registry) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Registry& registry_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_SERVER_REGISTRY_METRICS_H_
