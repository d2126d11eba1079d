#ifndef CONNREG_CLIENT_AGENT_ROW_LEDGER_H_
#define CONNREG_CLIENT_AGENT_ROW_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "client/agent/batch_room.h"
#include "client/agent/ended_cookies.h"
#include "client/agent/look_order.h"
#include "client/agent/row_index.h"
#include "client/agent/row_name.h"
#include "client/agent/tracked_row.h"
#include "service/model/row_digest.h"
#include "service/model/socket.h"

namespace connreg {

// RowLedger is the part of a Ledger that holds its rows of one kind.
//
// As in the registry there is one row of each incarnation at a place; of
// connections there is only one row, since the kernel has no two at once.
//
// Not thread-safe.
template <typename Facts>
class RowLedger {
 public:
  using Row = TrackedRow<Facts>;
  using State = decltype(Facts::state);
  using Name = decltype(NameOf(std::declval<Facts>()));

  // `ended` is to outlive the ledger.
  explicit RowLedger(EndedCookies& ended) : ended_(ended) {}

  // ---- What is there ----

  void BeginLook() {
    ++look_;
    order_.BeginLook();
  }
  // The look shows this.
  void See(Facts&& facts);
  // The look is over: what it did not show is gone, where `is_gone` says so.
  void EndLook(absl::FunctionRef<bool(const Socket&)> is_gone);

  // The socket has this state now, whatever the next look shows that may have
  // read it before.
  void SetState(const std::string& netns, uint64_t cookie, State state);
  // The socket has ended. Whether it was there.
  bool End(const std::string& netns, uint64_t cookie);

  // Whether there is one with this cookie.
  bool Has(const std::string& netns, uint64_t cookie) const {
    return rows_.WithCookie(netns, cookie) != nullptr;
  }
  size_t size() const { return size_; }
  // Of those that are not refused.
  const RowDigest& digest() const { return digest_; }

  // ---- What was told ----

  // All rows that are not refused count as told.
  void BeginSession();
  void EndSession();
  // All rows are to be told, whether they are refused or not.
  void BeginSnapshot();
  void OfferAgain();
  // A row that the batch `seq` told was refused.
  void NoteRefused(uint64_t seq, const Facts& facts);

  // Of those that the registry has, in the versions that it has, if it has
  // applied and not refused what was told. Unset while that is not known.
  std::optional<RowDigest> told_digest() const {
    return replaced_.empty() ? std::optional(told_) : std::nullopt;
  }
  // Whether there is nothing to tell.
  bool is_told() const {
    return gone_.empty() && changed_.empty() && replaced_.empty();
  }
  // How many rows the snapshot that goes on is yet to tell.
  size_t owed() const { return owed_; }

  // Appends what is gone, or what is to be told, as far as there is room. Then
  // it counts as told.
  void TellGone(BatchRoom& room, std::vector<Name>* names);
  void TellChanged(uint64_t seq, BatchRoom& room, std::vector<Facts>* rows);

 private:
  // The row of the same incarnation as `facts`: one that is there rather than
  // one that is gone. Null if there is none.
  Row* Find(const Facts& facts) const;
  // The same of one that a look shows.
  Row* FindInLook(const Facts& facts) const;
  void Add(Facts facts);
  // Lets the one that is at its place go. False if that one stays.
  bool MakeRoom(const Facts& facts);
  void Update(Row* row, Facts&& facts);
  // Sets what is known of it, and counts it as there.
  void Set(Row* row, Facts facts);
  // It is no longer there.
  void Leave(Row* row);
  // Lets others at its place go which it turned out to be.
  void LeaveDoubles(const Row& row);
  void Uncount(const Row& row);
  void SetOwed(Row* row, bool owed);
  // Lets the row wait where it belongs.
  void Queue(Row* row);
  void Drop(Row* row);
  std::vector<Row*> All() const;

  EndedCookies& ended_;
  uint64_t look_ = 0;
  RowIndex<Facts> rows_;
  LookOrder<Facts> order_;
  size_t size_ = 0;
  RowDigest digest_;

  bool in_session_ = false;
  RowDigest told_;
  size_t owed_ = 0;
  RowQueue<Facts> changed_;
  RowQueue<Facts> gone_;
  // The names of earlier versions of rows that were refused later.
  std::vector<Name> replaced_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_ROW_LEDGER_H_
