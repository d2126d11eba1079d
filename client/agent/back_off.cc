#include "client/agent/back_off.h"

#include <algorithm>

namespace connreg {
namespace {

constexpr absl::Duration kAtFirst = absl::Milliseconds(100);
constexpr absl::Duration kAtFirstIfRefused = absl::Seconds(1);

}  // namespace

absl::Duration BackOff::AfterLoss() { return PartOf(kAtFirst); }

absl::Duration BackOff::AfterFailure() { return PartOf(Doubled(kAtFirst)); }

absl::Duration BackOff::AfterRefusal() {
  return PartOf(Doubled(kAtFirstIfRefused));
}

absl::Duration BackOff::Doubled(absl::Duration first) {
  for (int i = 0; i < failures_ && first < longest_; ++i) first *= 2;
  ++failures_;
  return first;
}

absl::Duration BackOff::PartOf(absl::Duration time) const {
  return random_() * std::max(window_, std::min(longest_, time));
}

}  // namespace connreg
