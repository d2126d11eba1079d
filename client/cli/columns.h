#ifndef CONNREG_CLIENT_CLI_COLUMNS_H_
#define CONNREG_CLIENT_CLI_COLUMNS_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "client/cli/output.h"
#include "client/cli/screen_text.h"
#include "client/cli/table.h"

namespace connreg::cli {

// Which tables for people a column stands in.
enum class Shows { kNowhere, kInTable, kInWide, kInBoth };

// A column of one kind of row, of which a `Shown` is made to be shown.
template <typename Shown>
struct ColumnOf {
  using Text = std::function<std::string(const Shown&)>;

  ColumnOf(std::string title, Shows in, std::string csv, Text cell,
           bool shortens = false, Text behind = nullptr)
      : heading(std::move(title)),
        shows(in),
        csv_name(std::move(csv)),
        text(std::move(cell)),
        may_shorten(shortens),
        note(std::move(behind)) {}

  bool IsIn(OutputFormat format) const {
    if (format == OutputFormat::kCsv) return !csv_name.empty();
    return shows == Shows::kInBoth ||
           shows == (format == OutputFormat::kWide ? Shows::kInWide
                                                   : Shows::kInTable);
  }

  std::string heading;
  Shows shows;
  // In snake_case. Empty: it is not in CSV.
  std::string csv_name;
  Text text;
  // Whether its cells may lose their ends in kTable.
  bool may_shorten;
  // What stands behind the text in kTable, if anything.
  Text note;
  // Whether its cells are numbers in CSV.
  bool is_number = false;
};

// `column`, whose cells are numbers in CSV that may have a sign.
template <typename Shown>
ColumnOf<Shown> OfNumbers(ColumnOf<Shown> column) {
  column.is_number = true;
  return column;
}

// What there is to show of a row that needs no more than itself.
template <typename Row>
struct Plain {
  Plain(const Row& shown, const Style& how) : row(shown), style(how) {}

  const Row& row;
  const Style& style;
};

// The columns that stand in the style's format, with a row for each of `rows`,
// of which Shown(row, style) is made.
//
// REQUIRES: the format is no form of JSON.
template <typename Shown, typename Row>
Table TableOf(const std::vector<ColumnOf<Shown>>& columns,
              const std::vector<const Row*>& rows, const Style& style) {
  const bool is_csv = style.format == OutputFormat::kCsv;
  const bool is_table = style.format == OutputFormat::kTable;
  std::vector<const ColumnOf<Shown>*> used;
  Table table;
  for (const ColumnOf<Shown>& column : columns) {
    if (!column.IsIn(style.format)) continue;
    used.push_back(&column);
    table.columns.push_back({is_csv ? column.csv_name : column.heading,
                             is_table && column.may_shorten, column.is_number});
  }
  for (const Row* row : rows) {
    const Shown shown(*row, style);
    std::vector<Cell> cells;
    for (const ColumnOf<Shown>* column : used) {
      const bool has_note = is_table && column->note;
      cells.push_back({Visible(column->text(shown)),
                       has_note ? Visible(column->note(shown)) : ""});
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_COLUMNS_H_
