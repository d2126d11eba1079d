#ifndef CONNREG_SERVICE_BASE_LOG_H_
#define CONNREG_SERVICE_BASE_LOG_H_

#include <initializer_list>

#include "absl/strings/string_view.h"
#include "service/base/log_line.h"
#include "service/base/logger.h"

namespace connreg {

// The log of this process: one Logger that writes each line to standard error
// in one write(2). All of these are thread-safe, and promise what Logger's do.

// To be called before the first line. From then on a reader of standard error
// that goes away, or does not read, does not end or stop the program: it loses
// lines, which is told if they are taken again.
void ConfigureLog(const Logger::Options& options);

void Log(LogLevel level, absl::string_view message,
         std::initializer_list<LogField> fields = {});

// To be called from time to time.
void FlushLog();
// To be called when the program ends.
void FinishLog();

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_LOG_H_
