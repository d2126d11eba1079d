#ifndef CONNREG_SERVICE_MODEL_OWNER_H_
#define CONNREG_SERVICE_MODEL_OWNER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace connreg {

// A process. Its id and its start time name it, since ids are used again; the
// rest says what it is, as far as that is known. Texts are any bytes.
struct Process {
  int32_t pid = 0;
  absl::Time start_time;
  // The kernel's name of it (/proc/PID/comm).
  std::string name;
  // The effective user, and what the host calls that user.
  std::optional<uint32_t> uid;
  std::string user;
  // The file that it runs.
  std::string executable;
  // The path of its control group.
  std::string cgroup;
  // What it was started with, if that is reported at all, and whether there
  // was more.
  std::vector<std::string> arguments;
  bool arguments_cut = false;

  bool operator==(const Process&) const = default;

  template <typename H>
  friend H AbslHashValue(H h, const Process& process) {
    return H::combine(std::move(h), process.pid, process.start_time,
                      process.name, process.uid, process.user,
                      process.executable, process.cgroup, process.arguments,
                      process.arguments_cut);
  }
};

// How many bytes its arguments may have, counting one more for each.
inline constexpr size_t kMaxArgumentsSize = 4096;

// How many bytes of text tell of it, counting one more for each argument.
size_t TextSize(const Process& process);

// Why nobody is known to hold a socket.
enum class OwnerUnknownReason : uint8_t {
  // The reporter did not say.
  kNotReported = 1,
  // The reporter may not look into every process.
  kNotPermitted,
  // A server's connection that waits in the listener's queue for accept(2).
  kNotAccepted,
  // The process closed it, and the kernel finishes the conversation alone.
  kKernelOrphan,
  // No process that the reporter sees holds it: the kernel itself, or one in
  // another PID namespace.
  kNoHolder,
  // It ended before the reporter looked for its holders.
  kEndedBeforeScan,
};

// How many bytes of text may tell of the processes of one socket, so that a row
// fits into a message many times.
inline constexpr size_t kMaxOwnersTextSize = 256 << 10;

// The processes that hold one socket: a set, since descriptors are inherited
// (prefork) and passed. An empty one always has its reason.
//
// Copies share the processes, which never change: a server's are said once
// however many sockets it holds.
class Owners {
 public:
  // Unknown, for lack of a report.
  Owners() = default;

  static Owners Unknown(OwnerUnknownReason reason);
  // In order of pid, save that pid 1 comes last: a socket that systemd opened
  // for a service is the service's. Repeated processes count once.
  //
  // REQUIRES: !processes.empty()
  static Owners Known(std::vector<Process> processes);

  bool known() const { return processes_ != nullptr; }
  // Empty if and only if !known().
  const std::vector<Process>& processes() const;
  // REQUIRES: !known()
  OwnerUnknownReason unknown_reason() const { return unknown_reason_; }

  // Whether the processes and the reason are equal, shared or not.
  bool operator==(const Owners& other) const;

  template <typename H>
  friend H AbslHashValue(H h, const Owners& owners) {
    return H::combine(std::move(h), owners.processes(), owners.unknown_reason_);
  }

 private:
  // Null where unknown, else not empty.
  std::shared_ptr<const std::vector<Process>> processes_;
  // kNotReported where known, so that equality needs no special case.
  OwnerUnknownReason unknown_reason_ = OwnerUnknownReason::kNotReported;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_OWNER_H_
