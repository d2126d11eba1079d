#ifndef CONNREG_CLIENT_AGENT_COLLECTOR_H_
#define CONNREG_CLIENT_AGENT_COLLECTOR_H_

#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "client/agent/kernel.h"
#include "client/agent/netns_table.h"
#include "client/agent/proc.h"
#include "client/agent/snapshot.h"

namespace connreg {

// Collector takes a snapshot of the TCP and UDP sockets of a host: in each
// network namespace the sockets, the local addresses and the roles that follow,
// and the processes that hold the sockets of all.
//
// A snapshot is not one instant: all sockets are read before the processes, so
// that a socket's holder is rarely missed. What cannot be read is left out and
// said so.
//
// Thread-safe.
class Collector {
 public:
  // `own_netns` is Kernel::NetnsName() of the caller. The others are to outlive
  // the collector.
  Collector(const NetnsTable& namespaces, const ProcessTable& processes,
            std::string own_netns)
      : namespaces_(namespaces),
        processes_(processes),
        own_netns_(std::move(own_netns)) {}

  // Called inside of each network namespace before its sockets are read, with
  // its name and how it was found. Returns why sockets that end in there
  // between looks are not heard of, if so.
  using Enter = absl::FunctionRef<absl::Status(
      const std::string& netns, const FoundNetns& found, const Kernel& kernel)>;

  Snapshot Collect(Enter enter) const;
  // For who looks only once.
  Snapshot Collect() const {
    return Collect([](const std::string&, const FoundNetns&, const Kernel&) {
      return absl::OkStatus();
    });
  }

  const std::string& own_netns() const { return own_netns_; }

 private:
  const NetnsTable& namespaces_;
  const ProcessTable& processes_;
  const std::string own_netns_;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_COLLECTOR_H_
