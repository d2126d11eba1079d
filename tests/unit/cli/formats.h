#ifndef CONNREG_TESTS_UNIT_CLI_FORMATS_H_
#define CONNREG_TESTS_UNIT_CLI_FORMATS_H_

#include <map>
#include <string>
#include <vector>

#include "client/cli/table.h"

namespace connreg::cli {

// The cells of a row under the names of their columns. Of columns of one name
// the last counts.
inline std::map<std::string, std::string> RowByName(const Table& table,
                                                    size_t row = 0) {
  std::map<std::string, std::string> cells;
  for (size_t i = 0; i < table.columns.size(); ++i)
    cells[table.columns[i].name] = table.rows[row][i].text;
  return cells;
}

inline std::vector<std::string> NamesOf(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns) names.push_back(column.name);
  return names;
}

}  // namespace connreg::cli

#endif  // CONNREG_TESTS_UNIT_CLI_FORMATS_H_
