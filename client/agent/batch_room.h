#ifndef CONNREG_CLIENT_AGENT_BATCH_ROOM_H_
#define CONNREG_CLIENT_AGENT_BATCH_ROOM_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "service/model/address_owners.h"
#include "service/model/coverage.h"
#include "service/model/owner.h"
#include "service/model/report.h"
#include "service/model/socket.h"

namespace connreg {

// BatchRoom tells how much more goes into one message: so many rows, in about
// so many bytes. Its estimates are rather too large than too small; that a text
// or a process is said only once in a message counts for the owners of a socket
// that are shared with another, in messages that have rows as columns.
//
// What comes first always has room.
//
// Not thread-safe.
class BatchRoom {
 public:
  // How often a message says the owners that several rows have.
  enum class SharedOwners : uint8_t { kOnce, kWithEachRow };

  BatchRoom(size_t rows, size_t bytes,
            SharedOwners shared_owners = SharedOwners::kOnce)
      : shared_owners_(shared_owners), rows_(rows), bytes_(bytes) {}

  // Takes the room that it needs. False, and nothing is taken, if there is not
  // enough.
  bool TakeName(const Socket& socket);
  bool Take(const ListenerFacts& row);
  bool Take(const ConnectionFacts& row);
  bool Take(const NetworkNamespace& netns);
  bool TakeNetnsName();
  bool Take(const std::vector<CoverageGap>& gaps);

 private:
  bool MustSay(const Owners& owners) const;
  bool TakeRow(const Socket& socket, size_t bytes);
  bool TakeNetns(size_t bytes);
  bool TakeBytes(size_t bytes);

  const SharedOwners shared_owners_;
  size_t rows_;
  size_t bytes_;
  // Network namespaces, gone or there.
  size_t namespaces_ = kMaxNamespaces;
  bool is_empty_ = true;
  // The identities of the owners in it.
  absl::flat_hash_set<const void*> owners_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_BATCH_ROOM_H_
