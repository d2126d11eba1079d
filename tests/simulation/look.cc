#include "tests/simulation/look.h"

#include <utility>
#include <vector>

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

}  // namespace

ConnectionFacts Shown(const KernelNetns& netns, const ConnectionFacts& truth) {
  ConnectionFacts shown = truth;
  shown.evidence = RoleEvidence::kUnknown;
  if (truth.state == ConnectionState::kSynSent) {
    shown.evidence = RoleEvidence::kInitiated;
  } else if (truth.tuple.is_self()) {
    shown.evidence = RoleEvidence::kSelf;
  } else if (truth.role == Role::kServer &&
             netns.listeners.contains(truth.listener_cookie)) {
    shown.evidence = RoleEvidence::kListener;
  }
  if (shown.evidence == RoleEvidence::kUnknown) shown.role = Role::kUnknown;
  if (shown.evidence != RoleEvidence::kListener) shown.listener_cookie = 0;
  return shown;
}

void LookInto(const KernelNetns& netns, bool faulty, Dice& dice,
              Snapshot* snapshot) {
  if (faulty && !snapshot->namespaces.empty() && dice.OneIn(6)) {
    // Not found at all, or found and closed to the agent.
    if (dice.OneIn(2)) snapshot->unread_inodes.push_back(netns.inode);
    return;
  }
  NetnsSnapshot read{
      .netns = netns.name, .inode = netns.inode, .addresses = netns.addresses};
  for (const auto& [cookie, facts] : netns.listeners)
    read.listeners.push_back(facts);
  for (const auto& [cookie, facts] : netns.connections)
    read.connections.push_back(Shown(netns, facts));
  if (faulty && dice.OneIn(3)) {
    read.unread_tables.push_back(AnyTable(dice));
    DropUnread(read, &read.listeners);
    DropUnread(read, &read.connections);
    snapshot->gaps.push_back({.description = "a table was not read"});
  }
  if (faulty && dice.OneIn(3)) LoseOwners(dice, &read.connections);
  if (faulty && dice.OneIn(8)) read.addresses.reset();
  snapshot->namespaces.push_back(std::move(read));
}

}  // namespace connreg::simulation
