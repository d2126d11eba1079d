#ifndef CONNREG_SERVICE_CORE_EXPIRY_HOLD_H_
#define CONNREG_SERVICE_CORE_EXPIRY_HOLD_H_

#include <cstddef>
#include <optional>
#include <utility>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/time/time.h"
#include "service/base/clock.h"
#include "service/model/host.h"

namespace connreg {

// ExpiryHold decides when no host may expire: since so many went silent at once
// that the fault is more likely between them and the registry than at each of
// them. That is when more than 30 % of the hosts, and more than 20, are silent
// and were not a lease ago, until no longer so many are silent.
//
// Durations are on the monotonic clock. Not thread-safe.
class ExpiryHold {
 public:
  // A host went silent; until `lapses` that is of late.
  void NoteSilent(const HostKey& host, absl::Duration lapses);
  // It is heard again, or gone.
  void NoteOver(const HostKey& host);

  // Decides, where so many of `hosts` are silent in all. `clock` is asked for
  // the time of day if they may expire no longer.
  void Decide(size_t silent, size_t hosts, absl::Duration now,
              const Clock& clock);

  // Since when no host may expire. Unset: they may.
  std::optional<absl::Time> since() const { return since_; }

 private:
  absl::btree_map<HostKey, absl::Duration> lately_;
  absl::btree_set<std::pair<absl::Duration, HostKey>> by_lapse_;
  std::optional<absl::Time> since_;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_CORE_EXPIRY_HOLD_H_
