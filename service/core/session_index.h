#ifndef CONNREG_SERVICE_CORE_SESSION_INDEX_H_
#define CONNREG_SERVICE_CORE_SESSION_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/base/mutex.h"
#include "service/model/host.h"
#include "service/model/report.h"
#include "service/model/socket.h"

namespace connreg {

// SessionIndex numbers the sessions, and knows whose each is and what people
// are told of them.
//
// Thread-safe. Its lock is held shortly, and no other one is taken under it.
class SessionIndex {
 public:
  enum class End { kSuperseded, kOther };

  // A session of `reporter` begins; gives it its epoch.
  Epoch Begin(const Reporter& reporter, AgentSession session);
  // It ends. One that has ended already is passed over.
  void NoteEnd(Epoch epoch, End end);
  // Nothing is left of the reporter.
  void Forget(const Reporter& reporter);

  // Whose session goes on under that epoch.
  //
  // ABORTED: it has ended.
  absl::StatusOr<Reporter> Find(Epoch epoch) const;

  // What a message of the session told; `interval` 0: nothing.
  void NoteHeard(Epoch epoch, absl::Duration interval,
                 std::optional<absl::Duration> clock_offset);
  void CountDivergence(Epoch epoch);
  // Another machine asked for the name of the host.
  void NoteNameConflict(const HostKey& host, absl::Time time);

  // Tells each host its session.
  void Describe(std::vector<Host>* hosts) const;
  // How many sessions go on, and how many claims were wrong.
  size_t size() const;
  size_t divergences() const;

 private:
  // A host and the name of its agent.
  using Key = std::pair<HostKey, std::string>;

  static Key KeyOf(const Reporter& reporter);
  AgentSession* FindLocked(Epoch epoch) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable SharedMutex mutex_;
  uint64_t last_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t divergences_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<Epoch, Reporter> attached_ ABSL_GUARDED_BY(mutex_);
  // The last ones that were superseded.
  absl::btree_set<Epoch> superseded_ ABSL_GUARDED_BY(mutex_);
  absl::btree_map<Key, AgentSession> sessions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_SESSION_INDEX_H_
