#ifndef CONNREG_CLIENT_AGENT_NETNS_TABLE_H_
#define CONNREG_CLIENT_AGENT_NETNS_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "client/agent/kernel.h"

namespace connreg {

// A network namespace that is there, as it is found from outside.
struct FoundNetns {
  // That of its file in nsfs, which another may get once this one is gone.
  uint64_t inode = 0;
  // What people know it by: the name that `ip netns` has for it, else the
  // container that it is of. Empty: nothing, as that of the host's own.
  std::string name;
  // The first by pid of the processes that are in it. 0: none is seen.
  int32_t pid = 0;
  // It is the agent's own.
  bool is_own = false;
};

// A network namespace that is there and could not be entered.
struct ClosedNetns {
  FoundNetns found;
  absl::Status reason;
};

// What a visit to all network namespaces did not see.
struct NetnsVisit {
  std::vector<ClosedNetns> closed;
  // How many processes there are, at least, of which it may not be seen in
  // which they are.
  size_t hidden_processes = 0;
  // Why there may be others that were not found at all, if not OK.
  absl::Status listing;
};

// NetnsTable is the door to the network namespaces of this host.
//
// Thread-safe.
class NetnsTable {
 public:
  using Visit = absl::FunctionRef<void(const FoundNetns&, const Kernel&)>;

  virtual ~NetnsTable() = default;

  // Calls `visit` in each network namespace, one after another, with the kernel
  // as it is seen there: at first in the agent's own. None of them ends, and no
  // inode is used again, before this returns.
  virtual NetnsVisit VisitAll(Visit visit) const = 0;
};

// The network namespace of the calling thread alone.
class OwnNetns final : public NetnsTable {
 public:
  NetnsVisit VisitAll(Visit visit) const override {
    visit({.is_own = true}, kernel_);
    return {};
  }

 private:
  LinuxKernel kernel_;
};

// Those of all processes that /proc shows, and those that `ip netns` has made.
// One that nothing is in and nobody has named is not found: it may live on by
// an open descriptor, a thread or a socket.
//
// Others than its own are entered on a thread that ends with the visit; that
// takes CAP_SYS_ADMIN.
class LinuxNetnsTable final : public NetnsTable {
 public:
  NetnsVisit VisitAll(Visit visit) const override;

 private:
  LinuxKernel kernel_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_NETNS_TABLE_H_
