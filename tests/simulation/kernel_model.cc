#include "tests/simulation/kernel_model.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/net/prefix.h"

namespace connreg::simulation {
namespace {

// Inodes of sockets are used again; so few that it happens.
constexpr uint64_t kSocketInodes = 4000;
// Those of namespaces, too: each has the first that is free.
constexpr uint64_t kFirstNetnsInode = 4026531840;

size_t SizeOf(const KernelNetns& netns) {
  return netns.listeners.size() + netns.connections.size();
}

uint64_t InodeOf(uint64_t cookie) { return 10'000 + cookie % kSocketInodes; }

}  // namespace

void KernelModel::AddNetns(const IpAddress& address) {
  const uint64_t number = ++last_netns_;
  uint64_t inode = kFirstNetnsInode;
  while (std::any_of(
      namespaces_.begin(), namespaces_.end(),
      [&](const KernelNetns& other) { return other.inode == inode; }))
    ++inode;
  KernelNetns netns{
      .name = absl::StrCat(number), .inode = inode, .address = address};
  netns.addresses = {
      .netns = netns.name,
      .prefixes = {{Prefix(address), "eth0"},
                   {Prefix::Parse("127.0.0.0/8").value(), "lo"}}};
  namespaces_.push_back(std::move(netns));
}

void KernelModel::RemoveNetns(size_t place) {
  for (const auto& [cookie, facts] : namespaces_[place].connections)
    taken_.erase(PlaceOf(facts));
  namespaces_.erase(namespaces_.begin() + static_cast<std::ptrdiff_t>(place));
}

void KernelModel::RenameNetns(size_t place, std::string name) {
  namespaces_[place].addresses.name = std::move(name);
}

const KernelNetns* KernelModel::FindNetns(const std::string& name) const {
  return const_cast<KernelModel*>(this)->NetnsNamed(name);
}

uint64_t KernelModel::Listen(const std::string& netns, Transport transport,
                             const Endpoint& local) {
  const uint64_t cookie = ++last_cookie_;
  KernelNetns* const where = NetnsNamed(netns);
  if (where == nullptr) return cookie;
  ListenerFacts facts{
      .socket = {.netns = netns,
                 .transport = transport,
                 .family = local.address().is_v4() ? SocketFamily::kIpv4
                                                   : SocketFamily::kIpv6,
                 .cookie = cookie,
                 .inode = InodeOf(cookie),
                 .uid = 0},
      .local = local,
      .state = transport == Transport::kTcp ? ListenerState::kListen
                                            : ListenerState::kBound};
  where->listeners.emplace(cookie, std::move(facts));
  return cookie;
}

std::optional<uint64_t> KernelModel::Connect(const std::string& netns,
                                             ConnectionFacts facts) {
  KernelNetns* const where = NetnsNamed(netns);
  facts.socket.netns = netns;
  if (where == nullptr || !taken_.insert(PlaceOf(facts)).second)
    return std::nullopt;
  const uint64_t cookie = ++last_cookie_;
  facts.socket.family = SocketFamily::kIpv4;
  facts.socket.cookie = cookie;
  // One that waits for accept(2) has no inode yet.
  facts.socket.inode = facts.socket.owners.known() ? InodeOf(cookie) : 0;
  facts.socket.uid = 1000;
  where->connections.emplace(cookie, std::move(facts));
  return cookie;
}

const ConnectionFacts* KernelModel::Find(const std::string& netns,
                                         uint64_t cookie) const {
  return const_cast<KernelModel*>(this)->FindMutable(netns, cookie);
}

void KernelModel::SetState(const std::string& netns, uint64_t cookie,
                           ConnectionState state) {
  ConnectionFacts* const facts = FindMutable(netns, cookie);
  if (facts == nullptr) return;
  const bool shrinks = state == ConnectionState::kFinWait2 &&
                       facts->state != state && facts->socket.inode == 0;
  facts->state = state;
  if (shrinks) Tell(*facts);
}

void KernelModel::SetOwners(const std::string& netns, uint64_t cookie,
                            Owners owners) {
  if (KernelNetns* const where = NetnsNamed(netns)) {
    const auto listener = where->listeners.find(cookie);
    if (listener != where->listeners.end())
      listener->second.socket.owners = owners;
  }
  ConnectionFacts* const facts = FindMutable(netns, cookie);
  if (facts == nullptr) return;
  facts->socket.owners = std::move(owners);
  facts->socket.inode = InodeOf(cookie);
}

void KernelModel::Orphan(const std::string& netns, uint64_t cookie) {
  ConnectionFacts* const facts = FindMutable(netns, cookie);
  if (facts == nullptr) return;
  facts->socket.owners = Owners::Unknown(OwnerUnknownReason::kKernelOrphan);
  facts->socket.inode = 0;
  if (facts->state == ConnectionState::kFinWait2) Tell(*facts);
}

void KernelModel::End(const std::string& netns, uint64_t cookie, bool told) {
  ConnectionFacts* const facts = FindMutable(netns, cookie);
  if (facts == nullptr) return;
  const ConnectionFacts gone = *facts;
  taken_.erase(PlaceOf(gone));
  NetnsNamed(netns)->connections.erase(cookie);
  if (told) Tell(gone);
}

void KernelModel::StopListening(const std::string& netns, uint64_t cookie) {
  KernelNetns* const where = NetnsNamed(netns);
  if (where == nullptr || where->listeners.erase(cookie) == 0) return;
  if (listener_) listener_({.netns = netns, .cookie = cookie});
}

size_t KernelModel::size() const {
  size_t size = 0;
  for (const KernelNetns& netns : namespaces_) size += SizeOf(netns);
  return size;
}

size_t KernelModel::size_of_first() const {
  return SizeOf(namespaces_.front());
}

KernelModel::Place KernelModel::PlaceOf(const ConnectionFacts& facts) {
  return {facts.socket.netns, facts.socket.transport, facts.tuple,
          facts.device};
}

KernelNetns* KernelModel::NetnsNamed(const std::string& name) {
  const auto found = std::find_if(
      namespaces_.begin(), namespaces_.end(),
      [&](const KernelNetns& netns) { return netns.name == name; });
  return found == namespaces_.end() ? nullptr : &*found;
}

ConnectionFacts* KernelModel::FindMutable(const std::string& netns,
                                          uint64_t cookie) {
  KernelNetns* const where = NetnsNamed(netns);
  if (where == nullptr) return nullptr;
  const auto found = where->connections.find(cookie);
  return found == where->connections.end() ? nullptr : &found->second;
}

void KernelModel::Tell(const ConnectionFacts& facts) const {
  if (!listener_) return;
  DestroyEvent event{.netns = facts.socket.netns,
                     .cookie = facts.socket.cookie};
  if (facts.socket.transport == Transport::kTcp &&
      facts.state != ConnectionState::kSynSent) {
    event.connection = ConnectionFacts{
        .socket = {.netns = facts.socket.netns,
                   .transport = facts.socket.transport,
                   .family = facts.socket.family,
                   .cookie = facts.socket.cookie,
                   .owners =
                       Owners::Unknown(OwnerUnknownReason::kEndedBeforeScan)},
        .tuple = facts.tuple,
        .device = facts.device};
  }
  listener_(event);
}

}  // namespace connreg::simulation
