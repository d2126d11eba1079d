#ifndef CONNREG_SERVICE_BASE_LOG_LINE_H_
#define CONNREG_SERVICE_BASE_LOG_LINE_H_

#include <concepts>
#include <initializer_list>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace connreg {

// In rising order of weight.
enum class LogLevel { kDebug, kInfo, kWarning, kError };

enum class LogFormat { kText, kJson };

// "debug", "info", "warning" or "error".
absl::string_view NameOf(LogLevel level);

// One `key=value` of a log line. Keys are ours: lower case and underscores, and
// none of time, level and msg. Values may be anybody's.
struct LogField {
  LogField(absl::string_view field_key, const absl::AlphaNum& field_value)
      : key(field_key), value(field_value.Piece()) {}
  // A number, in JSON too.
  template <std::integral Number>
  LogField(absl::string_view field_key, Number number)
      : key(field_key), value(absl::StrCat(number)), is_number(true) {}

  absl::string_view key;
  std::string value;
  bool is_number = false;
};

// One line, without its line break: time in UTC to the millisecond, level,
// message, then the fields in their order. It is printable ASCII whatever the
// values hold, so that nothing reported by a host can forge a line or a field,
// or reach a terminal as a command.
//
// As text it is logfmt: values with blanks, quotes, control characters or bytes
// beyond ASCII are quoted, and escaped as in C. As JSON it is one object: a
// parser gives back the values as they were, but for bytes that are not UTF-8,
// which it gives as \xff.
std::string FormatLogLine(LogFormat format, absl::Time time, LogLevel level,
                          absl::string_view message,
                          std::initializer_list<LogField> fields);

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_LOG_LINE_H_
