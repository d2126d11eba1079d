#ifndef CONNREG_SERVICE_WIRE_TEXT_H_
#define CONNREG_SERVICE_WIRE_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace connreg {

// The longest name of a host, network, namespace or reporter, in bytes.
inline constexpr size_t kMaxNameLength = 255;
// The longest name of an interface (IFNAMSIZ less its NUL).
inline constexpr size_t kMaxDeviceLength = 15;

// INVALID_ARGUMENT, in `field`: `text` is longer than `limit` bytes
//   (TEXT_TOO_LONG), or it holds a control character or is not UTF-8
//   (TEXT_MALFORMED, with its position).
absl::Status CheckText(absl::string_view field, absl::string_view text,
                       size_t limit = kMaxNameLength);

// The same, and TEXT_EMPTY if `text` is.
absl::Status CheckRequiredText(absl::string_view field, absl::string_view text);

// `bytes` as UTF-8 that is safe to show. Escaped as in C are control
// characters, backslashes, bytes that are not UTF-8, and what shows nothing, or
// shows what is around it elsewhere (zero width, directional overrides, line
// separators), or means nothing to a stranger (private use).
std::string Displayable(absl::string_view bytes);

// `text` as one line that does a terminal no harm: what it would obey, and
// line breaks, are escaped as in C. Backslashes stay, so that what the service
// has escaped is not escaped twice.
std::string OneLine(absl::string_view text);

}  // namespace connreg

#endif  // CONNREG_SERVICE_WIRE_TEXT_H_
