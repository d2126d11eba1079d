#ifndef CONNREG_SERVICE_BASE_LOG_H_
#define CONNREG_SERVICE_BASE_LOG_H_

#include <initializer_list>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace connreg {

enum class LogLevel { kInfo, kWarning, kError };

// One `key=value` of a log line.
struct LogField {
  LogField(absl::string_view field_key, const absl::AlphaNum& field_value)
      : key(field_key), value(field_value.Piece()) {}

  absl::string_view key;
  std::string value;
};

// One line in logfmt, without its line break: time in UTC to the millisecond,
// level, message, then the fields in their order. Values that hold blanks,
// quotes, control characters or bytes beyond ASCII are quoted and escaped, so
// that nothing reported by a host can forge a line.
std::string FormatLogLine(absl::Time time, LogLevel level,
                          absl::string_view message,
                          std::initializer_list<LogField> fields);

// Writes such a line to standard error in one write(2).
//
// Thread-safe.
void Log(LogLevel level, absl::string_view message,
         std::initializer_list<LogField> fields = {});

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_LOG_H_
