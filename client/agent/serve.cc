#include "client/agent/serve.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/agent/ends_table.h"
#include "client/agent/files.h"
#include "client/agent/looks.h"
#include "client/agent/report_loop.h"
#include "client/agent/run.h"
#include "client/agent/service_stream.h"
#include "client/lib/report_stream.h"
#include "service/base/clock.h"
#include "service/base/log.h"
#include "service/base/status_macros.h"
#include "service/flags/duration.h"

namespace connreg {
namespace {

void LogStart(const Flags& flags) {
  Log(LogLevel::kInfo, "started",
      {{"version", CONNREG_VERSION},
       {"pid", getpid()},
       {"server", flags.server},
       {"host", flags.host},
       {"network", flags.network},
       {"netns", flags.netns},
       {"interval", flags::DurationText(flags.interval)},
       {"max_cpu", flags.max_cpu_percent},
       {"ttl", flags::DurationText(flags.ttl)}});
}

// How much of processors this process has used.
absl::Duration CpuTime() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return absl::DurationFromTimespec(time);
}

// A number that no other run has.
std::string NewInstance() {
  std::random_device random;
  std::string instance;
  for (int i = 0; i < 4; ++i)
    absl::StrAppend(&instance, absl::Hex(random(), absl::kZeroPad8));
  return instance;
}

// The life of this host's kernel.
absl::StatusOr<std::string> BootId() {
  constexpr char kPath[] = "/proc/sys/kernel/random/boot_id";
  absl::StatusOr<std::string> id = ReadFileAt(AT_FDCWD, kPath);
  if (id.ok()) absl::StripAsciiWhitespace(&*id);
  return id;
}

// Waits until one of `descriptors` is readable, or `patience` has passed.
void Await(const std::vector<int>& descriptors, absl::Duration patience) {
  std::vector<pollfd> events;
  for (const int descriptor : descriptors)
    events.push_back({.fd = descriptor, .events = POLLIN, .revents = 0});
  const absl::Duration bounded =
      std::clamp(patience, absl::ZeroDuration(), absl::Hours(1));
  // Not too early: what is due then would not be yet.
  const int64_t ms =
      absl::ToInt64Milliseconds(absl::Ceil(bounded, absl::Milliseconds(1)));
  poll(events.data(), events.size(), static_cast<int>(ms));
}

absl::StatusOr<ReportLoop::Options> LoopOptionsOf(const Flags& flags,
                                                  const std::string& netns) {
  ASSIGN_OR_RETURN(const std::string boot_id, BootId());
  return ReportLoop::Options{
      .session = {.reporter = ReporterOf(flags, AgentName(flags, netns)),
                  .boot_id = boot_id,
                  .instance = NewInstance(),
                  .version = CONNREG_VERSION,
                  .ttl = flags.ttl,
                  .ack_timeout = flags.ack_timeout,
                  .max_backoff = flags.max_backoff,
                  .digest_interval = flags.digest_interval},
      .looks = {.interval = flags.interval,
                .max_cpu_percent = flags.max_cpu_percent},
      .removes_at_end = flags.remove_on_exit,
      .server = flags.server,
      .netns = netns};
}

// Tells on standard error what keeps the agent from starting.
ExitCode CannotStart(const absl::Status& status) {
  std::cerr << ErrorLine(status) << "\n";
  return absl::IsInvalidArgument(status) ? ExitCode::kUsage
                                         : ExitCode::kIncomplete;
}

}  // namespace

ExitCode Serve(const Flags& flags, const Collector& collector,
               const StopSignals& stop_signals) {
  const absl::StatusOr<ReportLoop::Options> options =
      LoopOptionsOf(flags, collector.own_netns());
  if (!options.ok()) return CannotStart(options.status());
  const absl::StatusOr<std::unique_ptr<ReportStream>> connection =
      ReportStream::Create(flags.server, flags.ack_timeout);
  if (!connection.ok()) return CannotStart(connection.status());
  LogStart(flags);
  ServiceStream stream(**connection);
  EndsTable ends;
  LookThread looks(collector, ends);
  std::mt19937_64 generator(std::random_device{}());
  std::uniform_real_distribution<double> random(0, 1);
  ReportLoop loop(*options,
                  {.looks = looks,
                   .ends = ends,
                   .stream = stream,
                   .clock = Clock::System(),
                   .cpu_time = CpuTime,
                   .random = [&] { return random(generator); }},
                  Log);
  while (!loop.left()) {
    const absl::Duration wait = loop.Round();
    FlushLog();
    if (loop.left()) break;
    std::vector<int> descriptors = loop.descriptors();
    descriptors.push_back(stop_signals.descriptor());
    Await(descriptors, wait);
    if (stop_signals.WaitFor(absl::ZeroDuration())) loop.Leave();
  }
  FinishLog();
  Log(LogLevel::kInfo, "stopped");
  return ExitCode::kReported;
}

}  // namespace connreg
