#ifndef CONNREG_CLIENT_CLI_CSV_H_
#define CONNREG_CLIENT_CLI_CSV_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/cli/table.h"

// Comma-separated values as RFC 4180 has them: lines end in CRLF, and a field
// that holds a comma, a quote or a blank at either end is quoted.
//
// What spreadsheets do to such files, and what is done about it:
//
//   A field that begins with "=", "+", "-" or "@" is run as a formula, and who
//   names a process chooses its bytes. That first sign is escaped as in C
//   ("=1+2" is "\0751+2"), as texts are anyway (see Displayable()); so it is
//   behind a comma or a semicolon, since some split at either whatever is
//   quoted. Undoing the escapes gives the bytes back. Columns of numbers have
//   their signs as they are.
//   Numbers of more than 15 digits are rounded. Socket cookies, which have 64
//   bits, are hexadecimal ("0x1f"), which stays text.
//   Line breaks within a field part rows. There are none: they are escaped.
//   Names that look like numbers or dates ("1e5", "2-3") are converted. RFC
//   4180 has no types, so there is no remedy but to import those columns as
//   text. Letters beyond ASCII come out wrong where UTF-8 is not chosen at
//   import. There is no byte order mark, since programs would take it for a
//   part of the first column's name.
namespace connreg::cli {

// A header with the names of the columns. Notes of cells are not told.
std::string CsvHeader(const Table& table);

// A line for each row.
std::string CsvRows(const Table& table);

// Several texts in one field, with a semicolon between them; one within a text
// is "\073".
std::string CsvList(const std::vector<std::string>& texts);

// Lines of a name and a value under the header "name,value".
std::string CsvOfValues(
    const std::vector<std::pair<std::string, std::string>>& values);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_CSV_H_
