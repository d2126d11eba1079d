#ifndef CONNREG_SERVICE_NET_TEXT_H_
#define CONNREG_SERVICE_NET_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// What the parsers of this folder share. Not for use outside it.
namespace connreg::net_internal {

// `text` fit for a message: in ASCII with all else escaped, and cut where it is
// too long for a person to read.
std::string Printable(absl::string_view text);

// The same, in double quotes.
std::string Quoted(absl::string_view text);

// The error `status` of parsing `text`, with a message that names both and says
// the position in words: `address "10.0.0.x": "x" is not a digit (at position
// 7)`.
// REQUIRES: !status.ok()
absl::Status Named(absl::string_view noun, absl::string_view text,
                   const absl::Status& status);

// The error `status` with `position` in place of its own. OK stays OK.
absl::Status At(size_t position, absl::Status status);

// The number that `text` writes in decimal, without sign, blanks or leading
// zeros. One that does not fit comes out as the largest that does.
//
// INVALID_ARGUMENT: `reason`, anything else, with its position.
absl::StatusOr<uint32_t> ParseDecimal(absl::string_view text,
                                      absl::string_view reason);

}  // namespace connreg::net_internal

#endif  // CONNREG_SERVICE_NET_TEXT_H_
