#include "client/agent/remainders.h"

#include <algorithm>
#include <cstddef>

namespace connreg {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(25);
constexpr size_t kMostAtOnce = 50;

}  // namespace

void Remainders::Add(Remainder remainder) {
  if (known_.insert(KeyOf(remainder)).second)
    queue_.push_back(std::move(remainder));
}

std::optional<absl::Duration> Remainders::WaitFrom(absl::Duration now) const {
  if (queue_.empty()) return std::nullopt;
  return std::max(absl::ZeroDuration(), next_ - now);
}

std::vector<Remainder> Remainders::TakeDue(absl::Duration now) {
  std::vector<Remainder> due;
  if (now < next_) return due;
  next_ = now + kPause;
  for (size_t left = std::min(kMostAtOnce, queue_.size()); left > 0; --left) {
    known_.erase(KeyOf(queue_.front()));
    due.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return due;
}

}  // namespace connreg
