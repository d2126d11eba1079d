#include "tests/unit/agent/model_host.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace connreg {

void ModelHost::Change() {
  switch (below_(10)) {
    case 0:
      return Listen();
    case 1:
    case 2:
    case 3:
      return Connect();
    case 4:
      return CloseListener();
    case 5:
    case 6:
      return CloseConnection();
    case 7:
      return ChangeConnection();
    case 8:
      return ComeAndGoUnseen();
    default:
      if (OneIn(5)) ComeAndGo();
  }
}

Socket ModelHost::NewSocket() {
  const size_t netns = below_(has_third_ ? 3 : 2);
  const uint64_t number = ++last_cookie_;
  Socket socket{.netns = absl::StrCat(netns + 1),
                .family = OneIn(2) ? SocketFamily::kIpv4 : SocketFamily::kIpv6,
                .cookie = netns == 1 ? 0 : number,
                .inode = OneIn(8) && netns != 1 ? 0 : 1000 + number};
  if (OneIn(2))
    socket.owners =
        Owners::Known({Process{.pid = static_cast<int32_t>(1 + below_(3))}});
  else
    socket.owners = Owners::Unknown(OwnerUnknownReason::kNoHolder);
  return socket;
}

void ModelHost::Listen() {
  const uint32_t port = static_cast<uint32_t>(1 + below_(3));
  listeners_.push_back(
      {.socket = NewSocket(),
       .local = Endpoint::Create(IpAddress::V4({10, 0, 0, 1}), port).value(),
       .device = ""});
}

void ModelHost::Connect() {
  const Endpoint local = Endpoint::Parse("10.0.0.1:1").value();
  const Endpoint remote = Endpoint::Create(IpAddress::V4({10, 0, 0, 2}),
                                           static_cast<uint32_t>(1 + below_(8)))
                              .value();
  const ConnectionFacts facts{
      .socket = NewSocket(), .tuple = FourTuple::Create(local, remote).value()};
  const bool is_taken =
      absl::c_any_of(connections_, [&](const ConnectionFacts& other) {
        return other.tuple == facts.tuple &&
               other.socket.netns == facts.socket.netns;
      });
  if (!is_taken) connections_.push_back(facts);
}

void ModelHost::CloseListener() {
  if (listeners_.empty()) return;
  const auto it =
      listeners_.begin() + static_cast<ptrdiff_t>(below_(listeners_.size()));
  const Socket socket = it->socket;
  listeners_.erase(it);
  if (socket.cookie == 0 || OneIn(4)) return;
  events_.push_back(
      [socket](Ledger& ledger) { ledger.End(socket.netns, socket.cookie); });
}

void ModelHost::CloseConnection() {
  if (connections_.empty()) return;
  const auto it = connections_.begin() +
                  static_cast<ptrdiff_t>(below_(connections_.size()));
  const ConnectionFacts facts = *it;
  connections_.erase(it);
  if (facts.socket.cookie == 0 || OneIn(4)) return;
  events_.push_back([this, facts](Ledger& ledger) {
    if (ledger.End(facts.socket.netns, facts.socket.cookie)) return;
    ended_unseen_.insert(facts.socket.cookie);
    ledger.AddEnded(facts);
  });
}

void ModelHost::ChangeConnection() {
  if (connections_.empty()) return;
  ConnectionFacts& facts = connections_[below_(connections_.size())];
  if (facts.socket.cookie == 0 || OneIn(2)) {
    if (facts.state == ConnectionState::kFinWait2) return;
    facts.state =
        OneIn(2) ? ConnectionState::kEstablished : ConnectionState::kCloseWait;
    return;
  }
  // The process closed it.
  facts.state = ConnectionState::kFinWait2;
  facts.socket.inode = 0;
  facts.socket.owners = Owners::Unknown(OwnerUnknownReason::kKernelOrphan);
  events_.push_back([socket = facts.socket](Ledger& ledger) {
    ledger.SetState(socket.netns, socket.cookie, ConnectionState::kFinWait2);
  });
}

void ModelHost::ComeAndGoUnseen() {
  const size_t before = connections_.size();
  Connect();
  if (connections_.size() == before) return;
  const ConnectionFacts facts = connections_.back();
  connections_.pop_back();
  if (facts.socket.cookie == 0) return;
  events_.push_back([this, facts](Ledger& ledger) {
    if (ledger.End(facts.socket.netns, facts.socket.cookie)) return;
    ended_unseen_.insert(facts.socket.cookie);
    ledger.AddEnded(facts);
  });
}

void ModelHost::ComeAndGo() {
  has_third_ = !has_third_;
  const auto is_there = [](const auto& row) { return row.socket.netns == "3"; };
  std::erase_if(listeners_, is_there);
  std::erase_if(connections_, is_there);
}

Snapshot ModelHost::Look(bool complete) const {
  Snapshot snapshot;
  for (size_t i = 0; i < (has_third_ ? 3 : 2); ++i) {
    NetnsSnapshot netns{.netns = absl::StrCat(i + 1), .inode = 100 + i};
    if (!complete && i > 0 && OneIn(6)) {
      snapshot.unread_inodes.push_back(netns.inode);
      continue;
    }
    if (complete || !OneIn(6))
      netns.addresses = {netns.netns, {}, absl::StrCat("n", below_(2))};
    if (!complete && OneIn(6))
      netns.unread_tables = {{SocketFamily::kIpv4, Transport::kTcp}};
    const auto is_seen = [&](const Socket& socket) {
      return socket.netns == netns.netns &&
             (netns.unread_tables.empty() ||
              socket.family != SocketFamily::kIpv4);
    };
    for (const ListenerFacts& row : listeners_)
      if (is_seen(row.socket)) netns.listeners.push_back(row);
    for (const ConnectionFacts& row : connections_)
      if (is_seen(row.socket)) netns.connections.push_back(row);
    snapshot.namespaces.push_back(std::move(netns));
  }
  if (!complete && OneIn(3))
    snapshot.gaps = {{GapKind::kSockets, "some table"}};
  return snapshot;
}

void ModelHost::TellEvents(Ledger& ledger) {
  for (const Event& event : events_) event(ledger);
  events_.clear();
}

}  // namespace connreg
