#ifndef CONNREG_TESTS_PROPERTY_SESSION_MODEL_H_
#define CONNREG_TESTS_PROPERTY_SESSION_MODEL_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "service/model/host.h"
#include "service/model/report.h"
#include "service/model/row_digest.h"
#include "service/model/socket.h"

namespace connreg {

// SessionModel is what a registry should have of one host with one agent, by
// the words of the contract: lists that are searched from end to end.
class SessionModel {
 public:
  template <typename Facts>
  struct Row {
    // As it is shown, and as it was reported last.
    Facts shown;
    Facts reported;
    uint64_t mark = 0;
    // Whether the last batch may have changed it.
    bool changed = false;
  };
  using Rows = std::vector<Row<ConnectionFacts>>;
  // A socket that has ended, by its cookie, and why.
  using End = std::pair<uint64_t, CloseReason>;

  SessionModel(absl::Duration ttl, absl::Duration grace)
      : ttl_(ttl), grace_(grace) {}

  // A session opens; whether the registry wants a snapshot.
  bool Open(const SessionOpening& opening, absl::Duration now);
  // What the session's agent says; of a batch without the rows that were
  // refused.
  void Apply(const RowBatch& batch, absl::Duration now);
  // Whether the registry wants a snapshot.
  bool Apply(const KeepAlive& keep_alive, absl::Duration now);
  void Lose(absl::Duration now);
  void TakeAway(CloseReason reason);
  // What time has brought.
  void Lapse(absl::Duration now);
  void NoteStall(absl::Duration stall) { deadline_ += stall; }

  bool attached() const { return attached_; }
  bool in_step() const { return phase_ == Phase::kInStep; }
  bool amid_snapshot() const { return phase_ == Phase::kAmid; }
  const Rows& connections() const { return connections_; }
  const std::vector<Row<ListenerFacts>>& listeners() const {
    return listeners_;
  }
  bool HasCookie(uint64_t cookie) const {
    return std::any_of(
        connections_.begin(), connections_.end(),
        [&](const auto& row) { return row.shown.socket.cookie == cookie; });
  }
  template <typename Facts>
  bool IsStale(const Row<Facts>& row) const {
    return is_stale_ && !(attached_ && !in_step() && row.mark == mark_);
  }
  // Unset: there is no such host.
  std::optional<HostState> state() const;
  RowDigest digest() const;
  // The sockets that ended by the last call.
  const std::vector<End>& ends() const { return ends_; }

 private:
  enum class Phase { kAwaits, kAmid, kInStep };

  void Hear(absl::Duration now);
  void BeginCall();
  void Put(const ConnectionFacts& facts);
  void Put(const ListenerFacts& facts);
  // Whether it was there.
  bool Remove(const ConnectionName& name);

  const absl::Duration ttl_;
  const absl::Duration grace_;

  bool has_lease_ = false;
  bool has_expired_ = false;
  bool attached_ = false;
  bool is_stale_ = false;
  Phase phase_ = Phase::kInStep;
  absl::Duration deadline_;
  uint64_t mark_ = 0;
  std::string boot_id_;
  Rows connections_;
  std::vector<Row<ListenerFacts>> listeners_;
  std::vector<End> ends_;
};

}  // namespace connreg

#endif  // CONNREG_TESTS_PROPERTY_SESSION_MODEL_H_
