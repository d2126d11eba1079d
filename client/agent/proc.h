#ifndef CONNREG_CLIENT_AGENT_PROC_H_
#define CONNREG_CLIENT_AGENT_PROC_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "client/agent/holder_memory.h"
#include "client/agent/socket_holders.h"
#include "client/agent/user_names.h"
#include "service/base/mutex.h"

namespace connreg {

// ProcessTable is the door to the processes of this host.
//
// Thread-safe.
class ProcessTable {
 public:
  virtual ~ProcessTable() = default;

  // Looks for the holders of sockets among all processes, after the sockets
  // with these inodes were seen. Processes that end meanwhile are passed over;
  // those that may not be looked into are counted. Never null.
  //
  // Any error: the processes cannot even be listed.
  virtual absl::StatusOr<std::shared_ptr<const SocketHolders>>
  FindSocketHolders(absl::Span<const uint64_t> inodes) const = 0;
};

struct ProcFsOptions {
  // What users are called.
  std::string passwd = "/etc/passwd";
  // Whether to read the arguments of processes. They can hold secrets.
  bool with_arguments = false;
};

// The processes that a mounted proc(5) shows. What they hold it reads again as
// far as HolderMemory says.
class ProcFs final : public ProcessTable {
 public:
  // `root` is where it is mounted: "/proc".
  explicit ProcFs(std::string root, ProcFsOptions options = {})
      : root_(std::move(root)),
        users_(std::move(options.passwd)),
        memory_(options.with_arguments) {}

  absl::StatusOr<std::shared_ptr<const SocketHolders>> FindSocketHolders(
      absl::Span<const uint64_t> inodes) const override;

 private:
  // When the host was started, as its clock had it at the first scan: should
  // the clock be set, processes stay who they are.
  absl::StatusOr<absl::Time> BootTimeLocked(const std::string& stat) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string root_;
  const UserNames users_;

  mutable Mutex mutex_;
  mutable std::optional<absl::Time> boot_ ABSL_GUARDED_BY(mutex_);
  mutable HolderMemory memory_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_PROC_H_
