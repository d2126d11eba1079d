#include "tests/property/session_model.h"

#include <algorithm>

namespace connreg {
namespace {

template <typename Facts, typename Named>
bool IsAt(const Facts& facts, const Named& named) {
  return facts.tuple == named.tuple &&
         facts.socket.transport == named.socket.transport &&
         facts.socket.netns == named.socket.netns &&
         facts.device == named.device;
}

template <typename Named>
bool IsNamed(const ListenerFacts& facts, const Named& named) {
  return facts.local == named.local &&
         facts.socket.transport == named.socket.transport &&
         facts.socket.netns == named.socket.netns &&
         facts.device == named.device &&
         SameIncarnation(facts.socket, named.socket);
}

}  // namespace

bool SessionModel::Open(const SessionOpening& opening, absl::Duration now) {
  BeginCall();
  if (has_lease_ && !boot_id_.empty() && opening.boot_id != boot_id_)
    TakeAway(CloseReason::kHostRestarted);
  boot_id_ = opening.boot_id;
  phase_ = opening.digest == digest() ? Phase::kInStep : Phase::kAwaits;
  if (!in_step()) ++mark_;
  has_lease_ = attached_ = true;
  has_expired_ = false;
  Hear(now);
  return !in_step();
}

void SessionModel::Apply(const RowBatch& batch, absl::Duration now) {
  BeginCall();
  const bool is_snapshot = batch.kind == RowBatch::Kind::kSnapshot;
  if (is_snapshot && batch.first) {
    phase_ = Phase::kAmid;
    ++mark_;
  }
  for (const ListenerName& name : batch.gone_listeners)
    std::erase_if(listeners_,
                  [&](const auto& row) { return IsNamed(row.shown, name); });
  for (const ConnectionName& name : batch.gone_connections) Remove(name);
  for (const ListenerFacts& facts : batch.listeners) Put(facts);
  for (const ConnectionFacts& facts : batch.connections) Put(facts);
  for (const ConnectionFacts& facts : batch.ended) {
    if (!Remove({facts.socket, facts.tuple, facts.device}))
      ends_.emplace_back(facts.socket.cookie, CloseReason::kDeregistered);
  }
  if (is_snapshot && batch.last) {
    const auto is_left = [&](const auto& row) { return row.mark != mark_; };
    for (const auto& row : connections_) {
      if (is_left(row))
        ends_.emplace_back(row.shown.socket.cookie,
                           CloseReason::kNotInSnapshot);
    }
    std::erase_if(connections_, is_left);
    std::erase_if(listeners_, is_left);
    phase_ = Phase::kInStep;
  }
  Hear(now);
}

bool SessionModel::Apply(const KeepAlive& keep_alive, absl::Duration now) {
  BeginCall();
  if (keep_alive.digest && in_step() && *keep_alive.digest != digest()) {
    phase_ = Phase::kAwaits;
    ++mark_;
  }
  Hear(now);
  return keep_alive.digest && !in_step();
}

void SessionModel::Lose(absl::Duration now) {
  BeginCall();
  attached_ = false;
  is_stale_ = true;
  deadline_ = now + grace_;
}

void SessionModel::TakeAway(CloseReason reason) {
  BeginCall();
  for (const auto& row : connections_)
    ends_.emplace_back(row.shown.socket.cookie, reason);
  connections_.clear();
  listeners_.clear();
  has_lease_ = attached_ = is_stale_ = false;
  boot_id_.clear();
}

void SessionModel::Lapse(absl::Duration now) {
  BeginCall();
  if (!has_lease_ || deadline_ > now) return;
  if (attached_) {
    Lose(now);
    return;
  }
  TakeAway(CloseReason::kDeregistered);
  // They are forgotten.
  ends_.clear();
  has_expired_ = true;
}

std::optional<HostState> SessionModel::state() const {
  if (has_expired_) return HostState::kExpired;
  if (!has_lease_) return std::nullopt;
  if (!attached_) return HostState::kStale;
  return in_step() ? HostState::kLive : HostState::kSyncing;
}

RowDigest SessionModel::digest() const {
  RowDigest digest;
  for (const auto& row : connections_) digest.Add(DigestOf(row.reported));
  for (const auto& row : listeners_) digest.Add(DigestOf(row.reported));
  return digest;
}

void SessionModel::Hear(absl::Duration now) {
  deadline_ = now + ttl_;
  if (in_step()) is_stale_ = false;
}

void SessionModel::BeginCall() {
  ends_.clear();
  for (auto& row : connections_) row.changed = false;
}

void SessionModel::Put(const ConnectionFacts& facts) {
  const auto row =
      std::find_if(connections_.begin(), connections_.end(),
                   [&](const auto& other) { return IsAt(other.shown, facts); });
  if (row == connections_.end()) {
    connections_.push_back({facts, facts, mark_, /*changed=*/true});
    return;
  }
  ConnectionFacts shown = facts;
  if (SameIncarnation(row->shown.socket, facts.socket))
    shown = Succeed(row->shown, facts);
  else
    ends_.emplace_back(row->shown.socket.cookie, CloseReason::kReplaced);
  row->changed |= shown != row->shown;
  row->shown = shown;
  row->reported = facts;
  row->mark = mark_;
}

void SessionModel::Put(const ListenerFacts& facts) {
  const auto row = std::find_if(
      listeners_.begin(), listeners_.end(),
      [&](const auto& other) { return IsNamed(other.shown, facts); });
  if (row == listeners_.end()) {
    listeners_.push_back({facts, facts, mark_});
    return;
  }
  row->shown = Succeed(row->shown, facts);
  row->reported = facts;
  row->mark = mark_;
}

bool SessionModel::Remove(const ConnectionName& name) {
  const auto row = std::find_if(
      connections_.begin(), connections_.end(), [&](const auto& other) {
        return IsAt(other.shown, name) &&
               SameIncarnation(other.shown.socket, name.socket);
      });
  if (row == connections_.end()) return false;
  ends_.emplace_back(row->shown.socket.cookie, CloseReason::kDeregistered);
  connections_.erase(row);
  return true;
}

}  // namespace connreg
