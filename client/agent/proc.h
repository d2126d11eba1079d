#ifndef CONNREG_CLIENT_AGENT_PROC_H_
#define CONNREG_CLIENT_AGENT_PROC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "service/model/owner.h"

namespace connreg {

// Which processes held which sockets, at one scan.
struct SocketHolders {
  // By the socket's inode. None of them is empty.
  absl::flat_hash_map<uint64_t, std::vector<Process>> by_inode;
  // How many processes could be seen, but not what they hold.
  size_t unreadable_count = 0;
  // Some processes cannot even be seen (proc's mount option hidepid=).
  bool some_hidden = false;

  // Whether a socket that is not in `by_inode` has no holder here.
  bool complete() const { return unreadable_count == 0 && !some_hidden; }
};

// ProcessTable is the door to the processes of this host.
//
// Thread-safe.
class ProcessTable {
 public:
  virtual ~ProcessTable() = default;

  // Looks through every process. Those that end meanwhile are passed over;
  // those that may not be looked into are counted.
  //
  // Any error: the processes cannot even be listed.
  virtual absl::StatusOr<SocketHolders> FindSocketHolders() const = 0;
};

// The processes that a mounted proc(5) shows.
class ProcFs final : public ProcessTable {
 public:
  // `root` is where it is mounted: "/proc".
  explicit ProcFs(std::string root) : root_(std::move(root)) {}

  absl::StatusOr<SocketHolders> FindSocketHolders() const override;

 private:
  const std::string root_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_PROC_H_
