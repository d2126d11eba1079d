#include "client/agent/differ.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"

namespace connreg {
namespace {

auto KeyOf(const ListenerFacts& facts) {
  return std::make_tuple(facts.socket.netns, facts.socket.transport,
                         std::make_tuple(facts.local, facts.device));
}

auto KeyOf(const ConnectionFacts& facts) {
  return std::make_tuple(facts.socket.netns, facts.socket.transport,
                         std::make_tuple(facts.tuple, facts.device));
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
  return {NameOf(facts.socket), facts.tuple, facts.device};
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
  absl::flat_hash_map<typename Told::key_type, std::vector<const Facts*>> there;
  for (const Facts& facts : rows) {
    const auto key = KeyOf(facts);
    there[key].push_back(&facts);
    const auto at_place = told.find(key);
    const bool is_known =
        at_place != told.end() &&
        absl::c_any_of(at_place->second, [&](const auto& row) {
          return row.is_sure && row.facts == facts;
        });
    if (!is_known) changed->push_back(facts);
  }
  for (const auto& [key, at_place] : told) {
    const auto present = there.find(key);
    for (const auto& row : at_place) {
      const bool is_there =
          present != there.end() &&
          absl::c_any_of(present->second, [&](const Facts* facts) {
            return SameIncarnation(row.facts.socket, facts->socket);
          });
      if (!is_there && WasRead(snapshot, row.facts.socket))
        gone->push_back(NameOf(row.facts));
    }
  }
}

template <typename Told, typename Facts>
void AddRows(const std::vector<Facts>& rows, bool is_sure, Told* told) {
  for (const Facts& facts : rows) {
    auto& at_place = (*told)[KeyOf(facts)];
    const auto known = absl::c_find_if(at_place, [&](const auto& row) {
      return SameIncarnation(row.facts.socket, facts.socket);
    });
    if (known != at_place.end())
      *known = {facts, is_sure};
    else
      at_place.push_back({facts, is_sure});
  }
}

template <typename Told>
void DropWhatWasRead(const Snapshot& snapshot, Told* told) {
  absl::erase_if(*told, [&](auto& entry) {
    std::erase_if(entry.second, [&](const auto& row) {
      return WasRead(snapshot, row.facts.socket);
    });
    return entry.second.empty();
  });
}

template <typename Told>
void DoubtRows(Told* told) {
  for (auto& [key, at_place] : *told)
    for (auto& row : at_place) row.is_sure = false;
}

template <typename Told>
size_t CountRows(const Told& told) {
  size_t count = 0;
  for (const auto& [key, at_place] : told) count += at_place.size();
  return count;
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

void Differ::NoteTold(const Snapshot& snapshot) {
  is_sure_ = true;
  DropWhatWasRead(snapshot, &listeners_);
  DropWhatWasRead(snapshot, &connections_);
  AddRows(snapshot.listeners, /*is_sure=*/true, &listeners_);
  AddRows(snapshot.connections, /*is_sure=*/true, &connections_);
  if (snapshot.addresses) addresses_ = snapshot.addresses;
  gaps_ = snapshot.gaps;
}

void Differ::NoteUnsure(const Snapshot& snapshot) {
  Doubt();
  AddRows(snapshot.listeners, /*is_sure=*/false, &listeners_);
  AddRows(snapshot.connections, /*is_sure=*/false, &connections_);
}

void Differ::Doubt() {
  is_sure_ = false;
  DoubtRows(&listeners_);
  DoubtRows(&connections_);
  addresses_.reset();
  gaps_.reset();
}

size_t Differ::size() const {
  return CountRows(listeners_) + CountRows(connections_);
}

void Differ::Forget() { *this = Differ(); }

}  // namespace connreg
