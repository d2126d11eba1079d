#include "service/net/text.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"

namespace connreg::net_internal {
namespace {

// Longer than any address, so that only what is no address is cut.
constexpr size_t kMaxPrintedLength = 80;

}  // namespace

std::string Printable(absl::string_view text) {
  std::string printable = absl::CHexEscape(text.substr(0, kMaxPrintedLength));
  if (text.size() > kMaxPrintedLength) printable.append("...");
  return printable;
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", Printable(text), "\"");
}

absl::Status Named(absl::string_view noun, absl::string_view text,
                   const absl::Status& status) {
  const ErrorDetail detail = DetailOf(status).value_or(ErrorDetail{});
  std::string message =
      absl::StrCat(noun, " ", Quoted(text), ": ", status.message());
  if (detail.position)
    absl::StrAppend(&message, " (at position ", *detail.position, ")");
  return WithDetail(absl::Status(status.code(), message), detail);
}

absl::Status At(size_t position, absl::Status status) {
  if (status.ok()) return status;
  ErrorDetail detail = DetailOf(status).value_or(ErrorDetail{});
  detail.position = position;
  return WithDetail(std::move(status), detail);
}

absl::StatusOr<uint32_t> ParseDecimal(absl::string_view text,
                                      absl::string_view reason) {
  if (text.empty())
    return InvalidArgument(reason, "a number is missing", size_t{0});
  constexpr uint64_t kMax = std::numeric_limits<uint32_t>::max();
  uint64_t value = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(text[i]))) {
      return InvalidArgument(
          reason, absl::StrCat(Quoted(text.substr(i, 1)), " is not a digit"),
          i);
    }
    value = std::min(value * 10 + static_cast<uint64_t>(text[i] - '0'), kMax);
  }
  if (text.size() > 1 && text[0] == '0') {
    return InvalidArgument(reason,
                           absl::StrCat(Printable(text), " has a leading zero"),
                           size_t{0});
  }
  return static_cast<uint32_t>(value);
}

}  // namespace connreg::net_internal
