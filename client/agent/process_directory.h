#ifndef CONNREG_CLIENT_AGENT_PROCESS_DIRECTORY_H_
#define CONNREG_CLIENT_AGENT_PROCESS_DIRECTORY_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "client/agent/files.h"
#include "service/model/owner.h"

namespace connreg {

// How long the kernel's clock ticks are, and since when it counts them.
struct TickClock {
  absl::Time boot;
  int64_t ticks_per_second;

  absl::Time At(int64_t ticks) const;
};

// ProcessDirectory reads one process's directory of proc(5).
//
// It holds that directory open: such a descriptor never leads to another
// process that was given the same pid, so all that is read is of one process.
//
// Thread-safe.
class ProcessDirectory {
 public:
  // NOT_FOUND: there is no such process.
  static absl::StatusOr<ProcessDirectory> Open(const Descriptor& root,
                                               int32_t pid);

  // What no other process has had, nor will, in the memory of this kernel.
  struct Identity {
    uint64_t inode = 0;
    // When the kernel made the directory.
    int64_t seconds = 0;
    int64_t nanoseconds = 0;

    bool operator==(const Identity&) const = default;
  };
  // That of one process may change, too, when nobody has looked at it for long.
  absl::StatusOr<Identity> ReadIdentity() const;

  // How many descriptors it has. 0: there is none, or the kernel does not tell,
  // as Linux before 6.2.
  uint64_t DescriptorCount() const;
  // Whether the kernel tells who asks how many descriptors there are.
  static bool TellsDescriptorCounts(const Descriptor& root);

  // The sockets that it holds, each once, in order.
  //
  // NOT_FOUND: it has ended.
  // PERMISSION_DENIED: it may not be looked into.
  absl::StatusOr<std::vector<uint64_t>> SocketInodes() const;

  // What it is, save for the user's name. What may not be read of that is left
  // out, but for its identity and its name.
  //
  // NOT_FOUND: it has ended.
  absl::StatusOr<Process> Read(const TickClock& clock,
                               bool with_arguments) const;

 private:
  ProcessDirectory(int32_t pid, Descriptor directory)
      : pid_(pid), directory_(std::move(directory)) {}

  bool HasEnded() const;
  void ReadArguments(Process* process) const;

  const int32_t pid_;
  Descriptor directory_;
};

// The path in `cgroup`, a /proc/PID/cgroup: that in the unified hierarchy;
// where that is the root or missing, in systemd's, else the longest of the
// others.
std::string ControlGroupIn(absl::string_view cgroup);

// Gives `process` the arguments in `cmdline`, the start of a /proc/PID/cmdline
// with at least one byte more than may be reported, if there are as many. Empty
// ones at the end are left out: programs that name themselves anew leave them
// there.
void SetArguments(absl::string_view cmdline, Process* process);

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_PROCESS_DIRECTORY_H_
