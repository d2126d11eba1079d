#include "client/agent/collector.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>

#include "absl/container/flat_hash_set.h"
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

std::string TableName(SocketFamily family, Transport transport) {
  return absl::StrCat("the ", transport == Transport::kTcp ? "TCP" : "UDP",
                      " sockets of ",
                      family == SocketFamily::kIpv4 ? "IPv4" : "IPv6");
}

// Leaves one of each socket: the one that was read last.
std::vector<DiagSocket> Once(std::vector<DiagSocket> sockets) {
  absl::flat_hash_set<uint64_t> seen;
  std::reverse(sockets.begin(), sockets.end());
  const auto repeated = [&](const DiagSocket& socket) {
    return socket.cookie != 0 && !seen.insert(socket.cookie).second;
  };
  sockets.erase(std::remove_if(sockets.begin(), sockets.end(), repeated),
                sockets.end());
  std::reverse(sockets.begin(), sockets.end());
  return sockets;
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
  const absl::StatusOr<std::string> netns = kernel_.NetnsName();
  if (netns.ok()) {
    snapshot.netns = *netns;
  } else {
    AddFailure("the name of the network namespace", netns.status(), &snapshot);
  }
  const std::vector<DiagSocket> sockets = ReadSockets(&snapshot);
  AddRows(sockets, &snapshot);
  ReadAddresses(&snapshot);
  AssignRoles(snapshot.listeners, absl::MakeSpan(snapshot.connections));
  return snapshot;
}

std::vector<DiagSocket> Collector::ReadSockets(Snapshot* snapshot) const {
  std::vector<DiagSocket> sockets;
  for (const Transport transport : {Transport::kTcp, Transport::kUdp}) {
    for (const SocketFamily family :
         {SocketFamily::kIpv4, SocketFamily::kIpv6}) {
      const absl::StatusOr<std::vector<DiagSocket>> some =
          kernel_.Sockets(family, transport);
      if (some.ok()) {
        sockets.insert(sockets.end(), some->begin(), some->end());
        snapshot->any_sockets_read = true;
      } else {
        AddFailure(TableName(family, transport), some.status(), snapshot);
      }
    }
  }
  return Once(std::move(sockets));
}

void Collector::ReadAddresses(Snapshot* snapshot) const {
  absl::StatusOr<std::vector<Prefix>> prefixes = kernel_.LocalPrefixes();
  if (prefixes.ok()) {
    snapshot->addresses = LocalAddresses{snapshot->netns, *std::move(prefixes)};
  } else {
    AddFailure("the local addresses", prefixes.status(), snapshot);
  }
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
