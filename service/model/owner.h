#ifndef CONNREG_SERVICE_MODEL_OWNER_H_
#define CONNREG_SERVICE_MODEL_OWNER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "service/model/owner_set.h"
#include "service/model/process.h"

namespace connreg {

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
// however many sockets it holds. Sets that differ may share some of them.
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
  // The same, of processes that other sets may hold too.
  static Owners KnownShared(std::vector<SharedProcess> processes);

  bool known() const { return set_ != nullptr; }
  // Empty if and only if !known(). Valid as long as a copy of the owners is,
  // and each process as long as a set that has it.
  ProcessRange processes() const { return ProcessRange(set_.get()); }
  // REQUIRES: !known()
  OwnerUnknownReason unknown_reason() const { return unknown_reason_; }

  // Where the set is: of copies the same, and null where unknown. Those of
  // which it is the same are equal, while those that are equal may differ in
  // it.
  const void* identity() const { return set_.get(); }

  // What `make` returns, which is called about once for all copies if they are
  // known: it may take long.
  //
  // REQUIRES: it depends on the processes, or the reason, alone, and is always
  //   the same function.
  uint64_t Digest(absl::FunctionRef<uint64_t()> make) const;

  // Whether the processes and the reason are equal, shared or not.
  bool operator==(const Owners& other) const;

  template <typename H>
  friend H AbslHashValue(H h, const Owners& owners) {
    for (const Process& process : owners.processes())
      h = H::combine(std::move(h), process);
    return H::combine(std::move(h), owners.processes().size(),
                      owners.unknown_reason_);
  }

 private:
  // Null where unknown.
  std::shared_ptr<const OwnerSet> set_;
  // kNotReported where known, so that equality needs no special case.
  OwnerUnknownReason unknown_reason_ = OwnerUnknownReason::kNotReported;
};

}  // namespace connreg

#endif  // CONNREG_SERVICE_MODEL_OWNER_H_
