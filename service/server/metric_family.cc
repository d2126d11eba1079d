#include "service/server/metric_family.h"

#include <utility>

namespace connreg {

prometheus::MetricFamily MakeFamily(const std::string& name,
                                    const std::string& help,
                                    prometheus::MetricType type,
                                    const std::vector<MetricValue>& values) {
  prometheus::MetricFamily family{.name = name, .help = help, .type = type};
  for (const MetricValue& value : values) {
    prometheus::ClientMetric metric;
    if (!value.label.empty())
      metric.label.push_back({value.label, value.label_value});
    if (type == prometheus::MetricType::Counter)
      metric.counter.value = value.value;
    else
      metric.gauge.value = value.value;
    family.metric.push_back(std::move(metric));
  }
  return family;
}

prometheus::MetricFamily MakeGauge(const std::string& name,
                                   const std::string& help, double value) {
  return MakeFamily(name, help, prometheus::MetricType::Gauge,
                    {{.value = value}});
}

}  // namespace connreg
