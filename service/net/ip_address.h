#ifndef CONNREG_SERVICE_NET_IP_ADDRESS_H_
#define CONNREG_SERVICE_NET_IP_ADDRESS_H_

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace connreg {

// IpAddress is an IPv4 or IPv6 address in canonical form: an IPv4-mapped IPv6
// address (::ffff:a.b.c.d) is the IPv4 address, whoever writes it and however.
//
// A link-local address (fe80::/10, and multicast of link or interface scope)
// may carry a zone, the name or number of the interface that it is valid on
// (RFC 4007 §11). Zones mean something on one host only.
//
// A trivially copyable value, ordered by family (IPv4 first), then bytes, then
// zone. The default value is the unspecified IPv6 address.
class IpAddress {
 public:
  // The longest zone, in bytes: an interface name (IFNAMSIZ less its NUL).
  static constexpr size_t kMaxZoneLength = 15;

  constexpr IpAddress() = default;

  // Bytes in network order.
  static IpAddress V4(const std::array<uint8_t, 4>& bytes);
  // The same as a number, 0x0a000005 for 10.0.0.5.
  static IpAddress V4(uint32_t number) {
    return V4(
        {static_cast<uint8_t>(number >> 24), static_cast<uint8_t>(number >> 16),
         static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number)});
  }
  // The same for 16 bytes; an IPv4-mapped address becomes IPv4.
  static IpAddress V6(const std::array<uint8_t, 16>& bytes);

  // Parses what people paste: dotted IPv4, IPv6 in any form of RFC 4291 §2.2,
  // and '*' for the unspecified IPv6 address, as ss(8) prints a dual-stack
  // wildcard. IPv6 may stand in brackets. A zone follows '%', before or after
  // the closing bracket. Blanks, IPv4 numbers with leading zeros and names are
  // refused.
  //
  // INVALID_ARGUMENT: anything else, with its position. Reasons: ADDRESS_EMPTY,
  //   ADDRESS_MALFORMED, ZONE_EMPTY, ZONE_TOO_LONG, ZONE_MALFORMED (blank,
  //   control or non-ASCII byte, '%', '[', ']', '/' or ':', or a second zone),
  //   ZONE_NOT_ALLOWED (not a link-local address).
  static absl::StatusOr<IpAddress> Parse(absl::string_view text);

  // This address with `zone` in place of its own; an empty one takes it away.
  //
  // INVALID_ARGUMENT: as Parse() says of zones, with the position in `zone`.
  absl::StatusOr<IpAddress> WithZone(absl::string_view zone) const;

  bool is_v4() const {
    return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(),
                      bytes_.begin());
  }
  bool is_v6() const { return !is_v4(); }
  // 0.0.0.0 or ::, which a listener bound to every address shows.
  bool is_unspecified() const {
    const auto begin = bytes_.begin() + (is_v4() ? kMappedPrefix.size() : 0);
    return std::all_of(begin, bytes_.end(), [](uint8_t b) { return b == 0; });
  }
  // 127.0.0.0/8 or ::1.
  bool is_loopback() const {
    return is_v4() ? bytes_[kMappedPrefix.size()] == 127
                   : bytes_ == kV6Loopback;
  }
  // fe80::/10, or multicast of interface or link scope. What may have a zone.
  bool is_link_local() const {
    if (bytes_[0] == 0xfe) return (bytes_[1] & 0xc0) == 0x80;
    // The low half of the second byte is the scope (RFC 4291 §2.7).
    const int scope = bytes_[1] & 0x0f;
    return bytes_[0] == 0xff && (scope == 1 || scope == 2);
  }
  // Loopback or link-local: means another thing on each host.
  bool is_host_local() const { return is_loopback() || is_link_local(); }

  // An IPv4 address as a number, 0x0a000005 for 10.0.0.5.
  //
  // REQUIRES: is_v4()
  uint32_t v4() const {
    return uint32_t{bytes_[12]} << 24 | uint32_t{bytes_[13]} << 16 |
           uint32_t{bytes_[14]} << 8 | bytes_[15];
  }

  // 32 or 128.
  int bits() const { return is_v4() ? 32 : 128; }

  // In network order; IPv4 as its mapped form.
  const std::array<uint8_t, 16>& bytes() const { return bytes_; }
  // Empty if there is none. Valid as long as this object.
  absl::string_view zone() const;

  // RFC 5952, with the zone after '%'. IPv6 is always hexadecimal, "::a00:5"
  // and never "::10.0.0.5". Parse() gives the same value back.
  std::string ToString() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
  friend std::strong_ordering operator<=>(const IpAddress& a,
                                          const IpAddress& b);

  template <typename H>
  friend H AbslHashValue(H h, const IpAddress& address) {
    return H::combine(std::move(h), address.bytes_, address.zone_);
  }

 private:
  // Of an IPv4-mapped address (RFC 4291 §2.5.5.2).
  static constexpr std::array<uint8_t, 12> kMappedPrefix = {
      0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static constexpr std::array<uint8_t, 16> kV6Loopback = {
      0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

  std::array<uint8_t, 16> bytes_{};
  // Padded with NUL, so that equal zones have equal bytes.
  std::array<char, kMaxZoneLength + 1> zone_{};
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_NET_IP_ADDRESS_H_
