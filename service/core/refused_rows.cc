#include "service/core/refused_rows.h"

#include "absl/hash/hash.h"
#include "service/model/socket.h"

namespace connreg {
namespace {

// Of connections there is one at a place.
template <typename Named>
uint64_t KeyOfConnection(const Named& row) {
  return absl::HashOf(row.tuple, row.socket.transport, row.socket.netns,
                      row.device);
}
uint64_t KeyOf(const ConnectionFacts& row) { return KeyOfConnection(row); }
uint64_t KeyOf(const ConnectionName& row) { return KeyOfConnection(row); }

template <typename Named>
uint64_t KeyOfListener(const Named& row) {
  return absl::HashOf(row.local, row.socket.transport, row.socket.netns,
                      row.device, row.socket.cookie);
}
uint64_t KeyOf(const ListenerFacts& row) { return KeyOfListener(row); }
uint64_t KeyOf(const ListenerName& row) { return KeyOfListener(row); }

}  // namespace

void RefusedRows::Note(const RowBatch& batch, const Ack& ack, size_t room,
                       absl::Duration now) {
  const bool refuses =
      !ack.refused_listeners.empty() || !ack.refused_connections.empty();
  if (now >= forgotten_at_) Reset();
  if (!refuses && named_.empty()) return;
  for (const ListenerName& row : batch.gone_listeners) named_.erase(KeyOf(row));
  for (const ConnectionName& row : batch.gone_connections)
    named_.erase(KeyOf(row));
  for (const ConnectionFacts& row : batch.ended) named_.erase(KeyOf(row));
  NoteEach(batch.listeners, ack.refused_listeners);
  NoteEach(batch.connections, ack.refused_connections);
  if (refuses) {
    waiting_ = true;
    room_ = room;
    forgotten_at_ = absl::InfiniteDuration();
  } else if (named_.empty() && !are_more_) {
    waiting_ = false;
  }
}

void RefusedRows::Carry() {
  waiting_ = !named_.empty() || are_more_;
  room_ = 0;
  forgotten_at_ = absl::InfiniteDuration();
}

bool RefusedRows::TakeRoom(size_t room, absl::Duration now) {
  if (!waiting_ || room <= room_) return false;
  waiting_ = false;
  forgotten_at_ = now + kOfferedWithin;
  return true;
}

template <typename Facts>
void RefusedRows::NoteEach(const std::vector<Facts>& rows,
                           const std::vector<uint32_t>& refused) {
  auto next = refused.begin();
  for (uint32_t place = 0; place < rows.size(); ++place) {
    const uint64_t row = KeyOf(rows[place]);
    if (next != refused.end() && *next == place) {
      ++next;
      Add(row);
    } else {
      named_.erase(row);
    }
  }
}

void RefusedRows::Add(uint64_t row) {
  if (named_.size() < kMaxNamed)
    named_.insert(row);
  else if (!named_.contains(row))
    are_more_ = true;
}

}  // namespace connreg
