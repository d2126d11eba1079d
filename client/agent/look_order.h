#ifndef CONNREG_CLIENT_AGENT_LOOK_ORDER_H_
#define CONNREG_CLIENT_AGENT_LOOK_ORDER_H_

#include <cstddef>
#include <vector>

#include "client/agent/tracked_row.h"

namespace connreg {

// LookOrder guesses which row a look shows next: the kernel shows what stays in
// the same order each time, and who guesses right need not search.
//
// It does not own the rows. Not thread-safe.
template <typename Facts>
class LookOrder {
 public:
  using Row = TrackedRow<Facts>;

  void BeginLook() {
    before_.swap(now_);
    now_.clear();
    next_ = 0;
  }

  // The one that followed in the look before. Null: there is no guess.
  Row* Guess() const {
    return next_ < before_.size() ? before_[next_] : nullptr;
  }

  // The look shows this one.
  void Note(Row* row) {
    if (Row** const earlier = PlaceIn(before_, *row)) {
      *earlier = nullptr;
      next_ = row->place_in_look + 1;
    } else if (PlaceIn(now_, *row) != nullptr) {
      return;
    }
    row->place_in_look = now_.size();
    now_.push_back(row);
  }

  // It will be destroyed.
  void Forget(const Row& row) {
    for (std::vector<Row*>* const rows : {&before_, &now_})
      if (Row** const place = PlaceIn(*rows, row)) *place = nullptr;
  }

 private:
  // Null if it is not there.
  static Row** PlaceIn(std::vector<Row*>& rows, const Row& row) {
    const size_t place = row.place_in_look;
    return place < rows.size() && rows[place] == &row ? &rows[place] : nullptr;
  }

  // Each row stands once in one of the two, or in none: those of the look
  // before that this one has not shown yet, and those that it has shown.
  std::vector<Row*> before_;
  std::vector<Row*> now_;
  size_t next_ = 0;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_LOOK_ORDER_H_
