#include "client/agent/row_index.h"

#include <utility>

namespace connreg {

template <typename Facts>
RowIndex<Facts>::~RowIndex() {
  while (oldest_ != nullptr) delete std::exchange(oldest_, oldest_->newer);
}

template <typename Facts>
TrackedRow<Facts>* RowIndex<Facts>::FirstAt(const Facts& facts) const {
  const auto it = places_.find(facts);
  return it == places_.end() ? nullptr : *it;
}

template <typename Facts>
TrackedRow<Facts>* RowIndex<Facts>::Add(Facts facts) {
  auto* const row = new Row{.facts = std::move(facts), .older = newest_};
  (newest_ == nullptr ? oldest_ : newest_->newer) = row;
  newest_ = row;
  const auto [first, is_only] = places_.insert(row);
  if (!is_only)
    row->next_at_place = std::exchange((*first)->next_at_place, row);
  return row;
}

template <typename Facts>
void RowIndex<Facts>::Drop(Row* row) {
  const auto first = places_.find(row);
  if (*first == row) {
    Row* const next = row->next_at_place;
    places_.erase(first);
    if (next != nullptr) places_.insert(next);
  } else {
    Row* before = *first;
    while (before->next_at_place != row) before = before->next_at_place;
    before->next_at_place = row->next_at_place;
  }
  (row->older == nullptr ? oldest_ : row->older->newer) = row->newer;
  (row->newer == nullptr ? newest_ : row->newer->older) = row->older;
  delete row;
}

template <typename Facts>
TrackedRow<Facts>* RowIndex<Facts>::WithCookie(absl::string_view netns,
                                               uint64_t cookie) const {
  const auto it = cookies_.find(CookieName(netns, cookie));
  return it == cookies_.end() ? nullptr : *it;
}

template <typename Facts>
void RowIndex<Facts>::AddCookie(Row* row) {
  if (row->facts.socket.cookie == 0) return;
  // A socket that has moved was found under its new name first.
  cookies_.erase(row);
  cookies_.insert(row);
}

template <typename Facts>
void RowIndex<Facts>::DropCookie(Row* row) {
  const auto it = cookies_.find(row);
  if (it != cookies_.end() && *it == row) cookies_.erase(it);
}

template class RowIndex<ListenerFacts>;
template class RowIndex<ConnectionFacts>;

}  // namespace connreg
