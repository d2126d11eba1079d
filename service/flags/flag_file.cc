#include "service/flags/flag_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "service/base/status_macros.h"
#include "service/flags/text.h"

namespace connreg::flags {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool IsFlagName(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "--") || text.empty()) return false;
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '-' || c == '_';
  });
}

bool IsInQuotes(absl::string_view value) {
  return value.size() >= 2 && value.front() == value.back() &&
         (value.front() == '"' || value.front() == '\'');
}

absl::Status Refused(absl::string_view where, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(where, ": ", why));
}

absl::StatusOr<FlagLine> ParseLine(const std::string& where,
                                   absl::string_view line) {
  if (line.find('\0') != absl::string_view::npos)
    return Refused(where, "a NUL byte; write the file in UTF-8");
  const size_t equals = line.find('=');
  const absl::string_view flag = line.substr(0, equals);
  if (!IsFlagName(flag)) {
    return Refused(where, absl::StrCat(Quoted(line),
                                       " is not a flag; write --NAME=VALUE, or "
                                       "--NAME for a switch"));
  }
  if (equals == absl::string_view::npos)
    return FlagLine{where, std::string(flag), std::nullopt};
  const absl::string_view value = line.substr(equals + 1);
  if (IsInQuotes(value)) {
    return Refused(where, absl::StrCat(flag, ": ", Quoted(value),
                                       " is in quotes; write it without"));
  }
  return FlagLine{where, std::string(flag), std::string(value)};
}

absl::Status Unreadable(absl::string_view path, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("--flagfile: ", Quoted(path), ": ", why));
}

// As much of the file as is a byte too much, or all of it.
absl::StatusOr<std::string> ReadStart(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Unreadable(path, std::strerror(errno));
  const absl::Cleanup close_fd = [fd] { close(fd); };
  std::string text;
  std::array<char, 4096> buffer;
  while (text.size() <= kMaxFlagFileBytes) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Unreadable(path, std::strerror(errno));
    if (got == 0) break;
    text.append(buffer.data(), static_cast<size_t>(got));
  }
  return text;
}

}  // namespace

absl::StatusOr<std::vector<FlagLine>> ParseFlagFile(absl::string_view path,
                                                    absl::string_view text) {
  absl::ConsumePrefix(&text, kByteOrderMark);
  std::vector<FlagLine> lines;
  int number = 0;
  for (const absl::string_view whole : absl::StrSplit(text, '\n')) {
    ++number;
    const absl::string_view line = absl::StripAsciiWhitespace(whole);
    if (line.empty() || line[0] == '#') continue;
    ASSIGN_OR_RETURN(FlagLine parsed,
                     ParseLine(absl::StrCat(OneLine(path), ":", number), line));
    lines.push_back(std::move(parsed));
  }
  return lines;
}

absl::StatusOr<std::vector<FlagLine>> ReadFlagFile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadStart(path));
  if (text.size() > kMaxFlagFileBytes)
    return Unreadable(path, "larger than 1MiB, so it is no flag file");
  return ParseFlagFile(path, text);
}

}  // namespace connreg::flags
