#ifndef CONNREG_SERVICE_FLAGS_COLUMNS_H_
#define CONNREG_SERVICE_FLAGS_COLUMNS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace connreg::flags {

// `text` in lines that end before the column 80, broken between words. All but
// the first are indented by `indent`, and the first is taken to start there. A
// line break in `text` stays.
std::string Wrapped(absl::string_view text, size_t indent);

// A name and what it means.
struct Entry {
  std::string name;
  std::string meaning;
};

// `title` and a line for each of `entries` below it, or more where it takes
// more: the names, and beside them what they mean. Nothing for no entries.
std::string Section(absl::string_view title, const std::vector<Entry>& entries);

}  // namespace connreg::flags

#endif  // CONNREG_SERVICE_FLAGS_COLUMNS_H_
