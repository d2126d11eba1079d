#ifndef CONNREG_TESTS_UNIT_AGENT_FAKE_HOST_H_
#define CONNREG_TESTS_UNIT_AGENT_FAKE_HOST_H_

#include <algorithm>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/agent/kernel.h"
#include "client/agent/netns_table.h"
#include "client/agent/proc.h"
#include "client/agent/socket_ends.h"

namespace connreg {

// What a kernel that a test tells of has to say of sockets that end.
struct FakeEnds {
  // What is heard next.
  SocketEnds::News news;
  // What is left of sockets, by cookie: no two of one tuple.
  std::map<uint64_t, DiagSocket> left;
  // What questions are answered with, if not OK.
  absl::Status refusal;
  // The cookies that were asked for, in order; 0 for any.
  std::vector<uint64_t> asked;

  void HearEnd(const DiagSocket& socket, bool was_connected = true) {
    news.ended.push_back({socket, was_connected});
    news.ended.back().socket.state = KernelState::kClose;
  }
};

class FakeSocketEnds : public SocketEnds {
 public:
  explicit FakeSocketEnds(std::shared_ptr<FakeEnds> ends)
      : ends_(std::move(ends)) {}

  int descriptor() const override { return -1; }
  News Take() override { return std::exchange(ends_->news, News()); }
  absl::StatusOr<std::vector<std::optional<DiagSocket>>> Ask(
      absl::Span<const DiagSocket> sockets) override {
    std::vector<std::optional<DiagSocket>> answers;
    for (const DiagSocket& socket : sockets) {
      ends_->asked.push_back(socket.cookie);
      const auto left = std::find_if(
          ends_->left.begin(), ends_->left.end(), [&](const auto& entry) {
            return socket.cookie == 0
                       ? entry.second.local_port == socket.local_port &&
                             entry.second.remote_port == socket.remote_port
                       : entry.first == socket.cookie;
          });
      answers.push_back(left == ends_->left.end()
                            ? std::nullopt
                            : std::optional(left->second));
    }
    if (!ends_->refusal.ok()) return ends_->refusal;
    return answers;
  }
  std::string InterfaceName(uint32_t index) const override {
    return index == 2 ? "eth0" : "";
  }

 private:
  const std::shared_ptr<FakeEnds> ends_;
};

// A kernel that knows what a test tells it.
class FakeKernel : public Kernel {
 public:
  absl::StatusOr<std::string> NetnsName() const override { return netns; }

  absl::StatusOr<std::vector<DiagSocket>> Sockets(
      SocketFamily family, Transport transport) const override {
    if (!refusal.ok() && transport == refused_transport) return refusal;
    std::vector<DiagSocket> answer;
    std::copy_if(sockets.begin(), sockets.end(), std::back_inserter(answer),
                 [&](const DiagSocket& socket) {
                   return socket.family == family &&
                          socket.transport == transport;
                 });
    return answer;
  }

  absl::StatusOr<std::vector<LocalPrefix>> LocalPrefixes() const override {
    return prefixes;
  }

  std::string InterfaceName(uint32_t index) const override {
    return index == 2 ? "eth0" : "";
  }

  absl::StatusOr<ProcTable> ProcSockets(SocketFamily family,
                                        Transport transport) const override {
    if (!proc_refusal.ok()) return proc_refusal;
    ProcTable table = proc_table;
    std::erase_if(table.sockets, [&](const DiagSocket& socket) {
      return socket.family != family || socket.transport != transport;
    });
    return table;
  }
  absl::StatusOr<std::vector<Prefix>> ProcIpv4Prefixes() const override {
    if (!proc_refusal.ok()) return proc_refusal;
    return proc_prefixes;
  }
  absl::StatusOr<std::vector<InterfaceAddress>> ProcIpv6Addresses()
      const override {
    if (!proc_refusal.ok()) return proc_refusal;
    return proc_addresses;
  }

  absl::StatusOr<std::unique_ptr<SocketEnds>> Ends() const override {
    if (!ends_refusal.ok()) return ends_refusal;
    return std::make_unique<FakeSocketEnds>(ends);
  }

  absl::StatusOr<std::string> netns = "4101";
  std::shared_ptr<FakeEnds> ends = std::make_shared<FakeEnds>();
  // What whoever wants to hear of them is answered with, if not OK.
  absl::Status ends_refusal;
  std::vector<DiagSocket> sockets;
  // What questions about `refused_transport` are answered with, if not OK.
  absl::Status refusal;
  Transport refused_transport = Transport::kUdp;
  absl::StatusOr<std::vector<LocalPrefix>> prefixes =
      std::vector<LocalPrefix>();
  // What /proc/net shows, or what reading it is answered with, if not OK.
  absl::Status proc_refusal = absl::PermissionDeniedError("no /proc/net");
  ProcTable proc_table;
  std::vector<Prefix> proc_prefixes;
  std::vector<InterfaceAddress> proc_addresses;
};

// Network namespaces that a test tells of.
class FakeNamespaces : public NetnsTable {
 public:
  // `own` is the kernel as the agent's own shows it.
  explicit FakeNamespaces(const Kernel& own) : own_(own) {}

  NetnsVisit VisitAll(Visit visit) const override {
    visit({.inode = 1, .is_own = true}, own_);
    for (const auto& [found, kernel] : others) visit(found, kernel);
    return missed;
  }

  // Adds one with the cookie and inode `number`, and returns its kernel.
  FakeKernel& Add(uint64_t number, const std::string& name = "") {
    auto& [found, kernel] = others.emplace_back();
    found = {.inode = number, .name = name, .pid = 7};
    kernel.netns = absl::StrCat(number);
    return kernel;
  }
  // The same, but one that may not be entered.
  void AddClosed(uint64_t number, const std::string& name = "") {
    missed.closed.push_back({{.inode = number, .name = name, .pid = 7},
                             absl::PermissionDeniedError("setns: no")});
  }

  std::list<std::pair<FoundNetns, FakeKernel>> others;
  NetnsVisit missed;

 private:
  const Kernel& own_;
};

// Processes that a test tells of.
class FakeProcesses : public ProcessTable {
 public:
  absl::StatusOr<std::shared_ptr<const SocketHolders>> FindSocketHolders(
      absl::Span<const uint64_t>) const override {
    if (!holders.ok()) return holders.status();
    return std::make_shared<const SocketHolders>(*holders);
  }

  absl::StatusOr<SocketHolders> holders = SocketHolders();
};

// A socket of IPv4 in the state LISTEN, or bound for UDP.
inline DiagSocket ListenerV4(Transport transport, uint16_t port,
                             uint64_t cookie) {
  DiagSocket socket;
  socket.family = SocketFamily::kIpv4;
  socket.transport = transport;
  socket.state =
      transport == Transport::kTcp ? KernelState::kListen : KernelState::kClose;
  socket.local_port = port;
  socket.cookie = cookie;
  socket.inode = static_cast<uint32_t>(1000 + cookie);
  return socket;
}

// A connection of 10.0.0.5:`local_port` with 10.0.0.9:`remote_port`.
inline DiagSocket ConnectionV4(Transport transport, uint16_t local_port,
                               uint16_t remote_port, uint64_t cookie) {
  DiagSocket socket = ListenerV4(transport, local_port, cookie);
  socket.state = KernelState::kEstablished;
  socket.local_address = {10, 0, 0, 5};
  socket.remote_address = {10, 0, 0, 9};
  socket.remote_port = remote_port;
  return socket;
}

}  // namespace connreg

#endif  // CONNREG_TESTS_UNIT_AGENT_FAKE_HOST_H_
