#include "client/agent/row_ledger.h"

#include <type_traits>
#include <utility>

#include "client/agent/owner_recall.h"

namespace connreg {

// ---- What is there ----

template <typename Facts>
void RowLedger<Facts>::See(Facts&& facts) {
  Row* row = FindInLook(facts);
  if (row != nullptr && row->is_there) {
    row->has_recalled_owners = !row->has_recalled_owners &&
                               RecallOwners(row->facts.socket, &facts.socket);
    // The look may have read it before.
    if (std::exchange(row->has_later_state, false))
      facts.state = row->facts.state;
    row->look = look_;
    order_.Note(row);
    return Update(row, std::move(facts));
  }
  // It was read before it ended.
  if (!ended_.HasEnded(facts.socket)) Add(std::move(facts));
}

template <typename Facts>
void RowLedger<Facts>::EndLook(absl::FunctionRef<bool(const Socket&)> is_gone) {
  std::vector<Row*> gone;
  rows_.ForEach([&](Row* row) {
    if (row->is_there && row->look != look_ && is_gone(row->facts.socket))
      gone.push_back(row);
  });
  for (Row* row : gone) {
    ended_.NoteMissing(row->facts.socket);
    Leave(row);
  }
}

template <typename Facts>
void RowLedger<Facts>::SetState(const std::string& netns, uint64_t cookie,
                                State state) {
  Row* const row = rows_.WithCookie(netns, cookie);
  if (row == nullptr) return;
  Facts facts = row->facts;
  facts.state = state;
  row->has_later_state = true;
  Update(row, std::move(facts));
}

template <typename Facts>
bool RowLedger<Facts>::End(const std::string& netns, uint64_t cookie) {
  Row* const row = rows_.WithCookie(netns, cookie);
  if (row == nullptr) return false;
  ended_.NoteEnded(row->facts.socket);
  Leave(row);
  return true;
}

template <typename Facts>
TrackedRow<Facts>* RowLedger<Facts>::Find(const Facts& facts) const {
  Row* gone = nullptr;
  for (Row* row = rows_.FirstAt(facts); row != nullptr;
       row = row->next_at_place) {
    if (!SameIncarnation(row->facts.socket, facts.socket)) continue;
    if (row->is_there) return row;
    gone = row;
  }
  return gone;
}

template <typename Facts>
TrackedRow<Facts>* RowLedger<Facts>::FindInLook(const Facts& facts) const {
  Row* const guess = order_.Guess();
  // There is no other with its cookie.
  const bool is_right = guess != nullptr && guess->is_there &&
                        facts.socket.cookie != 0 &&
                        guess->facts.socket.cookie == facts.socket.cookie &&
                        PlaceOf(guess->facts) == PlaceOf(facts);
  return is_right ? guess : Find(facts);
}

template <typename Facts>
void RowLedger<Facts>::Add(Facts facts) {
  if (std::is_same_v<Facts, ConnectionFacts> && !MakeRoom(facts)) return;
  // One that is gone, and is back before that was told, has only changed.
  Row* row = Find(facts);
  if (row == nullptr)
    row = rows_.Add(facts);
  else
    facts = Succeed(row->facts, std::move(facts));
  row->look = look_;
  row->has_recalled_owners = row->has_later_state = false;
  order_.Note(row);
  Set(row, std::move(facts));
}

template <typename Facts>
bool RowLedger<Facts>::MakeRoom(const Facts& facts) {
  Row* row = rows_.FirstAt(facts);
  while (row != nullptr && !row->is_there) row = row->next_at_place;
  if (row == nullptr) return true;
  // Connected UDP sockets may share a place: it is always the same one then.
  const bool stays =
      row->look == look_ && row->facts.socket.cookie > facts.socket.cookie;
  ended_.NoteMissing(stays ? facts.socket : row->facts.socket);
  if (!stays) Leave(row);
  return !stays;
}

template <typename Facts>
void RowLedger<Facts>::Update(Row* row, Facts&& facts) {
  // It succeeds itself unchanged.
  if (facts == row->facts) return;
  facts = Succeed(row->facts, std::move(facts));
  if (facts == row->facts) return;
  Set(row, std::move(facts));
}

template <typename Facts>
void RowLedger<Facts>::Set(Row* row, Facts facts) {
  if (row->is_there) {
    Uncount(*row);
    rows_.DropCookie(row);
  } else {
    ++size_;
  }
  row->facts = std::move(facts);
  row->digest = DigestOf(row->facts);
  row->is_there = true;
  row->is_refused = false;
  digest_.Add(row->digest);
  rows_.AddCookie(row);
  LeaveDoubles(*row);
  Queue(row);
}

template <typename Facts>
void RowLedger<Facts>::Leave(Row* row) {
  Uncount(*row);
  rows_.DropCookie(row);
  --size_;
  row->is_there = false;
  row->is_refused = false;
  SetOwed(row, false);
  Queue(row);
}

template <typename Facts>
void RowLedger<Facts>::LeaveDoubles(const Row& row) {
  Row* next = rows_.FirstAt(row.facts);
  while (next != nullptr) {
    Row* const other = std::exchange(next, next->next_at_place);
    if (other != &row && other->is_there &&
        SameIncarnation(other->facts.socket, row.facts.socket))
      Leave(other);
  }
}

template <typename Facts>
void RowLedger<Facts>::Uncount(const Row& row) {
  if (!row.is_refused) digest_.Remove(row.digest);
}

// ---- What was told ----

template <typename Facts>
void RowLedger<Facts>::BeginSession() {
  EndSession();
  in_session_ = true;
  for (Row* row : All()) {
    row->is_told = !row->is_refused;
    row->told_digest = row->digest;
  }
  told_ = digest_;
}

template <typename Facts>
void RowLedger<Facts>::EndSession() {
  in_session_ = false;
  told_ = RowDigest();
  replaced_.clear();
  for (Row* row : All()) {
    row->is_told = row->was_told_before = false;
    row->told_seq = 0;
    SetOwed(row, false);
    Queue(row);
  }
}

template <typename Facts>
void RowLedger<Facts>::BeginSnapshot() {
  OfferAgain();
  told_ = RowDigest();
  replaced_.clear();
  for (Row* row : All()) {
    row->is_told = false;
    SetOwed(row, row->is_there);
    Queue(row);
  }
}

template <typename Facts>
void RowLedger<Facts>::OfferAgain() {
  rows_.ForEach([&](Row* row) {
    if (!row->is_refused) return;
    row->is_refused = false;
    digest_.Add(row->digest);
    Queue(row);
  });
}

template <typename Facts>
void RowLedger<Facts>::NoteRefused(uint64_t seq, const Facts& facts) {
  Row* const row = Find(facts);
  // It was told again since then, which has its own answer.
  if (row == nullptr || row->told_seq != seq || !row->is_told) return;
  told_.Remove(row->told_digest);
  row->is_told = false;
  // The registry keeps the version that it had.
  if (row->was_told_before) replaced_.push_back(NameOf(row->facts));
  if (row->is_there && row->told_digest == row->digest) {
    row->is_refused = true;
    digest_.Remove(row->digest);
  }
  Queue(row);
}

template <typename Facts>
void RowLedger<Facts>::TellGone(BatchRoom& room, std::vector<Name>* names) {
  while (!replaced_.empty() && room.TakeName(replaced_.back().socket)) {
    names->push_back(std::move(replaced_.back()));
    replaced_.pop_back();
  }
  while (!gone_.empty() && room.TakeName(gone_.first()->facts.socket)) {
    names->push_back(NameOf(gone_.first()->facts));
    told_.Remove(gone_.first()->told_digest);
    Drop(gone_.first());
  }
}

template <typename Facts>
void RowLedger<Facts>::TellChanged(uint64_t seq, BatchRoom& room,
                                   std::vector<Facts>* rows) {
  while (!changed_.empty() && room.Take(changed_.first()->facts)) {
    Row* const row = changed_.first();
    rows->push_back(row->facts);
    if (row->is_told) told_.Remove(row->told_digest);
    told_.Add(row->digest);
    row->was_told_before = std::exchange(row->is_told, true);
    row->told_digest = row->digest;
    row->told_seq = seq;
    SetOwed(row, false);
    Queue(row);
  }
}

template <typename Facts>
void RowLedger<Facts>::SetOwed(Row* row, bool owed) {
  owed_ += static_cast<size_t>(owed) - static_cast<size_t>(row->is_owed);
  row->is_owed = owed;
}

template <typename Facts>
void RowLedger<Facts>::Queue(Row* row) {
  const bool is_told_so = row->is_told && row->told_digest == row->digest;
  if (!row->is_there && !row->is_told) {
    Drop(row);
  } else if (!row->is_there) {
    gone_.Add(row);
  } else if (in_session_ && !row->is_refused && (row->is_owed || !is_told_so)) {
    changed_.Add(row);
  } else if (row->queue != nullptr) {
    row->queue->Remove(row);
  }
}

template <typename Facts>
void RowLedger<Facts>::Drop(Row* row) {
  if (row->queue != nullptr) row->queue->Remove(row);
  order_.Forget(*row);
  rows_.Drop(row);
}

template <typename Facts>
std::vector<TrackedRow<Facts>*> RowLedger<Facts>::All() const {
  std::vector<Row*> all;
  rows_.ForEach([&](Row* row) { all.push_back(row); });
  return all;
}

template class RowLedger<ListenerFacts>;
template class RowLedger<ConnectionFacts>;

}  // namespace connreg
