#ifndef CONNREG_CLIENT_AGENT_SOCKET_HOLDERS_H_
#define CONNREG_CLIENT_AGENT_SOCKET_HOLDERS_H_

#include <cstddef>
#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "service/model/owner.h"

namespace connreg {

// Which processes held which sockets, at one scan.
struct SocketHolders {
  // By the socket's inode. All of them are known.
  absl::flat_hash_map<uint64_t, Owners> by_inode;
  // The inodes of those of which a report may not tell all that is known.
  absl::flat_hash_set<uint64_t> abridged;
  // How many processes could be seen, but not what they hold.
  size_t unreadable_count = 0;
  // Some processes cannot even be seen (proc's mount option hidepid=).
  bool some_hidden = false;

  // Whether a socket that is not in `by_inode` has no holder here.
  bool complete() const { return unreadable_count == 0 && !some_hidden; }
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_SOCKET_HOLDERS_H_
