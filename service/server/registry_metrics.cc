#include "service/server/registry_metrics.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "service/model/coverage.h"
#include "service/model/query.h"
#include "service/model/registration.h"
#include "service/server/limit_name.h"
#include "service/server/metric_family.h"

namespace connreg {
namespace {

using prometheus::MetricFamily;

constexpr auto kCounter = prometheus::MetricType::Counter;
constexpr auto kGauge = prometheus::MetricType::Gauge;

MetricFamily HostsFamily(const HostCounts& hosts) {
  const auto of = [](const char* state, uint32_t count) {
    return MetricValue{
        .value = count * 1.0, .label = "state", .label_value = state};
  };
  return MakeFamily(
      "connreg_hosts", "Hosts, by the state of their agent.", kGauge,
      {of("live", hosts.live), of("stale", hosts.stale),
       of("expired", hosts.expired), of("no_agent", hosts.no_agent),
       of("syncing", hosts.syncing)});
}

// The limits, and what each has kept out.
std::vector<MetricFamily> LimitFamilies(
    const std::vector<LimitReached>& limits) {
  std::vector<MetricValue> values;
  std::vector<MetricValue> refused;
  for (const LimitReached& limit : limits) {
    const std::string name(NameOf(limit.limit));
    values.push_back({static_cast<double>(limit.value), "limit", name});
    refused.push_back({static_cast<double>(limit.refused), "limit", name});
  }
  return {
      MakeFamily("connreg_limit", "What each limit is set to.", kGauge, values),
      MakeFamily("connreg_refused_total",
                 "Rows, or requests of new reporters, that each limit has "
                 "kept out.",
                 kCounter, refused)};
}

}  // namespace

std::vector<MetricFamily> RegistryMetrics::Collect() const {
  const RegistryStatus status = registry_.GetStatus();
  const auto number = [](size_t count) { return static_cast<double>(count); };
  std::vector<MetricFamily> families = {
      MakeGauge("connreg_observations",
                "Rows of connections: two of one that both ends reported.",
                number(status.observations)),
      MakeGauge("connreg_listeners", "Rows of listeners.",
                number(status.listeners)),
      MakeGauge("connreg_closed_observations",
                "Rows of closed connections that are remembered.",
                number(status.closed)),
      MakeGauge("connreg_reporters", "Reporters that have a lease.",
                number(status.reporters)),
      HostsFamily(status.coverage.hosts),
      MakeGauge("connreg_expected_hosts",
                "How many hosts there should be, 0 if that was not told.",
                status.coverage.expected_hosts),
      MakeGauge("connreg_gapped_hosts",
                "Hosts that a reporter sees only in part.",
                status.coverage.hosts.gapped),
      MakeGauge("connreg_limited_reporters",
                "Reporters that were lately refused rows for lack of room.",
                status.coverage.hosts.limited_reporters),
      MakeGauge("connreg_syncing",
                "1 while hosts may not have come back since the start, else 0.",
                status.coverage.syncing ? 1 : 0),
      MakeGauge("connreg_sessions", "Sessions of agents that go on.",
                number(status.sessions)),
      MakeFamily("connreg_divergences_total",
                 "How often the registry had other rows than an agent claimed.",
                 kCounter, {{.value = number(status.divergences)}}),
      MakeGauge("connreg_expiry_held",
                "1 while no host expires, since very many have gone silent at "
                "once, else 0.",
                status.expiry_held_since ? 1 : 0),
      MakeGauge("connreg_revision",
                "The revision, which grows with every change and starts again "
                "with the process.",
                static_cast<double>(status.coverage.revision)),
  };
  for (MetricFamily& family : LimitFamilies(status.limits))
    families.push_back(std::move(family));
  return families;
}

}  // namespace connreg
