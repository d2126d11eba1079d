#include "tests/simulation/look.h"

#include <utility>
#include <vector>

#include "client/agent/rows.h"
#include "client/agent/sock_diag.h"
#include "tests/simulation/diag.h"

namespace connreg::simulation {
namespace {

bool IsIn(const SocketTable& table, const Socket& socket) {
  return table.family == socket.family && table.transport == socket.transport;
}

// One table of four cannot be read.
SocketTable AnyTable(Dice& dice) {
  return {dice.OneIn(2) ? SocketFamily::kIpv4 : SocketFamily::kIpv6,
          dice.OneIn(3) ? Transport::kUdp : Transport::kTcp};
}

template <typename Facts>
void DropUnread(const NetnsSnapshot& read, std::vector<Facts>* rows) {
  std::erase_if(*rows, [&](const Facts& facts) {
    for (const SocketTable& table : read.unread_tables)
      if (IsIn(table, facts.socket)) return true;
    return false;
  });
}

// The processes were looked through too late for one.
void LoseOwners(Dice& dice, std::vector<ConnectionFacts>* rows) {
  if (rows->empty()) return;
  Socket& socket = dice.AnyOf(*rows).socket;
  if (socket.owners.known())
    socket.owners = Owners::Unknown(OwnerUnknownReason::kNoHolder);
}

// A connection, without a role unless the kernel shows that now.
ConnectionFacts Shown(const KernelNetns& netns, const ConnectionFacts& truth) {
  ConnectionFacts shown = truth;
  shown.evidence = RoleEvidence::kUnknown;
  shown.listener_cookie = 0;
  const auto listener = netns.listeners.find(truth.listener_cookie);
  if (truth.state == ConnectionState::kSynSent) {
    shown.evidence = RoleEvidence::kInitiated;
  } else if (truth.tuple.is_self()) {
    shown.evidence = RoleEvidence::kSelf;
  } else if (truth.role == Role::kServer && listener != netns.listeners.end()) {
    shown.evidence = RoleEvidence::kListener;
    shown.listener_cookie = listener->second.socket.cookie;
  }
  if (shown.evidence == RoleEvidence::kUnknown) shown.role = Role::kUnknown;
  return shown;
}

}  // namespace

void LookInto(const KernelNetns& netns, bool faulty, Dice& dice,
              Snapshot* snapshot) {
  NetnsSnapshot read{
      .netns = netns.name, .inode = netns.inode, .addresses = netns.addresses};
  for (const auto& [number, facts] : netns.listeners)
    read.listeners.push_back(facts);
  for (const auto& [number, facts] : netns.connections)
    read.connections.push_back(Shown(netns, facts));
  if (faulty && dice.OneIn(3)) {
    read.unread_tables.push_back(AnyTable(dice));
    DropUnread(read, &read.listeners);
    DropUnread(read, &read.connections);
    snapshot->gaps.push_back({.description = "a table was not read"});
  }
  for (const ConnectionFacts& facts : read.connections) {
    const DiagSocket socket = DiagOf(facts);
    if (IsRemainder(socket)) read.remainders.push_back(socket);
  }
  if (faulty && dice.OneIn(3)) LoseOwners(dice, &read.connections);
  if (faulty && dice.OneIn(8)) read.addresses.reset();
  snapshot->namespaces.push_back(std::move(read));
}

}  // namespace connreg::simulation
