#include "client/agent/differ.h"

#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

namespace connreg {
namespace {

auto KeyOf(const ListenerFacts& facts) {
  return std::make_tuple(facts.socket.transport,
                         std::make_tuple(facts.local, facts.device));
}

auto KeyOf(const ConnectionFacts& facts) {
  return std::make_tuple(facts.socket.transport,
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

bool WasRead(const NetnsSnapshot& snapshot, const Socket& socket) {
  return !absl::c_linear_search(snapshot.unread_tables,
                                SocketTable{socket.family, socket.transport});
}

// Adds to `changed` those of `rows` that are not in `told`, or not so, and to
// `gone` the names of those in `told` that are not in `rows`.
template <typename Told, typename Facts, typename Name>
void CompareRows(const NetnsSnapshot& snapshot, const Told& told,
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

// Completes `rows` by what `told` knows of the same sockets.
template <typename Told, typename Facts>
void RecallRows(const Told& told, std::vector<Facts>* rows) {
  for (Facts& facts : *rows) {
    const auto at_place = told.find(KeyOf(facts));
    if (at_place == told.end()) continue;
    const auto known = absl::c_find_if(at_place->second, [&](const auto& row) {
      return SameIncarnation(row.facts.socket, facts.socket);
    });
    if (known != at_place->second.end())
      facts = Succeed(known->facts, std::move(facts));
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
void DropWhatWasRead(const NetnsSnapshot& snapshot, Told* told) {
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

// Adds the names of all rows in `told` to `gone`.
template <typename Told, typename Name>
void AddNames(const Told& told, std::vector<Name>* gone) {
  for (const auto& [key, at_place] : told)
    for (const auto& row : at_place) gone->push_back(NameOf(row.facts));
}

template <typename Told>
size_t CountRows(const Told& told) {
  size_t count = 0;
  for (const auto& [key, at_place] : told) count += at_place.size();
  return count;
}

}  // namespace

std::vector<Differ::Namespaces::const_iterator> Differ::Gone(
    const Namespaces& told, const Snapshot& snapshot) {
  std::vector<Namespaces::const_iterator> gone;
  if (snapshot.may_lack_namespaces) return gone;
  absl::flat_hash_set<absl::string_view> there;
  for (const NetnsSnapshot& netns : snapshot.namespaces)
    there.insert(netns.netns);
  const absl::flat_hash_set<uint64_t> unread(snapshot.unread_inodes.begin(),
                                             snapshot.unread_inodes.end());
  for (auto known = told.begin(); known != told.end(); ++known) {
    if (!there.contains(known->first) && !unread.contains(known->second.inode))
      gone.push_back(known);
  }
  return gone;
}

void Differ::Recall(Snapshot* snapshot) {
  for (NetnsSnapshot& netns : snapshot->namespaces) {
    const auto told = namespaces_.find(netns.netns);
    if (told == namespaces_.end()) continue;
    told->second.was_missing = false;
    RecallRows(told->second.listeners, &netns.listeners);
    RecallRows(told->second.connections, &netns.connections);
  }
  for (const auto& gone : Gone(namespaces_, *snapshot)) {
    Namespace& missing = namespaces_.at(gone->first);
    if (std::exchange(missing.was_missing, true)) continue;
    snapshot->unread_inodes.push_back(missing.inode);
  }
}

Delta Differ::Compare(const Snapshot& snapshot) const {
  Delta delta;
  const Namespace nothing;
  for (const NetnsSnapshot& netns : snapshot.namespaces) {
    const auto known = namespaces_.find(netns.netns);
    const Namespace& told =
        known == namespaces_.end() ? nothing : known->second;
    CompareRows(netns, told.listeners, netns.listeners, &delta.listeners,
                &delta.gone_listeners);
    CompareRows(netns, told.connections, netns.connections, &delta.connections,
                &delta.gone_connections);
    if (netns.addresses && netns.addresses != told.addresses)
      delta.namespaces.push_back(*netns.addresses);
  }
  for (const auto& gone : Gone(namespaces_, snapshot)) {
    delta.gone_namespaces.push_back(gone->first);
    AddNames(gone->second.listeners, &delta.gone_listeners);
    AddNames(gone->second.connections, &delta.gone_connections);
  }
  if (snapshot.gaps != gaps_) delta.gaps = snapshot.gaps;
  return delta;
}

void Differ::NoteTold(const Snapshot& snapshot) {
  is_sure_ = true;
  for (const auto& gone : Gone(namespaces_, snapshot)) namespaces_.erase(gone);
  for (const NetnsSnapshot& netns : snapshot.namespaces) {
    Namespace& told = namespaces_[netns.netns];
    told.inode = netns.inode;
    DropWhatWasRead(netns, &told.listeners);
    DropWhatWasRead(netns, &told.connections);
    AddRows(netns.listeners, /*is_sure=*/true, &told.listeners);
    AddRows(netns.connections, /*is_sure=*/true, &told.connections);
    if (netns.addresses) told.addresses = netns.addresses;
  }
  gaps_ = snapshot.gaps;
}

void Differ::NoteUnsure(const Snapshot& snapshot) {
  Doubt();
  for (const NetnsSnapshot& netns : snapshot.namespaces) {
    Namespace& told = namespaces_[netns.netns];
    told.inode = netns.inode;
    AddRows(netns.listeners, /*is_sure=*/false, &told.listeners);
    AddRows(netns.connections, /*is_sure=*/false, &told.connections);
  }
}

void Differ::Doubt() {
  is_sure_ = false;
  for (auto& [name, told] : namespaces_) {
    DoubtRows(&told.listeners);
    DoubtRows(&told.connections);
    told.addresses.reset();
  }
  gaps_.reset();
}

size_t Differ::size() const {
  size_t size = namespaces_.size();
  for (const auto& [name, told] : namespaces_)
    size += CountRows(told.listeners) + CountRows(told.connections);
  return size;
}

void Differ::Forget() { *this = Differ(); }

}  // namespace connreg
