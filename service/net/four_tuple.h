#ifndef CONNREG_SERVICE_NET_FOUR_TUPLE_H_
#define CONNREG_SERVICE_NET_FOUR_TUPLE_H_

#include <compare>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "service/net/endpoint.h"

namespace connreg {

// FourTuple is the pair of endpoints that identifies a connection, as one of
// its ends sees it. The other end sees its mirror. Neither endpoint is a
// wildcard, and both are of one family.
//
// A trivially copyable value.
class FourTuple {
 public:
  // INVALID_ARGUMENT: an endpoint's address is unspecified (ADDRESS_WILDCARD,
  //   in field "local.address" or "remote.address"), or the families differ
  //   (FAMILY_MISMATCH, in field "remote.address").
  static absl::StatusOr<FourTuple> Create(const Endpoint& local,
                                          const Endpoint& remote);

  // The four-tuple of ends that Create() takes.
  //
  // REQUIRES: neither is a wildcard, and both are of one family.
  static FourTuple Of(const Endpoint& local, const Endpoint& remote) {
    return FourTuple(local, remote);
  }

  const Endpoint& local() const { return local_; }
  const Endpoint& remote() const { return remote_; }

  // The same pair as the other end sees it.
  FourTuple Mirror() const { return FourTuple(remote_, local_); }

  // Of this and its mirror, the one whose local endpoint is the lower: the same
  // for both ends.
  FourTuple Canonical() const { return remote_ < local_ ? Mirror() : *this; }

  // A socket connected to itself.
  bool is_self() const { return local_ == remote_; }

  // Loopback or link-local at either end: such a pair means something on one
  // host only.
  bool is_host_local() const {
    return local_.address().is_host_local() ||
           remote_.address().is_host_local();
  }

  // "10.0.0.9:51000 > 10.0.0.5:5432", local first.
  std::string ToString() const;

  friend bool operator==(const FourTuple&, const FourTuple&) = default;
  friend auto operator<=>(const FourTuple&, const FourTuple&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const FourTuple& tuple) {
    return H::combine(std::move(h), tuple.local_, tuple.remote_);
  }

 private:
  FourTuple(const Endpoint& local, const Endpoint& remote)
      : local_(local), remote_(remote) {}

  Endpoint local_;
  Endpoint remote_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_NET_FOUR_TUPLE_H_
