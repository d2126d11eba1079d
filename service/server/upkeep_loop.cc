#include "service/server/upkeep_loop.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "service/base/log.h"
#include "service/model/registration.h"
#include "service/server/limit_name.h"

namespace connreg {
namespace {

constexpr std::chrono::milliseconds kInterval(250);

void LogEach(LogLevel level, absl::string_view message,
             const std::vector<Reporter>& reporters) {
  for (const Reporter& reporter : reporters) {
    Log(level, message,
        {{"reporter", reporter.name},
         {"host", reporter.host},
         {"network", reporter.network}});
  }
}

// Logs what each limit has kept out since it had kept out `*told`.
void LogRefusals(const std::vector<LimitReached>& limits,
                 std::map<RowLimit, size_t>* told) {
  for (const LimitReached& reached : limits) {
    size_t& before = (*told)[reached.limit];
    if (reached.refused == before) continue;
    Log(LogLevel::kWarning, "no room",
        {{"limit", NameOf(reached.limit)},
         {"value", reached.value},
         {"refused", reached.refused - before}});
    before = reached.refused;
  }
}

}  // namespace

UpkeepLoop::UpkeepLoop(Registry& registry, const Clock& clock, Hooks hooks)
    : registry_(registry),
      clock_(clock),
      hooks_(std::move(hooks)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void UpkeepLoop::Run(const std::stop_token& stop) {
  StallWatch watch(Clock::System(), absl::FromChrono(kInterval));
  bool synced = false;
  std::map<RowLimit, size_t> refusals_told;
  while (!stop.stop_requested()) {
    NoteStall(watch);
    const Registry::Changes changes = registry_.Advance();
    if (!changes.lapsed_sessions.empty())
      hooks_.on_lapsed(changes.lapsed_sessions);
    hooks_.on_round();
    LogEach(LogLevel::kInfo, "host live", changes.live);
    LogEach(LogLevel::kWarning, "host stale", changes.stale);
    LogEach(LogLevel::kWarning, "host expired", changes.expired);
    LogEach(LogLevel::kInfo, "lease ended", changes.ended);
    LogRefusals(registry_.GetStatus().limits, &refusals_told);
    if (!synced && !registry_.syncing()) {
      synced = true;
      hooks_.on_synced();
      Log(LogLevel::kInfo, "synced");
    }
    FlushLog();
    std::unique_lock<std::mutex> lock(mutex_);
    wake_.wait_for(lock, stop, kInterval, [] { return false; });
  }
}

void UpkeepLoop::NoteStall(StallWatch& watch) {
  const std::optional<absl::Duration> stall = watch.Stall();
  // Where somebody moves the registry's clock, that stands still by itself.
  if (!stall || &clock_ != &Clock::System()) return;
  registry_.NoteStall(*stall);
  Log(LogLevel::kWarning, "stood still",
      {{"seconds", absl::ToDoubleSeconds(*stall)}});
}

}  // namespace connreg
