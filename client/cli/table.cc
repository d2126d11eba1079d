#include "client/cli/table.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "client/cli/screen_text.h"

namespace connreg::cli {
namespace {

constexpr char kGap[] = "  ";
constexpr size_t kGapWidth = 2;
constexpr char kEllipsis[] = "…";
// No column is shortened below this: less of a name tells nothing.
constexpr size_t kLeastWidth = 10;

size_t Width(const Cell& cell) {
  return ScreenWidth(cell.text) + ScreenWidth(cell.note);
}

std::string Fitted(const Cell& cell, size_t width) {
  if (Width(cell) <= width) return absl::StrCat(cell.text, cell.note);
  const size_t kept = width - std::min(width, ScreenWidth(cell.note) + 1);
  return absl::StrCat(PrefixWithin(cell.text, kept), kEllipsis, cell.note);
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
void Narrow(const std::vector<Column>& columns, size_t limit,
            std::vector<size_t>* widths) {
  for (size_t line = LineWidth(*widths); line > limit; --line) {
    size_t* widest = nullptr;
    for (size_t i = 0; i < columns.size(); ++i) {
      size_t& width = (*widths)[i];
      const bool can_give = columns[i].may_shorten && width > kLeastWidth;
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
  if (width) Narrow(table.columns, *width, &widths);
  std::vector<Cell> header;
  for (const Column& column : table.columns) header.push_back({column.name});
  std::string text = Line(header, widths);
  for (const auto& row : table.rows) text += Line(row, widths);
  return text;
}

}  // namespace connreg::cli
