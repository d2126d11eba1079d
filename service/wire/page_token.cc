#include "service/wire/page_token.h"

#include <cstdint>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/sip_hash.h"

namespace connreg {
namespace {

constexpr size_t kChecksumSize = sizeof(uint64_t);

// Covers the position and all that the token is bound to. The key is no
// secret: a forged token names a position, and does no more harm than that.
std::string Checksum(const PageTokenScope& scope, absl::string_view position) {
  uint64_t sum = SipHash(
      {position.size(), scope.run_id.size()},
      absl::StrCat(position, absl::string_view(scope.run_id), scope.request));
  std::string bytes;
  for (size_t i = 0; i < kChecksumSize; ++i, sum >>= 8)
    bytes.push_back(static_cast<char>(sum));
  return bytes;
}

}  // namespace

std::string MakePageToken(const PageTokenScope& scope,
                          absl::string_view position) {
  return absl::WebSafeBase64Escape(
      absl::StrCat(Checksum(scope, position), position));
}

absl::StatusOr<std::optional<std::string>> ReadPageToken(
    const PageTokenScope& scope, absl::string_view token) {
  if (token.empty()) return std::nullopt;
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(token, &bytes) ||
      bytes.size() < kChecksumSize)
    return InvalidPageToken();
  std::string position = bytes.substr(kChecksumSize);
  if (bytes.substr(0, kChecksumSize) != Checksum(scope, position))
    return InvalidPageToken();
  return position;
}

absl::Status InvalidPageToken() {
  return InField("page_token",
                 InvalidArgument("PAGE_TOKEN_INVALID",
                                 "page token: not one that this run of the "
                                 "service gave to the same request; start "
                                 "from the first page"));
}

}  // namespace connreg
