#include <malloc.h>

#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "service/base/clock.h"
#include "service/base/descriptor_limit.h"
#include "service/base/log.h"
#include "service/base/stop_signals.h"
#include "service/grpc/log.h"
#include "service/server/flags.h"
#include "service/server/server.h"

namespace connreg {
namespace {

enum ExitCode { kStopped = 0, kWrongUsage = 2, kCannotListen = 3 };

constexpr absl::Duration kDrainPatience = absl::Seconds(5);

// Keeps memory of large messages in the heap, where glibc would map and unmap
// it for each; and in few arenas, of which each keeps the most that it ever had
// to hold. Keeps Abseil from looking for deadlocks in gRPC's locks.
void TuneRuntime() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
  mallopt(M_TOP_PAD, 16 << 20);
  mallopt(M_ARENA_MAX, static_cast<int>(std::thread::hardware_concurrency()));
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

int Main(int argc, char** argv) {
  const StopSignals stop_signals;
  TuneRuntime();
  // A server that has no descriptor left cannot accept.
  RaiseDescriptorLimit();

  const auto parsed = ParseServerFlags(argc, argv);
  if (!parsed.ok()) {
    std::fprintf(stderr, "connregd: %s\n",
                 std::string(parsed.status().message()).c_str());
    return kWrongUsage;
  }
  if (const auto* text = std::get_if<std::string>(&*parsed)) {
    std::fputs(text->c_str(), stdout);
    return kStopped;
  }
  const auto& flags = std::get<ServerFlags>(*parsed);
  ConfigureLog(flags.log);
  LogGrpcMessages();
  absl::StatusOr<std::unique_ptr<Server>> server =
      Server::Start(flags, Clock::System());
  if (!server.ok()) {
    std::fprintf(stderr, "connregd: %s\n",
                 std::string(server.status().message()).c_str());
    return kCannotListen;
  }
  const int signal = stop_signals.Wait();
  Log(LogLevel::kInfo, "draining", {{"signal", signal}});
  (*server)->Drain(kDrainPatience);
  FinishLog();
  Log(LogLevel::kInfo, "stopped");
  return kStopped;
}

}  // namespace
}  // namespace connreg

int main(int argc, char** argv) { return connreg::Main(argc, argv); }
