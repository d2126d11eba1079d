#include "client/cli/table.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/cli/screen_text.h"

namespace connreg::cli {
namespace {

constexpr char kGap[] = "  ";
constexpr size_t kGapWidth = 2;
constexpr char kEllipsis[] = "…";
// No name is shortened below this: less of it tells nothing.
constexpr size_t kLeastWidth = 10;

// What stands between the two ends of a connection in one cell.
constexpr absl::string_view kSigns[] = {" > ", " - "};

size_t Width(const Cell& cell) {
  return ScreenWidth(cell.text) + ScreenWidth(cell.note);
}

// The sign in `text`; empty if it is of one end.
absl::string_view SignIn(absl::string_view text) {
  for (const absl::string_view sign : kSigns)
    if (absl::StrContains(text, sign)) return sign;
  return "";
}

std::string CutTo(absl::string_view text, size_t width) {
  if (ScreenWidth(text) <= width) return std::string(text);
  return absl::StrCat(PrefixWithin(text, width - std::min<size_t>(width, 1)),
                      kEllipsis);
}

// `text` in at most `width` columns: of two ends both keep as much.
std::string Shortened(absl::string_view text, size_t width) {
  const absl::string_view sign = SignIn(text);
  if (sign.empty() || width < sign.size()) return CutTo(text, width);
  const std::pair<absl::string_view, absl::string_view> ends =
      absl::StrSplit(text, absl::MaxSplits(sign, 1));
  const size_t room = width - sign.size();
  const size_t half = room / 2;
  const size_t second = std::min(ScreenWidth(ends.second), half);
  const std::string first = CutTo(ends.first, room - second);
  return absl::StrCat(first, sign,
                      CutTo(ends.second, room - ScreenWidth(first)));
}

std::string Fitted(const Cell& cell, size_t width) {
  const size_t note = std::min(width, ScreenWidth(cell.note));
  return absl::StrCat(
      Width(cell) <= width ? cell.text : Shortened(cell.text, width - note),
      cell.note);
}

// How narrow the cell may become.
size_t LeastWidth(const Cell& cell) {
  const absl::string_view sign = SignIn(cell.text);
  const size_t least =
      sign.empty() ? kLeastWidth : 2 * kLeastWidth + sign.size();
  return std::min(ScreenWidth(cell.text), least) + ScreenWidth(cell.note);
}

// How narrow the column may become.
size_t LeastWidth(const Table& table, size_t column) {
  size_t least = ScreenWidth(table.columns[column].name);
  for (const auto& row : table.rows)
    least = std::max(least, LeastWidth(row[column]));
  return least;
}

std::vector<size_t> NaturalWidths(const Table& table) {
  std::vector<size_t> widths;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    widths.push_back(ScreenWidth(table.columns[i].name));
    for (const auto& row : table.rows)
      widths[i] = std::max(widths[i], Width(row[i]));
  }
  return widths;
}

size_t LineWidth(const std::vector<size_t>& widths) {
  return std::accumulate(widths.begin(), widths.end(),
                         kGapWidth * (widths.size() - 1));
}

// Narrows `widths` until a line fits `limit`, if it can.
void Narrow(const Table& table, size_t limit, std::vector<size_t>* widths) {
  std::vector<size_t> least;
  for (size_t i = 0; i < table.columns.size(); ++i)
    least.push_back(table.columns[i].may_shorten ? LeastWidth(table, i)
                                                 : (*widths)[i]);
  for (size_t line = LineWidth(*widths); line > limit; --line) {
    size_t* widest = nullptr;
    for (size_t i = 0; i < widths->size(); ++i) {
      size_t& width = (*widths)[i];
      const bool can_give = width > least[i];
      if (can_give && (widest == nullptr || width > *widest)) widest = &width;
    }
    if (widest == nullptr) return;
    --*widest;
  }
}

std::string Line(const std::vector<Cell>& cells,
                 const std::vector<size_t>& widths) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string text = Fitted(cells[i], widths[i]);
    absl::StrAppend(&line, i == 0 ? "" : kGap, text);
    const size_t shown = ScreenWidth(text);
    if (shown < widths[i]) line.append(widths[i] - shown, ' ');
  }
  return absl::StrCat(absl::StripTrailingAsciiWhitespace(line), "\n");
}

ptrdiff_t IndexOf(const Table& table, absl::string_view name) {
  const auto column =
      std::find_if(table.columns.begin(), table.columns.end(),
                   [&](const Column& c) { return c.name == name; });
  return column - table.columns.begin();
}

}  // namespace

void Table::Drop(absl::string_view name) {
  const ptrdiff_t index = IndexOf(*this, name);
  columns.erase(columns.begin() + index);
  for (std::vector<Cell>& row : rows) row.erase(row.begin() + index);
}

void Table::DropIfAllSay(absl::string_view text, absl::string_view name) {
  const ptrdiff_t index = IndexOf(*this, name);
  const auto says_it = [&](const std::vector<Cell>& row) {
    return row[static_cast<size_t>(index)].text == text;
  };
  if (std::all_of(rows.begin(), rows.end(), says_it)) Drop(name);
}

std::string FormatTable(const Table& table, std::optional<size_t> width) {
  std::vector<size_t> widths = NaturalWidths(table);
  if (width) Narrow(table, *width, &widths);
  std::vector<Cell> header;
  for (const Column& column : table.columns) header.push_back({column.name});
  std::string text = Line(header, widths);
  for (const auto& row : table.rows) text += Line(row, widths);
  return text;
}

}  // namespace connreg::cli
