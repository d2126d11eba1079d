#include "client/cli/csv.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace connreg::cli {
namespace {

constexpr absl::string_view kFormulaSigns = "=+-@";
constexpr absl::string_view kSeparators = ",;";

bool Contains(absl::string_view set, char c) {
  return set.find(c) != absl::string_view::npos;
}

// `text` without a sign that starts a formula.
std::string Tame(absl::string_view text) {
  std::string tame;
  bool at_start = true;
  for (const char c : text) {
    if (at_start && Contains(kFormulaSigns, c))
      absl::StrAppendFormat(&tame, "\\%03o", static_cast<unsigned char>(c));
    else
      tame.push_back(c);
    at_start = Contains(kSeparators, c);
  }
  return tame;
}

std::string Field(absl::string_view text) {
  const std::string tame = Tame(text);
  const bool is_plain = tame.find_first_of(",\"\r\n") == std::string::npos &&
                        !tame.starts_with(' ') && !tame.ends_with(' ');
  if (is_plain) return tame;
  return absl::StrCat("\"", absl::StrReplaceAll(tame, {{"\"", "\"\""}}), "\"");
}

std::string Line(const std::vector<std::string>& fields) {
  return absl::StrCat(absl::StrJoin(fields, ","), "\r\n");
}

}  // namespace

std::string CsvHeader(const Table& table) {
  std::vector<std::string> names;
  for (const Column& column : table.columns)
    names.push_back(Field(column.name));
  return Line(names);
}

std::string CsvRows(const Table& table) {
  std::string lines;
  for (const std::vector<Cell>& row : table.rows) {
    std::vector<std::string> fields;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string& text = row[i].text;
      fields.push_back(table.columns[i].is_number ? text : Field(text));
    }
    lines += Line(fields);
  }
  return lines;
}

std::string CsvList(const std::vector<std::string>& texts) {
  return absl::StrJoin(texts, ";", [](std::string* list, const auto& text) {
    list->append(absl::StrReplaceAll(text, {{";", "\\073"}}));
  });
}

std::string CsvOfValues(
    const std::vector<std::pair<std::string, std::string>>& values) {
  std::string lines = Line({"name", "value"});
  for (const auto& [name, value] : values)
    lines += Line({Field(name), Field(value)});
  return lines;
}

}  // namespace connreg::cli
