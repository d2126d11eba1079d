#include "service/net/ip_address.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/net/ip_text.h"
#include "service/net/text.h"

namespace connreg {
namespace {

using net_internal::Named;
using net_internal::ParseV4;
using net_internal::ParseV6;
using net_internal::Quoted;
using net_internal::ReadV4;
using net_internal::V4Bytes;
using net_internal::V4Text;
using net_internal::V6Bytes;
using net_internal::V6Text;

// Errors below lack their noun and value; Parse() and WithZone() put them in.
absl::Status Malformed(absl::string_view message, size_t position) {
  return InvalidArgument("ADDRESS_MALFORMED", message, position);
}

// An address with neither brackets nor zone.
absl::StatusOr<IpAddress> ParseBare(absl::string_view text) {
  if (text.empty())
    return InvalidArgument("ADDRESS_EMPTY", "no address", size_t{0});
  if (text == "*") return IpAddress();
  if (absl::StrContains(text, ':')) {
    ASSIGN_OR_RETURN(const V6Bytes bytes, ParseV6(text));
    return IpAddress::V6(bytes);
  }
  if (absl::ascii_isalpha(static_cast<unsigned char>(text[0])))
    return Malformed("not an IP address; names are not looked up", 0);
  ASSIGN_OR_RETURN(const V4Bytes bytes, ParseV4(text));
  return IpAddress::V4(bytes);
}

bool IsZoneByte(char c) {
  return absl::ascii_isgraph(static_cast<unsigned char>(c)) &&
         !absl::StrContains("%[]/:", c);
}

absl::Status CheckZone(const IpAddress& address, absl::string_view zone) {
  const auto bad = std::find_if_not(zone.begin(), zone.end(), IsZoneByte);
  if (bad != zone.end()) {
    const auto position = static_cast<size_t>(bad - zone.begin());
    return InvalidArgument("ZONE_MALFORMED",
                           absl::StrCat(Quoted(zone.substr(position, 1)),
                                        " does not belong in a zone"),
                           position);
  }
  if (zone.size() > IpAddress::kMaxZoneLength) {
    return InvalidArgument("ZONE_TOO_LONG",
                           absl::StrCat("the zone is longer than ",
                                        IpAddress::kMaxZoneLength, " bytes"),
                           IpAddress::kMaxZoneLength);
  }
  if (!address.is_link_local()) {
    return InvalidArgument("ZONE_NOT_ALLOWED",
                           "only a link-local address has a zone", size_t{0});
  }
  return absl::OkStatus();
}

// `address` with the zone in what followed it: nothing, or '%' and a zone.
absl::StatusOr<IpAddress> WithZoneText(const IpAddress& address,
                                       absl::string_view percent_zone) {
  if (percent_zone.empty()) return address;
  const absl::string_view zone = percent_zone.substr(1);
  if (zone.empty())
    return InvalidArgument("ZONE_EMPTY", "no zone after \"%\"", size_t{1});
  RETURN_IF_ERROR(MovedBy(1, CheckZone(address, zone)));
  return address.WithZone(zone);
}

absl::StatusOr<IpAddress> ParseUnbracketed(absl::string_view text) {
  const size_t percent = std::min(text.find('%'), text.size());
  ASSIGN_OR_RETURN(const IpAddress address, ParseBare(text.substr(0, percent)));
  absl::StatusOr<IpAddress> zoned = WithZoneText(address, text.substr(percent));
  if (!zoned.ok()) return MovedBy(percent, zoned.status());
  return zoned;
}

absl::StatusOr<IpAddress> ParseBracketed(absl::string_view text) {
  const size_t close = text.find(']');
  if (close == absl::string_view::npos)
    return Malformed("\"[\" is not closed", 0);
  const absl::string_view inside = text.substr(1, close - 1);
  const absl::string_view after = text.substr(close + 1);
  if (!inside.empty() && !absl::StrContains(inside, ':'))
    return Malformed("brackets are for IPv6", 0);
  const absl::StatusOr<IpAddress> address = ParseUnbracketed(inside);
  if (!address.ok()) return MovedBy(1, address.status());
  if (!after.empty() && after[0] != '%')
    return Malformed("only a zone may follow the bracket", close + 1);
  if (!after.empty() && !address->zone().empty())
    return InvalidArgument("ZONE_MALFORMED", "a second zone", close + 1);
  absl::StatusOr<IpAddress> zoned = WithZoneText(*address, after);
  if (!zoned.ok()) return MovedBy(close + 1, zoned.status());
  return zoned;
}

}  // namespace

IpAddress IpAddress::V4(const std::array<uint8_t, 4>& bytes) {
  IpAddress address;
  const auto rest = std::copy(kMappedPrefix.begin(), kMappedPrefix.end(),
                              address.bytes_.begin());
  std::copy(bytes.begin(), bytes.end(), rest);
  return address;
}

IpAddress IpAddress::V6(const std::array<uint8_t, 16>& bytes) {
  IpAddress address;
  address.bytes_ = bytes;
  return address;
}

absl::StatusOr<IpAddress> IpAddress::Parse(absl::string_view text) {
  if (const std::optional<V4Bytes> bytes = ReadV4(text)) return V4(*bytes);
  const bool bracketed = !text.empty() && text[0] == '[';
  absl::StatusOr<IpAddress> address =
      bracketed ? ParseBracketed(text) : ParseUnbracketed(text);
  if (!address.ok()) return Named("address", text, address.status());
  return address;
}

absl::StatusOr<IpAddress> IpAddress::WithZone(absl::string_view zone) const {
  IpAddress address = V6(bytes_);
  if (zone.empty()) return address;
  if (const absl::Status status = CheckZone(*this, zone); !status.ok())
    return Named("zone", zone, status);
  std::copy(zone.begin(), zone.end(), address.zone_.begin());
  return address;
}

absl::string_view IpAddress::zone() const {
  return absl::string_view(zone_.data());
}

std::string IpAddress::ToString() const {
  if (is_v4()) return V4Text({bytes_[12], bytes_[13], bytes_[14], bytes_[15]});
  std::string text = V6Text(bytes_);
  if (!zone().empty()) absl::StrAppend(&text, "%", zone());
  return text;
}

std::strong_ordering operator<=>(const IpAddress& a, const IpAddress& b) {
  if (const auto family = a.is_v6() <=> b.is_v6(); family != 0) return family;
  if (const int bytes =
          std::memcmp(a.bytes_.data(), b.bytes_.data(), a.bytes_.size());
      bytes != 0)
    return bytes <=> 0;
  return std::memcmp(a.zone_.data(), b.zone_.data(), a.zone_.size()) <=> 0;
}

}  // namespace connreg
