#include "client/agent/collector.h"

#include <iterator>
#include <utility>
#include <variant>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/agent/owners.h"
#include "client/agent/roles.h"
#include "client/agent/rows.h"

namespace connreg {
namespace {

void AddFailure(absl::string_view what, const absl::Status& status,
                Snapshot* snapshot) {
  snapshot->failures.push_back(
      absl::StrCat("cannot read ", what, ": ", status.message()));
}

void AddRow(absl::StatusOr<Row> row, Snapshot* snapshot) {
  if (!row.ok()) {
    if (snapshot->inexpressible_count++ == 0)
      snapshot->inexpressible_reason = std::string(row.status().message());
  } else if (std::holds_alternative<ListenerFacts>(*row)) {
    snapshot->listeners.push_back(std::get<ListenerFacts>(*std::move(row)));
  } else {
    snapshot->connections.push_back(std::get<ConnectionFacts>(*std::move(row)));
  }
}

// Whether the processes of a row's socket are not known for `reason`.
template <typename Row>
bool LacksOwners(const Row& row, OwnerUnknownReason reason) {
  const Owners& owners = row.socket.owners;
  return !owners.known() && owners.unknown_reason() == reason;
}

// Says of which sockets the processes are not seen, as far as that is not a
// matter of single sockets.
void AddProcessGaps(Snapshot* snapshot) {
  const auto not_permitted = [](const auto& row) {
    return LacksOwners(row, OwnerUnknownReason::kNotPermitted);
  };
  if (absl::c_any_of(snapshot->listeners, not_permitted) ||
      absl::c_any_of(snapshot->connections, not_permitted)) {
    snapshot->gaps.push_back(
        {GapKind::kProcesses,
         "some processes of other users: not permitted; it takes root, with "
         "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH"});
  }
  // A single one without a holder may be the kernel's own.
  if (!snapshot->listeners.empty() &&
      absl::c_all_of(snapshot->listeners, [](const ListenerFacts& listener) {
        return LacksOwners(listener, OwnerUnknownReason::kNoHolder);
      })) {
    snapshot->gaps.push_back(
        {GapKind::kProcesses,
         "the processes that listen: none of them is among those seen; they "
         "may be in another process namespace"});
  }
}

}  // namespace

bool IsPartial(const Snapshot& snapshot) {
  return absl::c_any_of(snapshot.gaps, [](const CoverageGap& gap) {
    return MakesPartial(gap.kind);
  });
}

Snapshot Collector::Collect() const {
  Snapshot snapshot;
  snapshot.netns = netns_;
  SocketTables tables = ReadSockets(kernel_);
  snapshot.unread_tables = std::move(tables.unread);
  snapshot.gaps = std::move(tables.gaps);
  if (tables.unzoned_count > 0) {
    snapshot.inexpressible_count = tables.unzoned_count;
    snapshot.inexpressible_reason =
        "the interface of a link-local address is not known";
  }
  AddRows(tables.sockets, &snapshot);
  AddProcessGaps(&snapshot);
  AddressTable addresses = ReadAddresses(kernel_);
  if (addresses.prefixes) {
    snapshot.addresses = {.netns = snapshot.netns};
    for (const Prefix& prefix : *addresses.prefixes)
      snapshot.addresses->prefixes.push_back({prefix});
  }
  absl::c_move(addresses.gaps, std::back_inserter(snapshot.gaps));
  AssignRoles(snapshot.listeners, absl::MakeSpan(snapshot.connections));
  return snapshot;
}

void Collector::AddRows(const std::vector<DiagSocket>& sockets,
                        Snapshot* snapshot) const {
  const absl::StatusOr<SocketHolders> holders = processes_.FindSocketHolders();
  if (holders.ok()) {
    snapshot->unreadable_process_count = holders->unreadable_count;
  } else {
    AddFailure("the processes", holders.status(), snapshot);
  }
  for (const DiagSocket& socket : sockets) {
    if (!IsListenerOrConnection(socket)) continue;
    Owners owners = OwnersOf(socket, holders.ok() ? &*holders : nullptr);
    if (owners.processes().size() == kMaxOwners) ++snapshot->crowded_count;
    AddRow(
        RowOf(socket, snapshot->netns, std::move(owners),
              [this](uint32_t index) { return kernel_.InterfaceName(index); }),
        snapshot);
  }
}

}  // namespace connreg
