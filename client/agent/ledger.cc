#include "client/agent/ledger.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "client/agent/batch_room.h"

namespace connreg {
namespace {

// The most network namespaces in the message that opens a session, in bytes: a
// part of the largest message that a registry takes by default.
constexpr size_t kOpeningBytes = 1 << 20;

constexpr size_t kMinEnded = 1000;

bool WasRead(const NetnsSnapshot& snapshot, const Socket& socket) {
  return !absl::c_linear_search(snapshot.unread_tables,
                                SocketTable{socket.family, socket.transport});
}

RowDigest Sum(const RowDigest& a, const RowDigest& b) {
  return {.rows = a.rows + b.rows, .sum = a.sum + b.sum};
}

}  // namespace

void Ledger::Take(Snapshot snapshot) {
  has_looked_ = true;
  ended_cookies_.BeginLook(listeners_.size() + connections_.size());
  listeners_.BeginLook();
  connections_.BeginLook();
  const std::set<std::string> gone = namespaces_.Take(snapshot);
  absl::flat_hash_map<absl::string_view, const NetnsSnapshot*> there;
  for (NetnsSnapshot& netns : snapshot.namespaces) {
    there[netns.netns] = &netns;
    for (ListenerFacts& row : netns.listeners) listeners_.See(std::move(row));
    for (ConnectionFacts& row : netns.connections)
      connections_.See(std::move(row));
  }
  const auto is_gone = [&](const Socket& socket) {
    const auto netns = there.find(socket.netns);
    return netns == there.end() ? gone.contains(socket.netns)
                                : WasRead(*netns->second, socket);
  };
  listeners_.EndLook(is_gone);
  connections_.EndLook(is_gone);
  if (snapshot.gaps == gaps_) return;
  gaps_ = std::move(snapshot.gaps);
  gaps_changed_ = true;
}

void Ledger::SetState(const std::string& netns, uint64_t cookie,
                      ConnectionState state) {
  connections_.SetState(netns, cookie, state);
}

bool Ledger::End(const std::string& netns, uint64_t cookie) {
  if (cookie == 0) return false;
  const bool was_listener = listeners_.End(netns, cookie);
  const bool was_connection = connections_.End(netns, cookie);
  return was_listener || was_connection ||
         ended_cookies_.TakeEnd(netns, cookie);
}

void Ledger::NoteReplaced(const std::string& netns, uint64_t cookie) {
  ended_cookies_.NoteEnded({.netns = netns, .cookie = cookie});
}

void Ledger::AddEnded(ConnectionFacts facts) {
  if (ended_cookies_.HasEnded(facts.socket)) return;
  ended_cookies_.NoteEnded(facts.socket);
  ended_.push_back(std::move(facts));
  BoundEnded();
}

void Ledger::TellEndedAgain(std::vector<ConnectionFacts> ended) {
  ended_.insert(ended_.begin(), std::make_move_iterator(ended.begin()),
                std::make_move_iterator(ended.end()));
  BoundEnded();
}

void Ledger::BoundEnded() {
  const size_t bound =
      std::max(kMinEnded, listeners_.size() + connections_.size());
  for (; ended_.size() > bound; ended_.pop_front()) ++dropped_ended_;
}

RowDigest Ledger::digest() const {
  return Sum(listeners_.digest(), connections_.digest());
}

std::optional<RowDigest> Ledger::told_digest() const {
  const std::optional<RowDigest> listeners = listeners_.told_digest();
  const std::optional<RowDigest> connections = connections_.told_digest();
  if (!in_session_ || snapshot_part_ != SnapshotPart::kNone || !listeners ||
      !connections)
    return std::nullopt;
  return Sum(*listeners, *connections);
}

std::vector<NetworkNamespace> Ledger::BeginSession() {
  in_session_ = true;
  last_seq_ = 0;
  gaps_changed_ = false;
  snapshot_part_ = SnapshotPart::kNone;
  listeners_.BeginSession();
  connections_.BeginSession();
  return namespaces_.BeginSession(BatchRoom(/*rows=*/0, kOpeningBytes));
}

void Ledger::BeginSnapshot() {
  snapshot_part_ = SnapshotPart::kFirst;
  listeners_.BeginSnapshot();
  connections_.BeginSnapshot();
}

void Ledger::EndSession() {
  in_session_ = false;
  snapshot_part_ = SnapshotPart::kNone;
  listeners_.EndSession();
  connections_.EndSession();
  namespaces_.EndSession();
}

std::optional<RowBatch> Ledger::NextBatch(size_t max_rows, size_t max_bytes) {
  if (!in_session_ || in_step()) return std::nullopt;
  RowBatch batch{.seq = ++last_seq_};
  BatchRoom room(max_rows, max_bytes);
  listeners_.TellGone(room, &batch.gone_listeners);
  connections_.TellGone(room, &batch.gone_connections);
  for (; !ended_.empty() && room.Take(ended_.front()); ended_.pop_front())
    batch.ended.push_back(std::move(ended_.front()));
  namespaces_.Tell(room, &batch.gone_namespaces, &batch.namespaces);
  if (gaps_changed_ && room.Take(gaps_)) {
    batch.gaps = gaps_;
    gaps_changed_ = false;
  }
  listeners_.TellChanged(batch.seq, room, &batch.listeners);
  connections_.TellChanged(batch.seq, room, &batch.connections);
  if (snapshot_part_ == SnapshotPart::kNone) return batch;
  batch.kind = RowBatch::Kind::kSnapshot;
  batch.first = snapshot_part_ == SnapshotPart::kFirst;
  batch.last = listeners_.owed() + connections_.owed() == 0;
  snapshot_part_ = batch.last ? SnapshotPart::kNone : SnapshotPart::kNext;
  return batch;
}

bool Ledger::in_step() const {
  return !in_session_ ||
         (snapshot_part_ == SnapshotPart::kNone && listeners_.is_told() &&
          connections_.is_told() && namespaces_.is_told() && !gaps_changed_ &&
          ended_.empty());
}

void Ledger::NoteRefused(uint64_t seq,
                         const std::vector<ListenerFacts>& listeners,
                         const std::vector<ConnectionFacts>& connections) {
  for (const ListenerFacts& row : listeners) listeners_.NoteRefused(seq, row);
  for (const ConnectionFacts& row : connections)
    connections_.NoteRefused(seq, row);
}

void Ledger::OfferAgain() {
  listeners_.OfferAgain();
  connections_.OfferAgain();
}

}  // namespace connreg
