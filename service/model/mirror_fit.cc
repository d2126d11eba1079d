#include "service/model/mirror_fit.h"

#include <algorithm>

namespace connreg {

MirrorFit FitByOwners(absl::string_view near_host, absl::string_view far_host,
                      absl::string_view far_netns,
                      absl::Span<const AddressOwner> owners) {
  if (owners.empty()) return MirrorFit::kUndecided;
  bool far_owns = false;
  bool third_owns = false;
  for (const AddressOwner& owner : owners) {
    if (owner.host == near_host) return MirrorFit::kNone;
    if (owner.host != far_host)
      third_owns = true;
    else if (owner.netns == far_netns || owner.netns.empty() ||
             far_netns.empty())
      far_owns = true;
  }
  if (!far_owns) return MirrorFit::kNone;
  return third_owns ? MirrorFit::kUndecided : MirrorFit::kOtherHost;
}

OneSidedReason MissingEndReason(absl::Span<const AddressOwner> owners) {
  if (owners.empty()) return OneSidedReason::kUnmanaged;
  const bool silent =
      std::all_of(owners.begin(), owners.end(),
                  [](const AddressOwner& owner) { return owner.stale; });
  return silent ? OneSidedReason::kStale : OneSidedReason::kNotReported;
}

}  // namespace connreg
