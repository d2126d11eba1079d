#include "client/agent/ack_window.h"

#include <iterator>
#include <utility>

namespace connreg {
namespace {

// The rows at `places`, as far as there are any.
template <typename Row>
std::vector<Row> RowsAt(const std::vector<uint32_t>& places,
                        std::vector<Row> rows) {
  std::vector<Row> found;
  for (const uint32_t place : places)
    if (place < rows.size()) found.push_back(std::move(rows[place]));
  return found;
}

}  // namespace

void AckWindow::Add(const RowBatch& batch, absl::Duration now) {
  unanswered_.push_back({.sent = now,
                         .seq = batch.seq,
                         .listeners = batch.listeners,
                         .connections = batch.connections,
                         .ended = batch.ended});
  ++batches_;
}

void AckWindow::Add(const KeepAlive&, absl::Duration now) {
  unanswered_.push_back({.sent = now});
}

std::optional<AckWindow::Refused> AckWindow::Take(const Ack& ack) {
  if (empty()) return std::nullopt;
  Unanswered answered = std::move(unanswered_.front());
  unanswered_.pop_front();
  if (answered.seq != 0) {
    --batches_;
    applied_seq_ = answered.seq;
  }
  if (ack.seq != applied_seq_) return std::nullopt;
  return Refused{
      .seq = answered.seq,
      .listeners = RowsAt(ack.refused_listeners, std::move(answered.listeners)),
      .connections =
          RowsAt(ack.refused_connections, std::move(answered.connections))};
}

std::vector<ConnectionFacts> AckWindow::Clear() {
  std::vector<ConnectionFacts> ended;
  for (Unanswered& unanswered : unanswered_) {
    ended.insert(ended.end(), std::make_move_iterator(unanswered.ended.begin()),
                 std::make_move_iterator(unanswered.ended.end()));
  }
  unanswered_.clear();
  batches_ = 0;
  applied_seq_ = 0;
  return ended;
}

}  // namespace connreg
