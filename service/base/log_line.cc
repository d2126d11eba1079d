#include "service/base/log_line.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "service/base/utf8.h"

namespace connreg {
namespace {

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

// ---- logfmt ----

std::string Quoted(absl::string_view value) {
  const bool plain =
      !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
        return absl::ascii_isgraph(static_cast<unsigned char>(c)) && c != '"' &&
               c != '=' && c != '\\';
      });
  if (plain) return std::string(value);
  // Between double quotes a single one needs no escape, and parsers of logfmt
  // take none.
  return absl::StrCat(
      "\"", absl::StrReplaceAll(absl::CHexEscape(value), {{"\\'", "'"}}), "\"");
}

std::string TextLine(absl::Time time, LogLevel level, absl::string_view message,
                     std::initializer_list<LogField> fields) {
  std::string line =
      absl::StrCat("time=", TimeText(time), " level=", NameOf(level),
                   " msg=", Quoted(message));
  for (const LogField& field : fields)
    absl::StrAppend(&line, " ", field.key, "=", Quoted(field.value));
  return line;
}

// ---- JSON ----

// One of the 16-bit units that JSON's escapes name.
std::string UnitEscape(uint32_t unit) {
  return absl::StrCat("\\u", absl::Hex(unit, absl::kZeroPad4));
}

std::string Escape(char32_t code_point) {
  if (code_point <= 0xFFFF) return UnitEscape(code_point);
  const uint32_t rest = code_point - 0x10000;
  return absl::StrCat(UnitEscape(0xD800 + (rest >> 10)),
                      UnitEscape(0xDC00 + (rest & 0x3FF)));
}

// RFC 8259 §7, in ASCII.
std::string JsonString(absl::string_view value) {
  std::string text = "\"";
  while (!value.empty()) {
    const Utf8Character character = FirstUtf8Character(value);
    const char first = value.front();
    if (character.length == 0) {
      absl::StrAppend(&text, "\\\\x",
                      absl::Hex(static_cast<uint8_t>(first), absl::kZeroPad2));
    } else if (first == '"' || first == '\\') {
      absl::StrAppend(&text, "\\", value.substr(0, 1));
    } else if (first == '\n') {
      absl::StrAppend(&text, "\\n");
    } else if (absl::ascii_isprint(static_cast<unsigned char>(first))) {
      text.push_back(first);
    } else {
      absl::StrAppend(&text, Escape(character.code_point));
    }
    value.remove_prefix(std::max<size_t>(character.length, 1));
  }
  text.push_back('"');
  return text;
}

std::string JsonLine(absl::Time time, LogLevel level, absl::string_view message,
                     std::initializer_list<LogField> fields) {
  std::string line =
      absl::StrCat("{\"time\":\"", TimeText(time), "\",\"level\":\"",
                   NameOf(level), "\",\"msg\":", JsonString(message));
  for (const LogField& field : fields) {
    absl::StrAppend(&line, ",\"", field.key, "\":",
                    field.is_number ? field.value : JsonString(field.value));
  }
  line.push_back('}');
  return line;
}

}  // namespace

absl::string_view NameOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "unknown";
}

std::string FormatLogLine(LogFormat format, absl::Time time, LogLevel level,
                          absl::string_view message,
                          std::initializer_list<LogField> fields) {
  return format == LogFormat::kJson ? JsonLine(time, level, message, fields)
                                    : TextLine(time, level, message, fields);
}

}  // namespace connreg
