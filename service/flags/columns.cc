#include "service/flags/columns.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace connreg::flags {
namespace {

constexpr size_t kWidth = 80;
constexpr size_t kMargin = 2;

// The widest name that the column of meanings makes room for.
constexpr size_t kWidestName = 24;

void AppendWrapped(absl::string_view line, size_t indent, std::string* out) {
  size_t column = indent;
  for (const absl::string_view word :
       absl::StrSplit(line, ' ', absl::SkipEmpty())) {
    if (column > indent && column + 1 + word.size() > kWidth) {
      absl::StrAppend(out, "\n", std::string(indent, ' '));
      column = indent;
    }
    if (column > indent) {
      out->append(" ");
      ++column;
    }
    absl::StrAppend(out, word);
    column += word.size();
  }
}

}  // namespace

std::string Wrapped(absl::string_view text, size_t indent) {
  std::string wrapped;
  bool is_first = true;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!is_first) absl::StrAppend(&wrapped, "\n", std::string(indent, ' '));
    AppendWrapped(line, indent, &wrapped);
    is_first = false;
  }
  return wrapped;
}

std::string Section(absl::string_view title,
                    const std::vector<Entry>& entries) {
  if (entries.empty()) return "";
  size_t widest = 0;
  for (const Entry& entry : entries) {
    if (entry.name.size() <= kWidestName)
      widest = std::max(widest, entry.name.size());
  }
  const size_t indent = widest + 2 * kMargin;
  std::string section = absl::StrCat(title, ":\n");
  for (const Entry& entry : entries) {
    absl::StrAppend(&section, std::string(kMargin, ' '), entry.name);
    const bool fits = entry.name.size() <= widest;
    const size_t gap = fits ? indent - kMargin - entry.name.size() : indent;
    absl::StrAppend(&section, fits ? "" : "\n", std::string(gap, ' '),
                    Wrapped(entry.meaning, indent), "\n");
  }
  return section;
}

}  // namespace connreg::flags
