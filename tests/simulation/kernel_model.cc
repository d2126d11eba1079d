#include "tests/simulation/kernel_model.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "service/net/prefix.h"
#include "tests/simulation/diag.h"

namespace connreg::simulation {
namespace {

// Inodes of sockets are used again; so few that it happens.
constexpr uint64_t kSocketInodes = 4000;
// Those of namespaces, too: each has the first that is free.
constexpr uint64_t kFirstNetnsInode = 4026531840;

size_t SizeOf(const KernelNetns& netns) {
  return netns.listeners.size() + netns.connections.size();
}

uint64_t InodeOf(uint64_t number) { return 10'000 + number % kSocketInodes; }

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
  for (const auto& [number, facts] : namespaces_[place].connections)
    taken_.erase(PlaceOf(facts));
  namespaces_.erase(namespaces_.begin() + static_cast<std::ptrdiff_t>(place));
}

void KernelModel::RenameNetns(size_t place, std::string name) {
  namespaces_[place].addresses.name = std::move(name);
}

const KernelNetns* KernelModel::Dump(const std::string& netns) {
  KernelNetns* const where = NetnsNamed(netns);
  if (where == nullptr) return nullptr;
  for (auto& [number, facts] : where->listeners)
    MakeCookie(number, &facts.socket);
  for (auto& [number, facts] : where->connections)
    MakeCookie(number, &facts.socket);
  return where;
}

std::optional<DiagSocket> KernelModel::Ask(const std::string& netns,
                                           const DiagSocket& question) {
  KernelNetns* const where = NetnsNamed(netns);
  if (where == nullptr) return std::nullopt;
  const Place place(netns, question.transport, TupleOf(question),
                    DeviceOf(question.interface));
  std::optional<DiagSocket> answer;
  const auto time_wait = time_wait_.find(place);
  if (const ConnectionFacts* const facts = FindAt(place))
    answer = DiagOf(*facts);
  else if (time_wait != time_wait_.end())
    answer = WithCookie(&time_wait->second);
  else if (const ListenerFacts* const listener = FindListener(*where, question))
    answer = DiagOf(*listener);
  const bool is_it =
      answer && (question.cookie == 0 || question.cookie == answer->cookie);
  return is_it ? answer : std::nullopt;
}

bool KernelModel::HasConnection(const std::string& netns,
                                uint64_t cookie) const {
  return cookie != 0 && cookie <= numbers_.size() &&
         Find(netns, numbers_[cookie - 1]) != nullptr;
}

uint64_t KernelModel::Listen(const std::string& netns, Transport transport,
                             const Endpoint& local) {
  const uint64_t number = ++last_number_;
  KernelNetns* const where = NetnsNamed(netns);
  if (where == nullptr) return number;
  ListenerFacts facts{
      .socket = {.netns = netns,
                 .transport = transport,
                 .family = local.address().is_v4() ? SocketFamily::kIpv4
                                                   : SocketFamily::kIpv6,
                 .inode = InodeOf(number),
                 .uid = 0},
      .local = local,
      .state = transport == Transport::kTcp ? ListenerState::kListen
                                            : ListenerState::kBound};
  where->listeners.emplace(number, std::move(facts));
  return number;
}

std::optional<uint64_t> KernelModel::Connect(const std::string& netns,
                                             ConnectionFacts facts) {
  KernelNetns* const where = NetnsNamed(netns);
  facts.socket.netns = netns;
  const Place place = PlaceOf(facts);
  if (where == nullptr || taken_.contains(place)) return std::nullopt;
  const uint64_t number = ++last_number_;
  taken_.emplace(place, number);
  time_wait_.erase(place);
  facts.socket.family = SocketFamily::kIpv4;
  // One that waits for accept(2) has no inode yet.
  facts.socket.inode = facts.socket.owners.known() ? InodeOf(number) : 0;
  facts.socket.uid = 1000;
  where->connections.emplace(number, std::move(facts));
  return number;
}

const ConnectionFacts* KernelModel::Find(const std::string& netns,
                                         uint64_t number) const {
  return const_cast<KernelModel*>(this)->FindMutable(netns, number);
}

void KernelModel::SetState(const std::string& netns, uint64_t number,
                           ConnectionState state) {
  ConnectionFacts* const facts = FindMutable(netns, number);
  if (facts == nullptr) return;
  const bool shrinks = state == ConnectionState::kFinWait2 &&
                       facts->state != state && facts->socket.inode == 0;
  facts->state = state;
  if (shrinks) Tell(number, *facts, Ending::kClosed);
}

void KernelModel::SetOwners(const std::string& netns, uint64_t number,
                            Owners owners) {
  if (KernelNetns* const where = NetnsNamed(netns)) {
    const auto listener = where->listeners.find(number);
    if (listener != where->listeners.end())
      listener->second.socket.owners = owners;
  }
  ConnectionFacts* const facts = FindMutable(netns, number);
  if (facts == nullptr) return;
  facts->socket.owners = std::move(owners);
  facts->socket.inode = InodeOf(number);
}

void KernelModel::Orphan(const std::string& netns, uint64_t number) {
  ConnectionFacts* const facts = FindMutable(netns, number);
  if (facts == nullptr) return;
  facts->socket.owners = Owners::Unknown(OwnerUnknownReason::kKernelOrphan);
  facts->socket.inode = 0;
  if (facts->state == ConnectionState::kFinWait2)
    Tell(number, *facts, Ending::kClosed);
}

void KernelModel::End(const std::string& netns, uint64_t number,
                      Ending ending) {
  ConnectionFacts* const facts = FindMutable(netns, number);
  if (facts == nullptr) return;
  ConnectionFacts gone = std::move(*facts);
  const Place place = PlaceOf(gone);
  taken_.erase(place);
  NetnsNamed(netns)->connections.erase(number);
  const bool is_held = gone.socket.inode != 0;
  if (ending == Ending::kTimeWait) {
    DiagSocket left = DiagOf(gone);
    left.state = KernelState::kTimeWait;
    left.inode = 0;
    time_wait_[place] = left;
  }
  if (ending == Ending::kTimedOut || (ending == Ending::kTimeWait && !is_held))
    return;
  Tell(number, std::move(gone), ending);
}

void KernelModel::StopListening(const std::string& netns, uint64_t number) {
  KernelNetns* const where = NetnsNamed(netns);
  if (where == nullptr) return;
  const auto listener = where->listeners.find(number);
  if (listener == where->listeners.end()) return;
  ListenerFacts gone = std::move(listener->second);
  where->listeners.erase(listener);
  MakeCookie(number, &gone.socket);
  EndedSocket ended{.socket = DiagOf(gone)};
  ended.socket.state = KernelState::kClose;
  ended.socket.inode = 0;
  if (listener_) listener_({netns, ended});
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
                                          uint64_t number) {
  KernelNetns* const where = NetnsNamed(netns);
  if (where == nullptr) return nullptr;
  const auto found = where->connections.find(number);
  return found == where->connections.end() ? nullptr : &found->second;
}

const ConnectionFacts* KernelModel::FindAt(const Place& place) {
  const auto number = taken_.find(place);
  if (number == taken_.end()) return nullptr;
  ConnectionFacts* const facts =
      FindMutable(std::get<0>(place), number->second);
  MakeCookie(number->second, &facts->socket);
  return facts;
}

const ListenerFacts* KernelModel::FindListener(KernelNetns& netns,
                                               const DiagSocket& question) {
  const IpAddress address = TupleOf(question).local().address();
  for (auto& [number, facts] : netns.listeners) {
    if (facts.socket.transport != question.transport ||
        facts.local.port() != question.local_port ||
        (facts.local.address() != address &&
         !facts.local.address().is_unspecified()))
      continue;
    MakeCookie(number, &facts.socket);
    return &facts;
  }
  return nullptr;
}

void KernelModel::MakeCookie(uint64_t number, Socket* socket) {
  if (socket->cookie != 0) return;
  numbers_.push_back(number);
  socket->cookie = numbers_.size();
}

DiagSocket KernelModel::WithCookie(DiagSocket* left) {
  if (left->cookie == 0) {
    numbers_.push_back(0);
    left->cookie = numbers_.size();
  }
  return *left;
}

void KernelModel::Tell(uint64_t number, ConnectionFacts facts, Ending ending) {
  MakeCookie(number, &facts.socket);
  EndedSocket ended{.socket = DiagOf(facts),
                    .was_connected = ending != Ending::kReset &&
                                     facts.state != ConnectionState::kSynSent};
  ended.socket.state = KernelState::kClose;
  ended.socket.inode = 0;
  if (ending == Ending::kReset) {
    ended.socket.remote_address = {};
    ended.socket.remote_port = 0;
  }
  if (listener_) listener_({facts.socket.netns, ended});
}

}  // namespace connreg::simulation
