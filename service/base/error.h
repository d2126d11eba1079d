#ifndef CONNREG_SERVICE_BASE_ERROR_H_
#define CONNREG_SERVICE_BASE_ERROR_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace connreg {

// What a program needs to know of an error beside its code and its text. It
// travels inside an absl::Status.
struct ErrorDetail {
  // What is wrong, in UPPER_SNAKE_CASE, stable over releases: "PORT_ZERO".
  std::string reason;
  // The path of the field that is wrong, as in "connections[3].remote.port";
  // empty if it is not about a field.
  std::string field;
  // Where in the field's text the fault lies, counted in bytes from 0.
  std::optional<size_t> position;

  bool operator==(const ErrorDetail&) const = default;
};

// An INVALID_ARGUMENT with a detail.
absl::Status InvalidArgument(absl::string_view reason,
                             absl::string_view message,
                             std::optional<size_t> position = std::nullopt);

// The detail of `status`, if it carries one.
std::optional<ErrorDetail> DetailOf(const absl::Status& status);

// `status` with `detail` in place of the one that it carried.
// REQUIRES: !status.ok()
absl::Status WithDetail(absl::Status status, const ErrorDetail& detail);

// `status` with `field` put before the path of the field that it speaks of:
// "port" becomes "remote.port". OK stays OK.
absl::Status InField(absl::string_view field, absl::Status status);

// `status` with its position moved by `offset`, for a parser that hands a part
// of its text to another. Also moves nothing where there is no position.
absl::Status MovedBy(size_t offset, absl::Status status);

}  // namespace connreg

#endif  // CONNREG_SERVICE_BASE_ERROR_H_
