#ifndef CONNREG_SERVICE_FLAGS_FLAG_FILE_H_
#define CONNREG_SERVICE_FLAGS_FLAG_FILE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace connreg::flags {

// The most bytes that a flag file may have.
inline constexpr size_t kMaxFlagFileBytes = 1 << 20;

// A line of a flag file that sets a flag.
struct FlagLine {
  // Where it stands, for a message: "connregd.flags:3".
  std::string where;
  // "--grace".
  std::string flag;
  // None if there was no "=".
  std::optional<std::string> value;
};

// The lines of a flag file of the name `path` that holds `text`. Blank lines,
// those that start with "#", a byte order mark, blanks around a line and the
// carriage returns of CRLF are passed over. What a flag is, it does not know.
//
// INVALID_ARGUMENT: a line is not --NAME or --NAME=VALUE, its value stands in
//   quotes, which nobody takes off here, or it holds a NUL byte.
absl::StatusOr<std::vector<FlagLine>> ParseFlagFile(absl::string_view path,
                                                    absl::string_view text);

// Reads the file, which may be a pipe too.
//
// INVALID_ARGUMENT: as ParseFlagFile(), or it cannot be read, or it has more
//   than kMaxFlagFileBytes.
absl::StatusOr<std::vector<FlagLine>> ReadFlagFile(const std::string& path);

}  // namespace connreg::flags

#endif  // CONNREG_SERVICE_FLAGS_FLAG_FILE_H_
