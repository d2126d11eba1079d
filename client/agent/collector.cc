#include "client/agent/collector.h"

#include <iterator>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/agent/gaps.h"
#include "client/agent/netns_reading.h"
#include "client/agent/owners.h"
#include "client/agent/roles.h"
#include "client/agent/rows.h"

namespace connreg {
namespace {

// Whether the processes of a row's socket are not known for `reason`.
template <typename Row>
bool LacksOwners(const Row& row, OwnerUnknownReason reason) {
  const Owners& owners = row.socket.owners;
  return !owners.known() && owners.unknown_reason() == reason;
}

// Whether some processes, of those that hold sockets, may not be seen.
bool LacksPermission(const Snapshot& snapshot) {
  const auto not_permitted = [](const auto& row) {
    return LacksOwners(row, OwnerUnknownReason::kNotPermitted);
  };
  return absl::c_any_of(snapshot.namespaces, [&](const NetnsSnapshot& netns) {
    return absl::c_any_of(netns.listeners, not_permitted) ||
           absl::c_any_of(netns.connections, not_permitted);
  });
}

// Whether there are listeners, and none of them has a holder.
bool LacksAllHolders(const Snapshot& snapshot) {
  // A single one without a holder may be the kernel's own.
  return CountListeners(snapshot) > 0 &&
         absl::c_all_of(snapshot.namespaces, [](const NetnsSnapshot& netns) {
           return absl::c_all_of(
               netns.listeners, [](const ListenerFacts& listener) {
                 return LacksOwners(listener, OwnerUnknownReason::kNoHolder);
               });
         });
}

// Collection puts together what was read in each network namespace.
class Collection {
 public:
  Collection(absl::string_view own_netns, Collector::Enter enter)
      : own_netns_(own_netns), enter_(enter) {}

  // Reads the network namespace that `kernel` shows.
  void Visit(const FoundNetns& found, const Kernel& kernel) {
    const absl::StatusOr<std::string> netns =
        found.is_own ? std::string(own_netns_) : kernel.NetnsName();
    if (!netns.ok()) return AddClosed({found, netns.status()});
    // What could not be told from others by its inode.
    if (!visited_.insert(*netns).second) return;
    const absl::Status ends = enter_(*netns, found, kernel);
    readings_.push_back(ReadNetns(*netns, found, kernel));
    readings_.back().ends = ends;
  }

  void AddClosed(const ClosedNetns& netns) { closed_.push_back(netns); }

  // Those of all sockets that were read.
  std::vector<uint64_t> Inodes() const;

  // `holders` is null if the processes were not read, for `unread`.
  Snapshot Take(const SocketHolders* holders, const absl::Status& unread,
                const NetnsVisit& visit) &&;

 private:
  NetnsSnapshot Assemble(const NetnsReading& reading,
                         const SocketHolders* holders);
  void AddRow(absl::StatusOr<Row> row, NetnsSnapshot* netns);
  void AddGaps(const NetnsReading& reading);
  void AddProcessGaps(bool some_hidden);
  void AddClosedGaps(const absl::Status& listing);
  void AddInexpressible(size_t count, absl::string_view reason);

  const absl::string_view own_netns_;
  const Collector::Enter enter_;
  absl::flat_hash_set<std::string> visited_;
  std::vector<NetnsReading> readings_;
  std::vector<ClosedNetns> closed_;
  Snapshot snapshot_;
  Gaps gaps_;
};

std::vector<uint64_t> Collection::Inodes() const {
  std::vector<uint64_t> inodes;
  inodes.reserve(readings_.empty() ? 0
                                   : readings_.front().sockets.sockets.size());
  for (const NetnsReading& reading : readings_) {
    for (const DiagSocket& socket : reading.sockets.sockets)
      if (socket.inode != 0 && IsListenerOrConnection(socket))
        inodes.push_back(socket.inode);
  }
  return inodes;
}

Snapshot Collection::Take(const SocketHolders* holders,
                          const absl::Status& unread,
                          const NetnsVisit& visit) && {
  if (holders != nullptr) {
    snapshot_.unreadable_process_count = holders->unreadable_count;
  } else {
    snapshot_.failures.push_back(
        absl::StrCat("cannot read the processes: ", unread.message()));
  }
  for (const NetnsReading& reading : readings_) {
    snapshot_.namespaces.push_back(Assemble(reading, holders));
    AddGaps(reading);
  }
  AddProcessGaps(visit.hidden_processes > 0);
  AddClosedGaps(visit.listing);
  snapshot_.gaps = std::move(gaps_).Take();
  return std::move(snapshot_);
}

NetnsSnapshot Collection::Assemble(const NetnsReading& reading,
                                   const SocketHolders* holders) {
  NetnsSnapshot netns{.netns = reading.netns,
                      .inode = reading.found.inode,
                      .unread_tables = reading.sockets.unread};
  if (reading.addresses.prefixes) {
    netns.addresses = {.netns = reading.netns,
                       .prefixes = *reading.addresses.prefixes,
                       .name = reading.found.name};
  }
  AddInexpressible(reading.sockets.unzoned_count,
                   "the interface of a link-local address is not known");
  // Most are connections, and what is not used of the room costs nothing.
  netns.connections.reserve(reading.sockets.sockets.size());
  for (const DiagSocket& socket : reading.sockets.sockets) {
    if (!IsListenerOrConnection(socket)) continue;
    if (IsRemainder(socket)) netns.remainders.push_back(socket);
    Owners owners = OwnersOf(socket, holders);
    if (holders != nullptr && holders->abridged.contains(socket.inode))
      ++snapshot_.crowded_count;
    AddRow(RowOf(socket, reading.netns, std::move(owners),
                 [&](uint32_t index) { return reading.InterfaceName(index); }),
           &netns);
  }
  AssignRoles(netns.listeners, absl::MakeSpan(netns.connections));
  return netns;
}

void Collection::AddRow(absl::StatusOr<Row> row, NetnsSnapshot* netns) {
  if (!row.ok()) {
    AddInexpressible(1, row.status().message());
  } else if (std::holds_alternative<ListenerFacts>(*row)) {
    netns->listeners.push_back(std::get<ListenerFacts>(*std::move(row)));
  } else {
    netns->connections.push_back(std::get<ConnectionFacts>(*std::move(row)));
  }
}

void Collection::AddInexpressible(size_t count, absl::string_view reason) {
  if (count > 0 && snapshot_.inexpressible_count == 0)
    snapshot_.inexpressible_reason = std::string(reason);
  snapshot_.inexpressible_count += count;
}

void Collection::AddGaps(const NetnsReading& reading) {
  const std::string place = reading.found.is_own ? "" : TextOf(reading.found);
  for (const CoverageGap& gap : reading.sockets.gaps) gaps_.Add(gap, place);
  if (!reading.ends.ok()) {
    gaps_.Add(GapOf(GapKind::kSocketDetails,
                    absl::StrCat("ends of sockets are seen at looks only: ",
                                 reading.ends.message())),
              place);
  }
  for (const CoverageGap& gap : reading.addresses.gaps) gaps_.Add(gap, place);
}

// Says of which sockets the processes are not seen, as far as that is not a
// matter of single sockets.
void Collection::AddProcessGaps(bool some_hidden) {
  if (some_hidden || LacksPermission(snapshot_)) {
    gaps_.Add(
        {GapKind::kProcesses,
         absl::StrCat("some processes of other users",
                      some_hidden
                          ? " and the network namespaces that only they are in"
                          : "",
                      ": not permitted; it takes root, with CAP_SYS_PTRACE and "
                      "CAP_DAC_READ_SEARCH")});
  }
  if (LacksAllHolders(snapshot_)) {
    gaps_.Add({GapKind::kProcesses,
               "the processes that listen: none of them is among those seen; "
               "they may be in another process namespace"});
  }
}

void Collection::AddClosedGaps(const absl::Status& listing) {
  snapshot_.may_lack_namespaces = !listing.ok();
  if (!listing.ok()) {
    gaps_.Add(GapOf(GapKind::kSockets,
                    absl::StrCat("cannot look for network namespaces: ",
                                 listing.message())));
  }
  for (const ClosedNetns& netns : closed_) {
    snapshot_.unread_inodes.push_back(netns.found.inode);
    const std::string advice = absl::IsPermissionDenied(netns.reason)
                                   ? "; that takes CAP_SYS_ADMIN"
                                   : "";
    const std::string inode = netns.found.name.empty()
                                  ? ""
                                  : absl::StrCat("inode ", netns.found.inode);
    const std::string process =
        netns.found.pid == 0 ? "" : absl::StrCat("process ", netns.found.pid);
    const std::string where = absl::StrCat(
        inode, inode.empty() || process.empty() ? "" : ", ", process);
    gaps_.Add(GapOf(
        GapKind::kSockets,
        absl::StrCat("cannot look into network namespace ", TextOf(netns.found),
                     ": ", netns.reason.message(), advice,
                     where.empty() ? "" : absl::StrCat(" (", where, ")"))));
  }
}

}  // namespace

Snapshot Collector::Collect(Enter enter) const {
  Collection collection(own_netns_, enter);
  const NetnsVisit visit =
      namespaces_.VisitAll([&](const FoundNetns& found, const Kernel& kernel) {
        collection.Visit(found, kernel);
      });
  for (const ClosedNetns& netns : visit.closed) collection.AddClosed(netns);
  const absl::StatusOr<std::shared_ptr<const SocketHolders>> holders =
      processes_.FindSocketHolders(collection.Inodes());
  return std::move(collection)
      .Take(holders.ok() ? holders->get() : nullptr, holders.status(), visit);
}

}  // namespace connreg
