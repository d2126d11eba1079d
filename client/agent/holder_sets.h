#ifndef CONNREG_CLIENT_AGENT_HOLDER_SETS_H_
#define CONNREG_CLIENT_AGENT_HOLDER_SETS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "service/model/owner.h"
#include "service/model/owner_set.h"

namespace connreg {

// How many owners a report may name for one socket.
inline constexpr size_t kMaxOwners = 1000;

// HolderSets gathers which processes hold which sockets.
//
// Sockets of the same processes share their Owners, so that a server's text is
// held once however many sockets it has.
//
// Not thread-safe.
class HolderSets {
 public:
  // `process` holds the sockets `inodes`, of which none stands twice.
  //
  // REQUIRES: it was not added before.
  void Add(SharedProcess process, const std::vector<uint64_t>& inodes);

  // The owners of each socket, as far as a report may tell of them: the first
  // by pid, and of those whose text does not fit the name alone. The inodes of
  // sockets of which that leaves something out are added to `abridged`.
  absl::flat_hash_map<uint64_t, Owners> ByInode(
      absl::flat_hash_set<uint64_t>* abridged) const;

 private:
  // Places in `processes_`, ascending. Most sockets have one holder.
  using Places = absl::InlinedVector<uint32_t, 2>;

  // The same of one set, and whether that leaves something out.
  struct Set {
    Owners owners;
    bool is_abridged = false;
  };

  Set SetAt(const Places& places) const;

  std::vector<SharedProcess> processes_;
  absl::flat_hash_map<uint64_t, Places> by_inode_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_HOLDER_SETS_H_
