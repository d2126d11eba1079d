#ifndef CONNREG_SERVICE_CORE_REFUSED_ROWS_H_
#define CONNREG_SERVICE_CORE_REFUSED_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "service/model/report.h"

namespace connreg {

// RefusedRows knows whether an agent has rows that there was no room for, and
// when it is worth their being offered again: when there is more room than
// there was.
//
// A refused row is missing until it is taken or said to be gone. One that ends
// before that is never heard of again: what is not offered again within
// kOfferedWithin when there is room is missing no longer. Of very many rows it
// knows only that there are more.
//
// Times are on the monotonic clock. Not thread-safe.
class RefusedRows {
 public:
  static constexpr absl::Duration kOfferedWithin = absl::Minutes(1);
  static constexpr size_t kMaxNamed = 1000;

  // `batch` was applied, without the rows that `ack` says, which leaves room
  // for so many others.
  void Note(const RowBatch& batch, const Ack& ack, size_t room,
            absl::Duration now);
  // The agent says everything again.
  void Reset() { *this = {}; }
  // A session follows in which not everything is said again: the agent may not
  // have learned that there is room.
  void Carry();
  // Whether they are to be offered again now that there is so much room; they
  // no longer wait then.
  bool TakeRoom(size_t room, absl::Duration now);

  // Whether one of them waits for room.
  bool waiting() const { return waiting_; }
  // Whether one of them is missing.
  bool AnyMissing(absl::Duration now) const {
    return (!named_.empty() || are_more_) && now < forgotten_at_;
  }

 private:
  template <typename Facts>
  void NoteEach(const std::vector<Facts>& rows,
                const std::vector<uint32_t>& refused);
  void Add(uint64_t row);

  // What their names hash to.
  absl::flat_hash_set<uint64_t> named_;
  bool are_more_ = false;
  bool waiting_ = false;
  size_t room_ = 0;
  absl::Duration forgotten_at_ = absl::InfiniteDuration();
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_REFUSED_ROWS_H_
