#ifndef CONNREG_CLIENT_AGENT_PROC_H_
#define CONNREG_CLIENT_AGENT_PROC_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/agent/user_names.h"
#include "service/base/mutex.h"
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

struct ProcFsOptions {
  // What users are called.
  std::string passwd = "/etc/passwd";
  // Whether to read the arguments of processes. They can hold secrets.
  bool with_arguments = false;
};

// The processes that a mounted proc(5) shows.
class ProcFs final : public ProcessTable {
 public:
  // `root` is where it is mounted: "/proc".
  explicit ProcFs(std::string root, ProcFsOptions options = {})
      : root_(std::move(root)),
        users_(std::move(options.passwd)),
        with_arguments_(options.with_arguments) {}

  absl::StatusOr<SocketHolders> FindSocketHolders() const override;

 private:
  const std::string root_;
  // When the host was started, as its clock had it at the first scan: should
  // the clock be set, processes stay who they are.
  absl::StatusOr<absl::Time> BootTime(const std::string& stat) const;

  const UserNames users_;
  const bool with_arguments_;
  mutable Mutex mutex_;
  mutable std::optional<absl::Time> boot_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_PROC_H_
