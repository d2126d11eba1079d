#ifndef CONNREG_CLIENT_AGENT_ACK_WINDOW_H_
#define CONNREG_CLIENT_AGENT_ACK_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "service/model/report.h"
#include "service/model/socket.h"

namespace connreg {

// AckWindow is what an agent has sent in a session and the registry has not
// answered yet, with the rows that it may refuse.
//
// Not thread-safe.
class AckWindow {
 public:
  // At most `batches` are sent before the first is answered.
  explicit AckWindow(size_t batches) : max_batches_(batches) {}

  bool empty() const { return unanswered_.empty(); }
  // Whether one more batch may be sent, and whether all were answered.
  bool has_room() const { return batches_ < max_batches_; }
  bool has_batches() const { return batches_ > 0; }
  // When what was not answered for the longest time was sent.
  //
  // REQUIRES: !empty()
  absl::Duration oldest() const { return unanswered_.front().sent; }

  // It was sent now.
  void Add(const RowBatch& batch, absl::Duration now);
  void Add(const KeepAlive& keep_alive, absl::Duration now);

  // What was refused of a batch.
  struct Refused {
    uint64_t seq = 0;
    std::vector<ListenerFacts> listeners;
    std::vector<ConnectionFacts> connections;
  };
  // Takes the oldest out, which `ack` answers. Nothing if it does not, by its
  // number, or if nothing was sent.
  std::optional<Refused> Take(const Ack& ack);

  // Begins anew. Returns the connections of batches without an answer that had
  // ended.
  std::vector<ConnectionFacts> Clear();

 private:
  struct Unanswered {
    absl::Duration sent;
    // 0: it is no batch.
    uint64_t seq = 0;
    std::vector<ListenerFacts> listeners;
    std::vector<ConnectionFacts> connections;
    std::vector<ConnectionFacts> ended;
  };

  const size_t max_batches_;
  std::deque<Unanswered> unanswered_;
  size_t batches_ = 0;
  // Of the last batch that was answered.
  uint64_t applied_seq_ = 0;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_ACK_WINDOW_H_
