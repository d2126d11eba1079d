#ifndef CONNREG_CLIENT_AGENT_KERNEL_H_
#define CONNREG_CLIENT_AGENT_KERNEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/agent/proc_addresses.h"
#include "client/agent/proc_sockets.h"
#include "client/agent/sock_diag.h"
#include "client/agent/socket_ends.h"
#include "service/model/address_owners.h"
#include "service/model/socket.h"
#include "service/net/prefix.h"

namespace connreg {

// Kernel is the door to what the kernel knows of one network namespace: that of
// the calling thread.
//
// Thread-safe.
class Kernel {
 public:
  virtual ~Kernel() = default;

  // The namespace's name: its SO_NETNS_COOKIE in decimal, which the kernel
  // gives to no other between two boots. Kernels before 5.14 do not tell it;
  // there it is "inode:N", after the inode of /proc/thread-self/ns/net, which
  // may be used again once the namespace is gone.
  virtual absl::StatusOr<std::string> NetnsName() const = 0;

  // As DumpSockets().
  virtual absl::StatusOr<std::vector<DiagSocket>> Sockets(
      SocketFamily family, Transport transport) const = 0;

  // As DumpLocalPrefixes().
  virtual absl::StatusOr<std::vector<LocalPrefix>> LocalPrefixes() const = 0;

  // The name of the interface with this index; empty if there is none.
  virtual std::string InterfaceName(uint32_t index) const = 0;

  // What /proc/net shows where netlink is refused: the same sockets, with less
  // of each; and the addresses of IPv4 and of IPv6.
  //
  // NOT_FOUND: /proc/net has no such table.
  virtual absl::StatusOr<ProcTable> ProcSockets(SocketFamily family,
                                                Transport transport) const = 0;
  virtual absl::StatusOr<std::vector<Prefix>> ProcIpv4Prefixes() const = 0;
  virtual absl::StatusOr<std::vector<InterfaceAddress>> ProcIpv6Addresses()
      const = 0;

  // Hears which sockets of the namespace end from now on.
  virtual absl::StatusOr<std::unique_ptr<SocketEnds>> Ends() const = 0;
};

// The kernel of this machine.
class LinuxKernel final : public Kernel {
 public:
  absl::StatusOr<std::string> NetnsName() const override;
  absl::StatusOr<std::vector<DiagSocket>> Sockets(
      SocketFamily family, Transport transport) const override;
  absl::StatusOr<std::vector<LocalPrefix>> LocalPrefixes() const override;
  std::string InterfaceName(uint32_t index) const override;
  absl::StatusOr<ProcTable> ProcSockets(SocketFamily family,
                                        Transport transport) const override;
  absl::StatusOr<std::vector<Prefix>> ProcIpv4Prefixes() const override;
  absl::StatusOr<std::vector<InterfaceAddress>> ProcIpv6Addresses()
      const override;
  absl::StatusOr<std::unique_ptr<SocketEnds>> Ends() const override;
};

}  // namespace connreg

#endif  // CONNREG_CLIENT_AGENT_KERNEL_H_
