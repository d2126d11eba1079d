#include "service/base/error.h"

#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace connreg {
namespace {

// The payload is three lines: reason, field, position. None of them holds a
// line break, since reasons and field paths are identifiers.
constexpr absl::string_view kPayloadUrl = "connreg/error-detail";

}  // namespace

absl::Status InvalidArgument(absl::string_view reason,
                             absl::string_view message,
                             std::optional<size_t> position) {
  return WithDetail(absl::InvalidArgumentError(message),
                    {std::string(reason), "", position});
}

std::optional<ErrorDetail> DetailOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::vector<std::string> lines =
      absl::StrSplit(std::string(*payload), '\n');
  ErrorDetail detail{lines[0], lines[1], std::nullopt};
  if (size_t position = 0; absl::SimpleAtoi(lines[2], &position))
    detail.position = position;
  return detail;
}

absl::Status WithDetail(absl::Status status, const ErrorDetail& detail) {
  std::string payload = absl::StrCat(detail.reason, "\n", detail.field, "\n");
  if (detail.position) absl::StrAppend(&payload, *detail.position);
  status.SetPayload(kPayloadUrl, absl::Cord(payload));
  return status;
}

absl::Status InField(absl::string_view field, absl::Status status) {
  if (status.ok()) return status;
  ErrorDetail detail = DetailOf(status).value_or(ErrorDetail{});
  detail.field = detail.field.empty() ? std::string(field)
                                      : absl::StrCat(field, ".", detail.field);
  return WithDetail(std::move(status), detail);
}

absl::Status MovedBy(size_t offset, absl::Status status) {
  std::optional<ErrorDetail> detail = DetailOf(status);
  if (!detail || !detail->position) return status;
  *detail->position += offset;
  return WithDetail(std::move(status), *detail);
}

}  // namespace connreg
