#include "service/flags/text.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace connreg::flags {
namespace {

constexpr size_t kMaxQuoted = 80;
constexpr size_t kMaxLine = 1000;

}  // namespace

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kMaxQuoted)),
                      text.size() > kMaxQuoted ? "..." : "", "\"");
}

std::string OneLine(absl::string_view text) {
  std::string line;
  for (const char c : text.substr(0, kMaxLine)) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c)))
      line.append(absl::CHexEscape(absl::string_view(&c, 1)));
    else
      line.push_back(c);
  }
  if (text.size() > kMaxLine) line.append("...");
  return line;
}

}  // namespace connreg::flags
