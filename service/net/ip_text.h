#ifndef CONNREG_SERVICE_NET_IP_TEXT_H_
#define CONNREG_SERVICE_NET_IP_TEXT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// The text of the two families, without the additions of IpAddress: brackets,
// zones, '*'. Not for use outside this folder.
namespace connreg::net_internal {

using V4Bytes = std::array<uint8_t, 4>;
using V6Bytes = std::array<uint8_t, 16>;

// Accepts what inet_pton(3) accepts. The messages of their errors lack the noun
// and the value; see Named().
//
// INVALID_ARGUMENT: ADDRESS_MALFORMED, with its position.
absl::StatusOr<V4Bytes> ParseV4(absl::string_view text);
absl::StatusOr<V6Bytes> ParseV6(absl::string_view text);

// What ParseV4() returns, in a fraction of its time; nothing where that is an
// error.
std::optional<V4Bytes> ReadV4(absl::string_view text);

std::string V4Text(const V4Bytes& bytes);
// RFC 5952 §4, with no dotted part.
std::string V6Text(const V6Bytes& bytes);

}  // namespace connreg::net_internal

#endif  // CONNREG_SERVICE_NET_IP_TEXT_H_
