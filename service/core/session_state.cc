#include "service/core/session_state.h"

#include "absl/strings/str_cat.h"
#include "service/base/error.h"

namespace connreg {

absl::Status SessionState::Check(const RowBatch& batch) const {
  if (batch.seq != seq_ + 1) {
    return InField(
        "rows.seq",
        InvalidArgument("SEQ_OUT_OF_ORDER",
                        absl::StrCat(batch.seq, ": the next is ", seq_ + 1)));
  }
  if (batch.kind == RowBatch::Kind::kSnapshot && !batch.first &&
      phase_ != Phase::kAmidSnapshot) {
    return InField("rows.first",
                   InvalidArgument("NO_SNAPSHOT",
                                   "a snapshot goes on that has not begun: "
                                   "begin one with `first`"));
  }
  return absl::OkStatus();
}

absl::Status SessionState::Check(const KeepAlive& keep_alive) const {
  if (!keep_alive.digest || phase_ != Phase::kAmidSnapshot)
    return absl::OkStatus();
  return InField("keep_alive.digest",
                 InvalidArgument("CLAIM_AMID_SNAPSHOT",
                                 "claim a digest after the snapshot's last "
                                 "batch"));
}

}  // namespace connreg
