#include "client/agent/row_index.h"

#include <utility>

namespace connreg {

template <typename Facts>
RowIndex<Facts>::~RowIndex() {
  for (Row* row : places_) {
    while (row != nullptr) delete std::exchange(row, row->next_at_place);
  }
}

template <typename Facts>
TrackedRow<Facts>* RowIndex<Facts>::FirstAt(const Facts& facts) const {
  const auto it = places_.find(facts);
  return it == places_.end() ? nullptr : *it;
}

template <typename Facts>
TrackedRow<Facts>* RowIndex<Facts>::Add(Facts facts) {
  auto* const row = new Row{.facts = std::move(facts)};
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
