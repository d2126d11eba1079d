#ifndef CONNREG_SERVICE_MODEL_OWNER_H_
#define CONNREG_SERVICE_MODEL_OWNER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace connreg {

// A process: its id and its start time, since ids are used again.
struct Process {
  int32_t pid = 0;
  absl::Time start_time;
  // The kernel's name of it (/proc/PID/comm): any bytes but NUL.
  std::string name;

  bool operator==(const Process&) const = default;
};

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

// The processes that hold one socket: a set, since descriptors are inherited
// (prefork) and passed. An empty one always has its reason.
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

  bool known() const { return !processes_.empty(); }
  const std::vector<Process>& processes() const { return processes_; }
  // REQUIRES: !known()
  OwnerUnknownReason unknown_reason() const { return unknown_reason_; }

  bool operator==(const Owners&) const = default;

 private:
  std::vector<Process> processes_;
  // kNotReported where known, so that equality needs no special case.
  OwnerUnknownReason unknown_reason_ = OwnerUnknownReason::kNotReported;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_OWNER_H_
