#include "service/base/log.h"

#include <unistd.h>

#include "service/base/clock.h"

namespace connreg {
namespace {

void WriteToStandardError(absl::string_view line) {
  // A log that cannot be written has nowhere to say so.
  [[maybe_unused]] const ssize_t written =
      write(STDERR_FILENO, line.data(), line.size());
}

// Never destroyed, since threads of gRPC may outlive main().
Logger& ProcessLogger() {
  static Logger* const logger =
      new Logger(Clock::System(), WriteToStandardError);
  return *logger;
}

}  // namespace

void ConfigureLog(const Logger::Options& options) {
  ProcessLogger().Configure(options);
}

void Log(LogLevel level, absl::string_view message,
         std::initializer_list<LogField> fields) {
  ProcessLogger().Log(level, message, fields);
}

void FlushLog() { ProcessLogger().Flush(); }

void FinishLog() { ProcessLogger().Finish(); }

}  // namespace connreg
