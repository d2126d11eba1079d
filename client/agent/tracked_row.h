#ifndef CONNREG_CLIENT_AGENT_TRACKED_ROW_H_
#define CONNREG_CLIENT_AGENT_TRACKED_ROW_H_

#include <cstddef>
#include <cstdint>

#include "service/model/socket.h"

namespace connreg {

template <typename Facts>
class RowQueue;

// A row of a host, and what the registry was told of it in this session.
template <typename Facts>
struct TrackedRow {
  Facts facts;
  // DigestOf(facts).
  uint64_t digest = 0;
  // Otherwise it is gone, and that is yet to be told.
  bool is_there = false;
  // The number of the look that showed it last.
  uint64_t look = 0;
  // The last look found nobody who holds it, so that it has the owners that the
  // look before found.
  bool has_recalled_owners = false;
  // Its state is from an event that came after the last look.
  bool has_later_state = false;

  // Whether the registry has a version of it, for all that is known, or had one
  // before the last batch that told it.
  bool is_told = false;
  bool was_told_before = false;
  // The version that was told last, and the batch that did.
  uint64_t told_digest = 0;
  uint64_t told_seq = 0;
  // The snapshot that goes on is yet to tell it.
  bool is_owed = false;
  // The registry did not take it.
  bool is_refused = false;

  // Where it stands in the order of looks (see LookOrder).
  size_t place_in_look = 0;

  // The next of those that have the same place.
  TrackedRow* next_at_place = nullptr;
  // Those that were added before and after it.
  TrackedRow* older = nullptr;
  TrackedRow* newer = nullptr;
  // The queue that it waits in, if any, and its neighbours there.
  RowQueue<Facts>* queue = nullptr;
  TrackedRow* before = nullptr;
  TrackedRow* after = nullptr;
};

// RowQueue is rows in the order in which they came. It does not own them; each
// is in one queue at most.
//
// Not thread-safe.
template <typename Facts>
class RowQueue {
 public:
  using Row = TrackedRow<Facts>;

  RowQueue() = default;
  RowQueue(const RowQueue&) = delete;
  RowQueue& operator=(const RowQueue&) = delete;

  bool empty() const { return first_ == nullptr; }
  // Null if it is empty.
  Row* first() const { return first_; }

  // Adds it as the last, unless it is here.
  void Add(Row* row) {
    if (row->queue == this) return;
    if (row->queue != nullptr) row->queue->Remove(row);
    row->queue = this;
    row->before = last_;
    row->after = nullptr;
    (last_ == nullptr ? first_ : last_->after) = row;
    last_ = row;
  }

  // REQUIRES: it is here.
  void Remove(Row* row) {
    (row->before == nullptr ? first_ : row->before->after) = row->after;
    (row->after == nullptr ? last_ : row->after->before) = row->before;
    row->before = row->after = nullptr;
    row->queue = nullptr;
  }

 private:
  Row* first_ = nullptr;
  Row* last_ = nullptr;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_TRACKED_ROW_H_
