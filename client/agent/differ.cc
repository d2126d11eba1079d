#include "client/agent/differ.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"

namespace connreg {
namespace {

template <typename Place>
auto KeyOf(const Socket& socket, Place place) {
  const bool has_cookie = socket.cookie != 0;
  return std::make_tuple(socket.transport, std::move(place),
                         has_cookie ? socket.cookie : socket.inode, has_cookie);
}

auto KeyOf(const ListenerFacts& facts) {
  return KeyOf(facts.socket, std::make_tuple(facts.local, facts.device));
}

auto KeyOf(const ConnectionFacts& facts) {
  return KeyOf(facts.socket, facts.tuple);
}

// What tells the socket from others, and nothing more.
Socket NameOf(const Socket& socket) {
  return {.netns = socket.netns,
          .transport = socket.transport,
          .cookie = socket.cookie,
          .inode = socket.inode};
}

ListenerName NameOf(const ListenerFacts& facts) {
  return {NameOf(facts.socket), facts.local, facts.device};
}

ConnectionName NameOf(const ConnectionFacts& facts) {
  return {NameOf(facts.socket), facts.tuple};
}

bool WasRead(const Snapshot& snapshot, const Socket& socket) {
  return !absl::c_linear_search(snapshot.unread_tables,
                                SocketTable{socket.family, socket.transport});
}

// Adds to `changed` those of `rows` that are not in `told`, or not so, and to
// `gone` the names of those in `told` that are not in `rows`.
template <typename Told, typename Facts, typename Name>
void CompareRows(const Snapshot& snapshot, const Told& told,
                 const std::vector<Facts>& rows, std::vector<Facts>* changed,
                 std::vector<Name>* gone) {
  absl::flat_hash_set<typename Told::key_type> present;
  for (const Facts& facts : rows) {
    const auto key = KeyOf(facts);
    present.insert(key);
    const auto it = told.find(key);
    const bool is_known =
        it != told.end() && it->second.is_sure && it->second.facts == facts;
    if (!is_known) changed->push_back(facts);
  }
  for (const auto& [key, row] : told) {
    if (!present.contains(key) && WasRead(snapshot, row.facts.socket))
      gone->push_back(NameOf(row.facts));
  }
}

template <typename Told, typename Facts>
void NoteRows(const Snapshot& snapshot, const std::vector<Facts>& rows,
              bool is_sure, Told* told) {
  if (is_sure) {
    absl::erase_if(*told, [&](const auto& entry) {
      return WasRead(snapshot, entry.second.facts.socket);
    });
  } else {
    for (auto& [key, row] : *told) row.is_sure = false;
  }
  for (const Facts& facts : rows)
    told->insert_or_assign(KeyOf(facts),
                           typename Told::mapped_type{facts, is_sure});
}

}  // namespace

Delta Differ::Compare(const Snapshot& snapshot) const {
  Delta delta;
  CompareRows(snapshot, listeners_, snapshot.listeners, &delta.listeners,
              &delta.gone_listeners);
  CompareRows(snapshot, connections_, snapshot.connections, &delta.connections,
              &delta.gone_connections);
  if (snapshot.addresses && snapshot.addresses != addresses_)
    delta.addresses = snapshot.addresses;
  if (snapshot.gaps != gaps_) delta.gaps = snapshot.gaps;
  return delta;
}

void Differ::NoteTold(const Snapshot& snapshot, bool is_sure) {
  is_sure_ = is_sure;
  NoteRows(snapshot, snapshot.listeners, is_sure, &listeners_);
  NoteRows(snapshot, snapshot.connections, is_sure, &connections_);
  if (!is_sure) {
    addresses_.reset();
    gaps_.reset();
    return;
  }
  if (snapshot.addresses) addresses_ = snapshot.addresses;
  gaps_ = snapshot.gaps;
}

void Differ::Forget() { *this = Differ(); }

}  // namespace connreg
