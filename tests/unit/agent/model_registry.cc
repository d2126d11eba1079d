#include "tests/unit/agent/model_registry.h"

#include <utility>

#include "gtest/gtest.h"

namespace connreg {
namespace {

template <typename Named>
bool IsAtOnePlace(const ListenerFacts& row, const Named& named) {
  return row.local == named.local &&
         row.socket.transport == named.socket.transport &&
         row.socket.netns == named.socket.netns && row.device == named.device;
}

template <typename Named>
bool IsAtOnePlace(const ConnectionFacts& row, const Named& named) {
  return row.tuple == named.tuple &&
         row.socket.transport == named.socket.transport &&
         row.socket.netns == named.socket.netns && row.device == named.device;
}

// Whether a report of one is one of the other.
bool Replaces(const ListenerFacts& row, const ListenerFacts& facts) {
  return IsAtOnePlace(row, facts) && SameIncarnation(row.socket, facts.socket);
}

bool Replaces(const ConnectionFacts& row, const ConnectionFacts& facts) {
  return IsAtOnePlace(row, facts);
}

template <typename Row, typename Name>
void Remove(const std::vector<Name>& names, std::vector<Row>* rows) {
  for (const Name& name : names) {
    std::erase_if(*rows, [&](const Row& row) {
      return IsAtOnePlace(row.facts, name) &&
             SameIncarnation(row.facts.socket, name.socket);
    });
  }
}

}  // namespace

SessionWelcome ModelRegistry::Open(const SessionOpening& opening) {
  namespaces_ = opening.namespaces;
  gaps_ = opening.gaps;
  seq_ = 0;
  amid_snapshot_ = refused_for_room_ = false;
  wants_snapshot_ = opening.digest != digest();
  return {.epoch = Epoch{1},
          .ttl = opening.ttl,
          .reconnect_window = absl::Seconds(10),
          .snapshot_wanted = wants_snapshot_,
          .max_rows = 5,
          .max_bytes = 100'000};
}

Ack ModelRegistry::Apply(const RowBatch& batch) {
  EXPECT_EQ(batch.seq, seq_ + 1);
  EXPECT_LE(RowCount(batch), 5u);
  EXPECT_LE(batch.ended.size(), 5u);
  seq_ = batch.seq;
  if (batch.first) {
    amid_snapshot_ = true;
    wants_snapshot_ = false;
    ++mark_;
  }
  const bool is_snapshot = batch.kind == RowBatch::Kind::kSnapshot;
  EXPECT_TRUE(amid_snapshot_ || !is_snapshot);
  EXPECT_TRUE(is_snapshot || (!batch.first && !batch.last));
  Remove(batch.gone_listeners, &listeners_);
  Remove(batch.gone_connections, &connections_);
  for (const std::string& name : batch.gone_namespaces) {
    std::erase_if(namespaces_, [&](const NetworkNamespace& netns) {
      return netns.netns == name;
    });
  }
  for (const NetworkNamespace& netns : batch.namespaces) PutNamespace(netns);
  if (batch.gaps) gaps_ = *batch.gaps;
  Ack ack{.seq = seq_};
  Put(batch.listeners, &listeners_, &ack.refused_listeners);
  Put(batch.connections, &connections_, &ack.refused_connections);
  ended_.insert(ended_.end(), batch.ended.begin(), batch.ended.end());
  if (batch.last) Sweep();
  return ack;
}

Ack ModelRegistry::Apply(const KeepAlive& keep_alive) {
  Ack ack{.seq = seq_};
  ack.has_room = refused_for_room_ && row_count() < max_rows;
  if (ack.has_room) refused_for_room_ = false;
  if (!keep_alive.digest) return ack;
  EXPECT_FALSE(amid_snapshot_ || wants_snapshot_);
  if (*keep_alive.digest == digest()) return ack;
  ++divergences_;
  ack.snapshot_wanted = wants_snapshot_ = true;
  return ack;
}

template <typename Facts>
void ModelRegistry::Put(const std::vector<Facts>& facts,
                        std::vector<Row<Facts>>* rows,
                        std::vector<uint32_t>* refused) {
  for (uint32_t place = 0; place < facts.size(); ++place) {
    const Facts& reported = facts[place];
    Row<Facts>* known = nullptr;
    for (Row<Facts>& row : *rows)
      if (Replaces(row.facts, reported)) known = &row;
    const bool has_room = known != nullptr || row_count() < max_rows;
    refused_for_room_ |= !has_room;
    if (!has_room || DigestOf(reported) % 16 == 0)
      refused->push_back(place);
    else if (known != nullptr)
      *known = {reported, mark_};
    else
      rows->push_back({reported, mark_});
  }
}

void ModelRegistry::PutNamespace(const NetworkNamespace& netns) {
  for (NetworkNamespace& known : namespaces_) {
    if (known.netns != netns.netns) continue;
    known = netns;
    return;
  }
  namespaces_.push_back(netns);
}

void ModelRegistry::Sweep() {
  EXPECT_TRUE(amid_snapshot_);
  amid_snapshot_ = false;
  const auto is_old = [&](const auto& row) { return row.mark != mark_; };
  std::erase_if(listeners_, is_old);
  std::erase_if(connections_, is_old);
}

void ModelRegistry::Tamper() {
  if (!connections_.empty())
    connections_.pop_back();
  else if (!listeners_.empty())
    listeners_.pop_back();
}

RowDigest ModelRegistry::digest() const {
  RowDigest digest;
  for (const auto& row : listeners_) digest.Add(DigestOf(row.facts));
  for (const auto& row : connections_) digest.Add(DigestOf(row.facts));
  return digest;
}

}  // namespace connreg
