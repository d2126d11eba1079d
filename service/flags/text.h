#ifndef CONNREG_SERVICE_FLAGS_TEXT_H_
#define CONNREG_SERVICE_FLAGS_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace connreg::flags {

// What somebody wrote, for a message: in double quotes, in ASCII with all else
// escaped, and cut where it is too long for a person to read.
std::string Quoted(absl::string_view text);

// `text` as one line: control characters are escaped, and it is cut where it is
// longer than any message of ours.
std::string OneLine(absl::string_view text);

}  // namespace connreg::flags

#endif  // CONNREG_SERVICE_FLAGS_TEXT_H_
