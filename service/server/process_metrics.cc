#include "service/server/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "absl/time/time.h"
#include "service/base/proc_stat.h"
#include "service/server/metric_family.h"

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

// How many descriptors are open, without the one that it takes to count them.
std::optional<size_t> CountDescriptors() {
  std::error_code error;
  const std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (error) return std::nullopt;
  return std::distance(begin(entries), end(entries)) - 1;
}

// What /proc/self/stat tells, as far as it does.
void AddStat(const std::string& stat, std::vector<MetricFamily>* families) {
  const auto tick = 1.0 / static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto field = [&](size_t number) { return ProcStatField(stat, number); };
  const auto add = [&](const char* name, const char* help, size_t number,
                       double unit) {
    if (const auto value = field(number); value.ok())
      families->push_back(
          MakeGauge(name, help, static_cast<double>(*value) * unit));
  };
  const auto user = field(kUserTicks);
  const auto system = field(kSystemTicks);
  if (user.ok() && system.ok()) {
    families->push_back(MakeFamily(
        "process_cpu_seconds_total", "CPU time in user mode and in the kernel.",
        kCounter, {{.value = static_cast<double>(*user + *system) * tick}}));
  }
  add("process_resident_memory_bytes", "Memory that is in use.", kResidentPages,
      static_cast<double>(sysconf(_SC_PAGESIZE)));
  add("process_virtual_memory_bytes", "Memory that is mapped.", kVirtualBytes,
      1);
  add("process_threads", "Threads.", kThreads, 1);
  const auto boot = ParseBootTime(ReadFile("/proc/stat"));
  const auto start = field(kStartTicks);
  if (boot.ok() && start.ok()) {
    families->push_back(MakeGauge(
        "process_start_time_seconds", "When the process started, since 1970.",
        absl::ToDoubleSeconds(*boot - absl::UnixEpoch()) +
            static_cast<double>(*start) * tick));
  }
}

}  // namespace

std::vector<MetricFamily> ProcessMetrics::Collect() const {
  std::vector<MetricFamily> families = {MakeFamily(
      "connreg_build_info", "1, with the version of connregd.", kGauge,
      {{.value = 1, .label = "version", .label_value = version_}})};
  AddStat(ReadFile("/proc/self/stat"), &families);
  if (const auto open = CountDescriptors()) {
    families.push_back(MakeGauge("process_open_fds", "Open descriptors.",
                                 static_cast<double>(*open)));
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    families.push_back(MakeGauge("process_max_fds",
                                 "The most descriptors that may be open.",
                                 static_cast<double>(limit.rlim_cur)));
  }
  return families;
}

}  // namespace connreg
