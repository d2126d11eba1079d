#include "tests/simulation/simulated_looks.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/agent/kernel.h"
#include "tests/simulation/look.h"

namespace connreg::simulation {
namespace {

// One network namespace, of which it tells nothing but which sockets end.
class ListeningKernel final : public Kernel {
 public:
  ListeningKernel(EndsDoor& door, const std::string& netns)
      : door_(door), netns_(netns) {}

  absl::StatusOr<std::unique_ptr<SocketEnds>> Ends() const override {
    return door_.Listen(netns_);
  }
  absl::StatusOr<std::string> NetnsName() const override { return netns_; }
  absl::StatusOr<std::vector<DiagSocket>> Sockets(SocketFamily,
                                                  Transport) const override {
    return NotTold();
  }
  absl::StatusOr<std::vector<LocalPrefix>> LocalPrefixes() const override {
    return NotTold();
  }
  std::string InterfaceName(uint32_t) const override { return ""; }
  absl::StatusOr<ProcTable> ProcSockets(SocketFamily,
                                        Transport) const override {
    return NotTold();
  }
  absl::StatusOr<std::vector<Prefix>> ProcIpv4Prefixes() const override {
    return NotTold();
  }
  absl::StatusOr<std::vector<InterfaceAddress>> ProcIpv6Addresses()
      const override {
    return NotTold();
  }

 private:
  static absl::Status NotTold() {
    return absl::UnimplementedError("a look is made of what the model has");
  }

  EndsDoor& door_;
  const std::string& netns_;
};

}  // namespace

void SimulatedLooks::Begin() {
  if (snapshot_) return world_.trace.Fail("a look begins while one goes on");
  snapshot_.emplace();
  snapshot_->may_lack_namespaces = is_faulty_ && world_.dice.OneIn(8);
  search_ = ends_.Begin();
  unread_.clear();
  for (const KernelNetns& netns : kernel_.namespaces()) {
    const bool is_own = &netns == &kernel_.namespaces().front();
    if (!is_own && own_netns_) break;
    if (is_own || world_.dice.OneIn(2))
      LookInto(netns.name);
    else
      unread_.push_back(netns.name);
  }
  const absl::Duration time =
      world_.dice.OneIn(10) ? absl::Milliseconds(900) : absl::Milliseconds(30);
  steps_.After(world_.dice.Between(absl::ZeroDuration(), time), [this] {
    if (steps_.is_paused())
      is_due_ = true;
    else
      Finish();
  });
}

void SimulatedLooks::Resume() {
  if (std::exchange(is_due_, false)) Finish();
}

std::optional<Snapshot> SimulatedLooks::Take() {
  if (!std::exchange(is_done_, false)) return std::nullopt;
  bell_.Silence();
  ends_.Take(std::exchange(search_, EndsTable::Search()));
  door_.NoteLook(*snapshot_);
  return std::exchange(snapshot_, std::nullopt);
}

void SimulatedLooks::LookInto(const std::string& name) {
  const KernelNetns* const netns = kernel_.Dump(name);
  // It has gone since it was found.
  if (netns == nullptr) return;
  if (is_faulty_ && !snapshot_->namespaces.empty() && world_.dice.OneIn(6)) {
    // Not found at all, or found and closed to the agent.
    if (world_.dice.OneIn(2)) snapshot_->unread_inodes.push_back(netns->inode);
    return;
  }
  const absl::Status hears =
      search_.NoteNetns(name, {.inode = netns->inode, .name = "", .pid = 0},
                        ListeningKernel(door_, name));
  if (!hears.ok()) {
    snapshot_->gaps.push_back({.kind = GapKind::kSocketDetails,
                               .description = std::string(hears.message())});
  }
  simulation::LookInto(*netns, is_faulty_, world_.dice, &*snapshot_);
}

void SimulatedLooks::Finish() {
  for (const std::string& name : unread_) LookInto(name);
  is_done_ = true;
  bell_.Ring();
}

}  // namespace connreg::simulation
