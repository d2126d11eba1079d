#ifndef CONNREG_CLIENT_AGENT_OWNER_MEMORY_H_
#define CONNREG_CLIENT_AGENT_OWNER_MEMORY_H_

#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "client/agent/snapshot.h"
#include "service/model/owner.h"

namespace connreg {

// OwnerMemory remembers from one snapshot to the next who held each socket.
//
// A socket that is closed after the sockets were read and before the processes
// were has no holder that can be found. So who held it a moment ago is still
// named, once: the next snapshot shows whether it has ended, or really has no
// holder that the agent sees.
//
// Not thread-safe.
class OwnerMemory {
 public:
  // Names the owners of the last snapshot where this one found nobody, and
  // remembers those that this one found.
  void Recall(Snapshot* snapshot);

 private:
  // The socket's inode, which may be used again, and its cookie.
  using Key = std::pair<uint64_t, uint64_t>;
  using OwnersByKey = absl::flat_hash_map<Key, Owners>;

  template <typename Row>
  void RecallRow(Row& row, OwnersByKey* found) const;

  OwnersByKey last_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_OWNER_MEMORY_H_
