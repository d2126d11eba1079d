#include "client/cli/fields.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "client/cli/screen_text.h"

namespace connreg::cli {
namespace {

constexpr size_t kGap = 2;
constexpr size_t kUsualWidth = 80;
// Lines of a sentence are not made shorter than this.
constexpr size_t kLeastRoom = 30;

// `value` in lines of `room` columns, as far as its blanks allow.
std::vector<std::string> LinesOf(absl::string_view value, size_t room) {
  std::vector<std::string> lines;
  for (const absl::string_view word : absl::StrSplit(value, ' ')) {
    const bool fits = !lines.empty() &&
                      ScreenWidth(lines.back()) + 1 + ScreenWidth(word) <= room;
    if (fits)
      absl::StrAppend(&lines.back(), " ", word);
    else
      lines.emplace_back(word);
  }
  return lines;
}

}  // namespace

std::string FormatFields(const std::vector<Field>& fields,
                         std::optional<size_t> width) {
  size_t indent = 0;
  for (const Field& field : fields)
    indent = std::max(indent, ScreenWidth(field.name) + kGap);
  const size_t room =
      std::max(width.value_or(kUsualWidth), indent + kLeastRoom) - indent;
  std::string text;
  for (const Field& field : fields) {
    const std::string value = Visible(field.value);
    std::string name = field.name;
    for (const std::string& line : field.may_break
                                       ? LinesOf(value, room)
                                       : std::vector<std::string>{value}) {
      absl::StrAppend(&text, name, std::string(indent - ScreenWidth(name), ' '),
                      line, "\n");
      name.clear();
    }
  }
  return text;
}

}  // namespace connreg::cli
