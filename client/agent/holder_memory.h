#ifndef CONNREG_CLIENT_AGENT_HOLDER_MEMORY_H_
#define CONNREG_CLIENT_AGENT_HOLDER_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "client/agent/files.h"
#include "client/agent/process_directory.h"
#include "client/agent/socket_holders.h"
#include "client/agent/user_names.h"
#include "service/model/owner_set.h"

namespace connreg {

// HolderMemory finds out which processes hold which sockets, and remembers it:
// most processes hold what they held a moment ago, and to ask where each
// descriptor leads costs more than all else that a look does.
//
// The descriptors of a process are read again
//   if it is new, or has more of them or fewer than when they were read;
//   if sockets are there that nobody holds, for all that is known, and that
//   were not there before;
//   where the kernel does not tell how many there are (Linux before 6.2);
//   and at one scan of kScans in any case, since a process may have got one
//   from another and lost one.
// What the process is, is read at each scan: it may have become another
// program.
//
// Not thread-safe.
class HolderMemory {
 public:
  static constexpr uint64_t kScans = 32;

  // What a scan goes by.
  struct Place {
    // That of the processes' directories, and which are there.
    const Descriptor& root;
    std::vector<int32_t> pids;
    TickClock clock;
    const UserNames::Table& users;
  };

  explicit HolderMemory(bool with_arguments)
      : with_arguments_(with_arguments) {}

  // Who holds what, among those at `place`, after the sockets with these inodes
  // were seen. The same as the last time while nothing changes. Never null.
  std::shared_ptr<const SocketHolders> Scan(const Place& place,
                                            absl::Span<const uint64_t> inodes);

 private:
  struct Holdings {
    ProcessDirectory::Identity identity;
    uint64_t descriptor_count = 0;
    // The sockets that it holds; of who holds none no more is known.
    std::vector<uint64_t> inodes;
    SharedProcess process;
    // The scans that saw it, and that read its descriptors.
    uint64_t seen = 0;
    uint64_t read = 0;
  };

  // Reads of all processes what is to be read, or everything that this scan did
  // not read yet.
  void Read(const Place& place, bool all);
  absl::Status ReadOne(const Place& place, int32_t pid, bool all);
  absl::Status ReadProcess(const Place& place,
                           const ProcessDirectory& directory,
                           Holdings* holdings);
  void Forget(int32_t pid);
  // Drops those that this scan did not see.
  void DropEnded();
  void Assemble(const Place& place);
  // Those of `inodes` that nobody holds.
  absl::flat_hash_set<uint64_t> WithoutHolder(
      absl::Span<const uint64_t> inodes) const;

  const bool with_arguments_;
  uint64_t scan_ = 0;
  bool tells_counts_ = false;
  absl::flat_hash_map<int32_t, Holdings> processes_;
  // Of the sockets that were seen before the last scan.
  absl::flat_hash_set<uint64_t> without_holder_;
  size_t unreadable_count_ = 0;
  // `holders_` is no longer right.
  bool has_changed_ = true;
  std::shared_ptr<const SocketHolders> holders_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_HOLDER_MEMORY_H_
