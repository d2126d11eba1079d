#ifndef CONNREG_SERVICE_MODEL_MIRROR_FIT_H_
#define CONNREG_SERVICE_MODEL_MIRROR_FIT_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "service/model/address_owners.h"
#include "service/model/connection.h"

// The rules of Join() that take no observation whole.
namespace connreg {

// How good a mirror an observation is for another. Lower is better.
enum class MirrorFit {
  kSameNetns = 1,
  kSameHost,
  kOtherHost,
  // Nothing speaks against it, and too little speaks for it.
  kUndecided,
  // It is another connection's.
  kNone,
};

// Whether a socket in `far_netns` of another host is where packets go that
// `near_host` sends to an address that `owners` own. At least kOtherHost.
MirrorFit FitByOwners(absl::string_view near_host, absl::string_view far_host,
                      absl::string_view far_netns,
                      absl::Span<const AddressOwner> owners);

// Why the end at an address that `owners` own, and that is not host-local, is
// missing, if no row may be it.
OneSidedReason MissingEndReason(absl::Span<const AddressOwner> owners);

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_MIRROR_FIT_H_
