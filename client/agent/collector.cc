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

}  // namespace

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
  AddressTable addresses = ReadAddresses(kernel_);
  if (addresses.prefixes)
    snapshot.addresses = {snapshot.netns, *std::move(addresses.prefixes)};
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
