#ifndef CONNREG_CLIENT_AGENT_REMAINDERS_H_
#define CONNREG_CLIENT_AGENT_REMAINDERS_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "client/agent/sock_diag.h"

namespace connreg {

// What the kernel keeps of a connection in FIN-WAIT-2 that its process has
// closed. It does not tell when that ends.
struct Remainder {
  std::string netns;
  DiagSocket socket;
};

// Remainders says when the kernel is to be asked again for which of them: each
// every 25 ms, or, where they are many, one after another, about 2,000 a
// second.
//
// Times are on the monotonic clock. Not thread-safe.
class Remainders {
 public:
  // Adds one, unless it is there.
  void Add(Remainder remainder);

  // How long from `now` until some are to be asked for; nothing: there is none.
  std::optional<absl::Duration> WaitFrom(absl::Duration now) const;
  // Those that are to be asked for now; they are forgotten.
  std::vector<Remainder> TakeDue(absl::Duration now);

 private:
  using Key = std::pair<std::string, uint64_t>;

  static Key KeyOf(const Remainder& remainder) {
    return {remainder.netns, remainder.socket.cookie};
  }

  // In the order in which they are asked for.
  std::deque<Remainder> queue_;
  // Those of the queue.
  absl::flat_hash_set<Key> known_;
  absl::Duration next_ = -absl::InfiniteDuration();
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_REMAINDERS_H_
