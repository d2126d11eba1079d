#include "service/server/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "service/server/metric_family.h"
#include "service/server/proc_stat.h"

namespace connreg {
namespace {

using prometheus::MetricFamily;

constexpr auto kCounter = prometheus::MetricType::Counter;
constexpr auto kGauge = prometheus::MetricType::Gauge;

// Empty if it cannot be read.
std::string ReadFile(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

MetricFamily Gauge(const std::string& name, const std::string& help,
                   double value) {
  return MakeFamily(name, help, kGauge, {{.value = value}});
}

// How many descriptors are open, without the one that it takes to count them.
std::optional<size_t> CountDescriptors() {
  std::error_code error;
  const std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (error) return std::nullopt;
  return std::distance(begin(entries), end(entries)) - 1;
}

void AddStat(const ProcStat& stat, std::vector<MetricFamily>* families) {
  const auto tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  const auto number = [](uint64_t count) { return static_cast<double>(count); };
  families->push_back(MakeFamily(
      "process_cpu_seconds_total", "CPU time in user mode and in the kernel.",
      kCounter,
      {{.value = number(stat.user_ticks + stat.system_ticks) * tick}}));
  families->push_back(Gauge("process_resident_memory_bytes",
                            "Memory that is in use.",
                            number(stat.resident_pages) * page));
  families->push_back(Gauge("process_virtual_memory_bytes",
                            "Memory that is mapped.",
                            number(stat.virtual_bytes)));
  families->push_back(
      Gauge("process_threads", "Threads.", number(stat.threads)));
  const std::optional<uint64_t> boot = ParseBootTime(ReadFile("/proc/stat"));
  if (!boot) return;
  families->push_back(Gauge("process_start_time_seconds",
                            "When the process started, since 1970.",
                            number(*boot) + number(stat.start_ticks) * tick));
}

}  // namespace

std::vector<MetricFamily> ProcessMetrics::Collect() const {
  std::vector<MetricFamily> families = {MakeFamily(
      "connreg_build_info", "1, with the version of connregd.", kGauge,
      {{.value = 1, .label = "version", .label_value = version_}})};
  if (const auto stat = ParseProcStat(ReadFile("/proc/self/stat")))
    AddStat(*stat, &families);
  if (const auto open = CountDescriptors()) {
    families.push_back(Gauge("process_open_fds", "Open descriptors.",
                             static_cast<double>(*open)));
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    families.push_back(Gauge("process_max_fds",
                             "The most descriptors that may be open.",
                             static_cast<double>(limit.rlim_cur)));
  }
  return families;
}

}  // namespace connreg
