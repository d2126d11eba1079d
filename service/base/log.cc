#include "service/base/log.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "service/base/clock.h"

namespace connreg {
namespace {

// Whether standard error is what the program was started with. Where that was
// closed, a library may have something else under its number, which closes on
// exec, as nothing that is inherited does.
bool HasStandardError() {
  const int flags = fcntl(STDERR_FILENO, F_GETFD);
  return flags >= 0 && (flags & FD_CLOEXEC) == 0;
}

// How long a line waits for a reader that is behind. The lines after one that
// has waited in vain do not wait at all.
constexpr int kPatienceMilliseconds = 100;

// Whether the line was taken. Nobody is kept waiting for a reader that does not
// read: a pipe that is ready takes a line whole.
bool WriteToStandardError(absl::string_view line) {
  static const bool is_there = HasStandardError();
  if (!is_there) return false;
  static std::atomic<bool> is_behind = false;
  pollfd reader = {.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  const int ready = poll(&reader, 1, is_behind ? 0 : kPatienceMilliseconds);
  is_behind = ready == 0;
  return ready > 0 && write(STDERR_FILENO, line.data(), line.size()) ==
                          static_cast<ssize_t>(line.size());
}

// Never destroyed, since threads of gRPC may outlive main().
Logger& ProcessLogger() {
  static Logger* const logger =
      new Logger(Clock::System(), WriteToStandardError);
  return *logger;
}

}  // namespace

void ConfigureLog(const Logger::Options& options) {
  std::signal(SIGPIPE, SIG_IGN);
  ProcessLogger().Configure(options);
}

void Log(LogLevel level, absl::string_view message,
         std::initializer_list<LogField> fields) {
  ProcessLogger().Log(level, message, fields);
}

void FlushLog() { ProcessLogger().Flush(); }

void FinishLog() { ProcessLogger().Finish(); }

}  // namespace connreg
