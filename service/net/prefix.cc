#include "service/net/prefix.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "service/base/error.h"
#include "service/base/status_macros.h"
#include "service/net/text.h"

namespace connreg {
namespace {

using net_internal::At;
using net_internal::Named;
using net_internal::ParseDecimal;

// The bits before an IPv4 address in its mapped form. IpAddress::bytes() starts
// with them, so blocks of both families are counted in bits of 16 bytes here.
constexpr int kMappedBits = 96;

int BitsBefore(const IpAddress& address) {
  return address.is_v4() ? kMappedBits : 0;
}

std::array<uint8_t, 16> LeadingBits(std::array<uint8_t, 16> bytes, int count) {
  for (int i = 0; i < static_cast<int>(bytes.size()); ++i) {
    const int kept = count - 8 * i;
    if (kept <= 0) bytes[i] = 0;
    if (kept > 0 && kept < 8)
      bytes[i] &= static_cast<uint8_t>(0xff << (8 - kept));
  }
  return bytes;
}

absl::Status OutOfRange(absl::string_view message) {
  return InvalidArgument("PREFIX_LENGTH_OUT_OF_RANGE", message);
}

// The first address of the block around `address` whose length, counted after
// `bits_before` of its 128 bits, is `length`.
absl::StatusOr<IpAddress> FirstOfBlock(const IpAddress& address,
                                       int bits_before, int64_t length) {
  const int max = 128 - bits_before;
  if (length < 0 || length > max) {
    return OutOfRange(
        absl::StrCat("the length is not a number from 0 to ", max));
  }
  const int count = bits_before + static_cast<int>(length);
  absl::StatusOr<IpAddress> first =
      IpAddress::V6(LeadingBits(address.bytes(), count))
          .WithZone(address.zone());
  if (!first.ok())
    return OutOfRange("the block is wider than the addresses with a zone");
  return first;
}

}  // namespace

absl::StatusOr<Prefix> Prefix::Create(const IpAddress& address, int length) {
  const absl::StatusOr<IpAddress> first =
      FirstOfBlock(address, BitsBefore(address), length);
  if (!first.ok()) {
    return Named("prefix", absl::StrCat(address.ToString(), "/", length),
                 first.status());
  }
  return Prefix(*first, length);
}

absl::StatusOr<Prefix> Prefix::Parse(absl::string_view text) {
  const size_t slash = std::min(text.find('/'), text.size());
  const absl::string_view written = text.substr(0, slash);
  ASSIGN_OR_RETURN(const IpAddress address, IpAddress::Parse(written));
  if (slash == text.size()) return Prefix(address);

  const absl::StatusOr<uint32_t> length =
      ParseDecimal(text.substr(slash + 1), "PREFIX_LENGTH_MALFORMED");
  if (!length.ok())
    return Named("prefix", text, MovedBy(slash + 1, length.status()));
  const bool written_as_v6 = absl::StrContains(written, ':');
  const int bits_before = written_as_v6 ? 0 : BitsBefore(address);
  const absl::StatusOr<IpAddress> first =
      FirstOfBlock(address, bits_before, *length);
  if (!first.ok()) return Named("prefix", text, At(slash + 1, first.status()));
  return Prefix(*first,
                bits_before + static_cast<int>(*length) - BitsBefore(*first));
}

bool Prefix::is_host_local() const {
  if (!address_.is_host_local()) return false;
  if (address_.is_v4()) return length_ >= 8;
  if (address_.is_loopback()) return length_ == 128;
  const bool is_multicast = address_.bytes()[0] == 0xff;
  return length_ >= (is_multicast ? 16 : 10);
}

bool Prefix::Contains(const IpAddress& address) const {
  return address.zone() == address_.zone() &&
         address.is_v4() == address_.is_v4() &&
         LeadingBits(address.bytes(), BitsBefore(address_) + length_) ==
             address_.bytes();
}

bool Prefix::ContainsInAnyZone(const IpAddress& address) const {
  if (!address_.zone().empty()) return Contains(address);
  const absl::StatusOr<IpAddress> bare = address.WithZone("");
  return bare.ok() && Contains(*bare);
}

bool Prefix::IsBefore(const IpAddress& address) const {
  if (address.is_v4() != address_.is_v4()) return address.is_v6();
  return LeadingBits(address.bytes(), BitsBefore(address_) + length_) >
         address_.bytes();
}

std::string Prefix::ToString() const {
  return absl::StrCat(address_.ToString(), "/", length_);
}

}  // namespace connreg
