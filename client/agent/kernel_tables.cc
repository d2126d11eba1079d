#include "client/agent/kernel_tables.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/agent/gaps.h"
#include "client/agent/interfaces.h"
#include "service/base/status_macros.h"

namespace connreg {
namespace {

std::string TextOf(const SocketTable& table) {
  return absl::StrCat(
      "the ", table.transport == Transport::kTcp ? "TCP" : "UDP",
      " sockets of ", table.family == SocketFamily::kIpv4 ? "IPv4" : "IPv6");
}

// Whether netlink will go on failing so, and /proc/net may do better.
bool IsRefusal(const absl::Status& status) {
  return !absl::IsAborted(status) && !absl::IsDataLoss(status) &&
         !absl::IsResourceExhausted(status);
}

// Leaves one of each socket: the one that was read last.
std::vector<DiagSocket> Once(std::vector<DiagSocket> sockets) {
  absl::flat_hash_set<uint64_t> seen;
  seen.reserve(sockets.size());
  // From the last to the first, those that stay move to the end.
  auto first = sockets.end();
  for (auto socket = sockets.end(); socket != sockets.begin();) {
    --socket;
    if (socket->cookie != 0 && !seen.insert(socket->cookie).second) continue;
    if (--first != socket) *first = *socket;
  }
  sockets.erase(sockets.begin(), first);
  return sockets;
}

// SocketReader reads one table after another.
class SocketReader {
 public:
  explicit SocketReader(const Kernel& kernel) : kernel_(kernel) {}

  void Read(const SocketTable& table) {
    absl::StatusOr<std::vector<DiagSocket>> sockets =
        kernel_.Sockets(table.family, table.transport);
    if (sockets.ok()) return Add(*std::move(sockets));
    if (IsRefusal(sockets.status()) && ReadProc(table, sockets.status()))
      return;
    tables_.unread.push_back(table);
    AddGap(GapKind::kSockets, absl::StrCat("cannot read ", TextOf(table), ": ",
                                           sockets.status().message()));
  }

  SocketTables Take() && {
    tables_.sockets = Once(std::move(tables_.sockets));
    return std::move(tables_);
  }

 private:
  void Add(std::vector<DiagSocket> sockets) {
    if (tables_.sockets.empty()) return tables_.sockets.swap(sockets);
    tables_.sockets.insert(tables_.sockets.end(), sockets.begin(),
                           sockets.end());
  }

  void AddGap(GapKind kind, std::string description) {
    tables_.gaps.push_back(GapOf(kind, std::move(description)));
  }

  // Whether /proc/net has the table, after netlink has answered `refusal`.
  bool ReadProc(const SocketTable& table, const absl::Status& refusal) {
    absl::StatusOr<ProcTable> read =
        kernel_.ProcSockets(table.family, table.transport);
    if (!read.ok()) return IsWithoutIpv6(table, read.status());
    // Without zones, link-local sockets would seem to be gone.
    if (table.family == SocketFamily::kIpv6 && !Ipv6Addresses().ok())
      return false;
    for (DiagSocket& socket : read->sockets) {
      if (FindZone(&socket))
        tables_.sockets.push_back(socket);
      else
        ++tables_.unzoned_count;
    }
    const std::string path =
        absl::StrCat("/proc/", ProcTablePath(table.family, table.transport));
    AddGap(GapKind::kSocketDetails,
           absl::StrCat(TextOf(table), " come from ", path, ": ",
                        refusal.message()));
    if (read->malformed_count > 0) {
      AddGap(GapKind::kSockets, absl::StrCat("cannot understand all of ", path,
                                             ": ", read->malformed_reason));
    }
    return true;
  }

  // A kernel without IPv6 has those tables for IPv4 alone.
  bool IsWithoutIpv6(const SocketTable& table, const absl::Status& status) {
    return table.family == SocketFamily::kIpv6 && absl::IsNotFound(status) &&
           kernel_.ProcSockets(SocketFamily::kIpv4, table.transport).ok();
  }

  // Gives a socket at a link-local address the interface that has that, as
  // netlink would; false if several have it, or none.
  bool FindZone(DiagSocket* socket) {
    if (socket->family != SocketFamily::kIpv6) return true;
    const IpAddress address = IpAddress::V6(socket->local_address);
    if (!address.is_link_local()) return true;
    std::set<uint32_t> interfaces;
    for (const InterfaceAddress& known : *Ipv6Addresses())
      if (known.address == address) interfaces.insert(known.interface);
    if (interfaces.size() != 1) return false;
    socket->interface = *interfaces.begin();
    return true;
  }

  const absl::StatusOr<std::vector<InterfaceAddress>>& Ipv6Addresses() {
    if (!ipv6_addresses_) ipv6_addresses_ = kernel_.ProcIpv6Addresses();
    return *ipv6_addresses_;
  }

  const Kernel& kernel_;
  SocketTables tables_;
  std::optional<absl::StatusOr<std::vector<InterfaceAddress>>> ipv6_addresses_;
};

absl::StatusOr<std::vector<LocalPrefix>> ProcPrefixes(const Kernel& kernel) {
  // By prefix, each with its device as far as that is known.
  std::map<Prefix, std::string> devices;
  ASSIGN_OR_RETURN(const std::vector<Prefix> ipv4, kernel.ProcIpv4Prefixes());
  for (const Prefix& prefix : ipv4) devices[prefix] = "";
  ASSIGN_OR_RETURN(const std::vector<InterfaceAddress> addresses,
                   kernel.ProcIpv6Addresses());
  for (const InterfaceAddress& known : addresses) {
    const auto name = [&](uint32_t) { return known.interface_name; };
    devices.try_emplace(Prefix(InZone(known.address, known.interface, name)),
                        InterfaceText(known.interface, name));
  }
  std::vector<LocalPrefix> prefixes;
  for (const auto& [prefix, device] : devices)
    prefixes.push_back({prefix, device});
  return prefixes;
}

// `routes`, or what /proc/net shows where netlink is refused.
AddressTable TableOf(const absl::StatusOr<std::vector<LocalPrefix>>& routes,
                     const Kernel& kernel) {
  AddressTable table;
  if (routes.ok()) {
    table.prefixes = *routes;
    return table;
  }
  const absl::StatusOr<std::vector<LocalPrefix>> shown = ProcPrefixes(kernel);
  if (shown.ok()) table.prefixes = *shown;
  table.gaps.push_back(
      GapOf(GapKind::kAddresses,
            absl::StrCat(shown.ok() ? "the local addresses come from /proc/net"
                                    : "cannot read the local addresses",
                         ": ", routes.status().message())));
  return table;
}

}  // namespace

SocketTables ReadSockets(const Kernel& kernel) {
  SocketReader reader(kernel);
  for (const Transport transport : {Transport::kTcp, Transport::kUdp})
    for (const SocketFamily family : {SocketFamily::kIpv4, SocketFamily::kIpv6})
      reader.Read({family, transport});
  return std::move(reader).Take();
}

AddressTable ReadAddresses(const Kernel& kernel) {
  AddressTable table = TableOf(kernel.LocalPrefixes(), kernel);
  if (table.prefixes && table.prefixes->size() > kMaxPrefixes) {
    table.gaps.push_back(GapOf(
        GapKind::kAddresses,
        absl::StrCat("cannot report the local addresses: they are ",
                     table.prefixes->size(), " prefixes, and a report takes ",
                     kMaxPrefixes, " of a network namespace")));
    table.prefixes.reset();
  }
  return table;
}

}  // namespace connreg
