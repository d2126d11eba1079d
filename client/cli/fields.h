#ifndef CONNREG_CLIENT_CLI_FIELDS_H_
#define CONNREG_CLIENT_CLI_FIELDS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace connreg::cli {

// A value under its name, in UTF-8.
struct Field {
  // Empty: the value goes on from the one above.
  std::string name;
  std::string value;
  // Whether the value may be broken where it has blanks. What is to be copied
  // stays on one line.
  bool may_break = true;
};

// A line for each field, the values aligned to the left behind the names. A
// value that does not fit `width`, or 80 columns where nobody knows the width,
// is broken into lines that are aligned like the first.
std::string FormatFields(const std::vector<Field>& fields,
                         std::optional<size_t> width);

}  // namespace connreg::cli

#endif  // CONNREG_CLIENT_CLI_FIELDS_H_
