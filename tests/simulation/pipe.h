#ifndef CONNREG_TESTS_SIMULATION_PIPE_H_
#define CONNREG_TESTS_SIMULATION_PIPE_H_

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

#include "absl/time/time.h"
#include "tests/simulation/dice.h"
#include "tests/simulation/link.h"
#include "tests/simulation/timeline.h"

namespace connreg::simulation {

// Pipe carries what one end of a stream says to the other: in order, one after
// the other as fast as its link sends, each after a time of its own, and not
// while the link is blocked.
template <typename Item>
class Pipe {
 public:
  using Deliver = std::function<void(Item)>;

  // `link` outlives it, and it outlives the run.
  Pipe(Timeline& timeline, Dice& dice, Link& link, Deliver deliver)
      : timeline_(timeline),
        dice_(dice),
        link_(link),
        deliver_(std::move(deliver)) {}

  void Push(Item item, size_t bytes) {
    if (is_cut_) return;
    sent_ = std::max(sent_, timeline_.now()) + link_.TimeFor(bytes);
    last_due_ = std::max(
        last_due_, sent_ + dice_.Between(absl::ZeroDuration(), link_.delay()));
    queue_.push_back({last_due_, std::move(item)});
    WakeAfter(last_due_ - timeline_.now());
  }

  // How much is under way.
  size_t size() const { return queue_.size(); }

  // What is under way is lost, and all that is said from now on. Whoever would
  // hear it is not told.
  void Cut() {
    is_cut_ = true;
    queue_.clear();
  }

 private:
  struct Entry {
    absl::Duration due;
    Item item;
  };

  void WakeAfter(absl::Duration delay) {
    timeline_.After(delay, [this] { Pump(); });
  }

  void Pump() {
    if (link_.is_blocked()) {
      if (std::exchange(waits_, true)) return;
      link_.AwaitUnblocked([this] {
        waits_ = false;
        WakeAfter(dice_.Between(absl::ZeroDuration(), absl::Milliseconds(400)));
      });
      return;
    }
    while (!queue_.empty() && queue_.front().due <= timeline_.now()) {
      Item item = std::move(queue_.front().item);
      queue_.pop_front();
      deliver_(std::move(item));
    }
  }

  Timeline& timeline_;
  Dice& dice_;
  Link& link_;
  const Deliver deliver_;

  // When all will have been sent, and will be there.
  absl::Duration sent_;
  absl::Duration last_due_;
  bool is_cut_ = false;
  bool waits_ = false;
  std::deque<Entry> queue_;
};

}  // namespace connreg::simulation

#endif  // CONNREG_TESTS_SIMULATION_PIPE_H_
