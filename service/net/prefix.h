#ifndef CONNREG_SERVICE_NET_PREFIX_H_
#define CONNREG_SERVICE_NET_PREFIX_H_

#include <compare>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "service/net/ip_address.h"

namespace connreg {

// Prefix is a block of addresses in CIDR notation (RFC 4632), canonical: the
// bits beyond its length are 0, and one within ::ffff:0:0/96 is IPv4.
//
// A trivially copyable value, ordered by address, then length.
class Prefix {
 public:
  // The block of `length` leading bits around `address`. The bits beyond are
  // cleared; a zone stays, and limits the block to it.
  //
  // INVALID_ARGUMENT: `length` is negative or above address.bits(), or so short
  //   that what is left of a link-local address cannot carry its zone
  //   (PREFIX_LENGTH_OUT_OF_RANGE).
  static absl::StatusOr<Prefix> Create(const IpAddress& address, int length);

  // The block of this one address.
  explicit Prefix(const IpAddress& address)
      : address_(address), length_(address.bits()) {}

  // Parses "10.0.0.0/8", "2001:db8::/32", "fe80::1%eth0"; an address without a
  // length is the block of it alone. Host bits are cleared: "10.0.0.5/24" is
  // 10.0.0.0/24. The length of an IPv4-mapped prefix counts from the IPv6
  // address's start, so "::ffff:10.0.0.0/104" is 10.0.0.0/8, and one shorter
  // than 96 is IPv6.
  //
  // INVALID_ARGUMENT: anything else, with its position. Reasons: those of
  //   IpAddress::Parse(), PREFIX_LENGTH_MALFORMED, PREFIX_LENGTH_OUT_OF_RANGE.
  static absl::StatusOr<Prefix> Parse(absl::string_view text);

  const IpAddress& address() const { return address_; }
  // In bits, from 0 to address().bits().
  int length() const { return length_; }
  bool is_single_address() const { return length_ == address_.bits(); }

  // Whether every address of the block is loopback or link-local, and so means
  // another thing on each host.
  bool is_host_local() const;

  // Whether `address` is of this family, zone and block. A block without a zone
  // holds no address with one.
  bool Contains(const IpAddress& address) const;
  // The same, save that a block without a zone holds its addresses of any zone.
  bool ContainsInAnyZone(const IpAddress& address) const;
  // Whether the whole block comes before `address`, in the order of addresses.
  bool IsBefore(const IpAddress& address) const;

  // "10.0.0.0/8", "10.0.0.1/32". Parse() gives the same value back.
  std::string ToString() const;

  friend bool operator==(const Prefix&, const Prefix&) = default;
  friend auto operator<=>(const Prefix&, const Prefix&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Prefix& prefix) {
    return H::combine(std::move(h), prefix.address_, prefix.length_);
  }

 private:
  Prefix(const IpAddress& address, int length)
      : address_(address), length_(length) {}

  IpAddress address_;
  int length_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_NET_PREFIX_H_
