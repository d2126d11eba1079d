#ifndef CONNREG_CLIENT_CLI_TABLE_H_
#define CONNREG_CLIENT_CLI_TABLE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace connreg::cli {

struct Column {
  std::string name;
  // Whether its cells may lose their ends where the table is too wide.
  bool may_shorten = false;
  // Whether its cells are numbers, which may have a sign.
  bool is_number = false;
};

// Text in UTF-8.
struct Cell {
  std::string text;
  // Stands behind the text, and is never shortened.
  std::string note = {};
};

struct Table {
  std::vector<Column> columns;
  // Each has a cell for every column.
  std::vector<std::vector<Cell>> rows;

  // Takes away the column of that name.
  //
  // REQUIRES: there is one.
  void Drop(absl::string_view name);

  // The same, if all its cells say `text`.
  void DropIfAllSay(absl::string_view text, absl::string_view name);
};

// `table` under a header line, in columns aligned to the left. If that is wider
// than `width`, the columns that may be shortened share what there is, the
// widest giving first, and of two ends in a cell both. Where that is not enough
// to tell names by, lines are longer.
std::string FormatTable(const Table& table, std::optional<size_t> width);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_TABLE_H_
