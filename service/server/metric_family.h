#ifndef CONNREG_SERVICE_SERVER_METRIC_FAMILY_H_
#define CONNREG_SERVICE_SERVER_METRIC_FAMILY_H_

#include <string>
#include <vector>

#include "prometheus/client_metric.h"
#include "prometheus/metric_family.h"

namespace connreg {

// A value of a metric, with its label if it has one.
struct MetricValue {
  double value = 0;
  std::string label = "";
  std::string label_value = "";
};

// A metric whose values are counted elsewhere, as Prometheus collects it.
// `type` is Counter or Gauge.
prometheus::MetricFamily MakeFamily(const std::string& name,
                                    const std::string& help,
                                    prometheus::MetricType type,
                                    const std::vector<MetricValue>& values);

// A gauge with one value.
prometheus::MetricFamily MakeGauge(const std::string& name,
                                   const std::string& help, double value);

}  // namespace connreg

#endif  // CONNREG_SERVICE_SERVER_METRIC_FAMILY_H_
