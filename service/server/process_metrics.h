#ifndef CONNREG_SERVICE_SERVER_PROCESS_METRICS_H_
#define CONNREG_SERVICE_SERVER_PROCESS_METRICS_H_

#include <string>
#include <vector>

#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"

namespace connreg {

// ProcessMetrics is what this process takes of its machine, under the names
// that Prometheus' own clients give it: process_cpu_seconds_total,
// process_resident_memory_bytes and so on, and connreg_build_info. What /proc
// does not tell is left out.
//
// Thread-safe.
class ProcessMetrics final : public prometheus::Collectable {
 public:
  explicit ProcessMetrics(std::string version) : version_(std::move(version)) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const std::string version_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_SERVER_PROCESS_METRICS_H_
