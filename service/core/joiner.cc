#include "service/core/joiner.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "service/core/owners_of_rows.h"
#include "service/model/join.h"
#include "service/model/nat.h"
#include "service/model/views.h"

namespace connreg {
namespace {

// An endpoint with more four-tuples than that is a server's.
constexpr size_t kMaxTuplesOfClient = 16;

// Takes out of `closed` what `live` shows to be there after all: a socket that
// was taken away and reported again.
void DropRevived(const std::vector<Observation>& live,
                 std::vector<Observation>* closed) {
  std::erase_if(*closed, [&](const Observation& row) {
    const uint64_t cookie = row.facts.socket.cookie;
    return cookie != 0 &&
           std::any_of(live.begin(), live.end(), [&](const Observation& other) {
             return other.facts.socket.cookie == cookie &&
                    other.facts.tuple == row.facts.tuple &&
                    other.reporter().host == row.reporter().host &&
                    other.reporter().network == row.reporter().network;
           });
  });
}

// An endpoint, and if that is host-local the host on which it is one.
using ClientOnHost = std::pair<Endpoint, std::string>;

ClientOnHost ClientOf(const Connection& lone) {
  const Endpoint& client = TranslatedClient(lone);
  return {client,
          client.address().is_host_local() ? lone.first.reporter().host : ""};
}

// Calls `visit` with each connection of `groups`.
template <typename Visit>
void ForEach(std::vector<JoinedGroup>& groups, Visit visit) {
  for (JoinedGroup& group : groups) {
    std::for_each(group.live.begin(), group.live.end(), visit);
    std::for_each(group.closed.begin(), group.closed.end(), visit);
  }
}

}  // namespace

std::vector<JoinedGroup> Joiner::Join(std::vector<RowGroup>* groups) const {
  std::vector<JoinedGroup> joined = JoinUnnamed(groups);
  NameNamespaces(&joined);
  return joined;
}

std::vector<JoinedGroup> Joiner::JoinUnnamed(
    std::vector<RowGroup>* groups) const {
  OwnersOfRows owners;
  for (const RowGroup& group : *groups) {
    owners.Want(group.rows);
    owners.Want(group.closed);
  }
  owners.Ask(hosts_);
  std::vector<JoinedGroup> joined;
  joined.reserve(groups->size());
  size_t before = 0;
  for (RowGroup& group : *groups) {
    const size_t count = group.rows.size() + group.closed.size();
    const auto owners_of_group = owners.Of(before, count);
    before += count;
    JoinedGroup& connections = joined.emplace_back();
    if (!group.closed.empty()) {
      DropRevived(group.rows, &group.closed);
      connections.closed =
          connreg::Join(std::move(group.closed), owners_of_group);
      std::stable_sort(connections.closed.begin(), connections.closed.end(),
                       EndedLater);
    }
    connections.live =
        connreg::Join(Representatives(std::move(group.rows)), owners_of_group);
  }
  return joined;
}

void Joiner::NameNamespaces(std::vector<JoinedGroup>* groups) const {
  absl::InlinedVector<Observation*, 2> rows;
  ForEach(*groups, [&](Connection& connection) {
    rows.push_back(&connection.first);
    if (connection.second) rows.push_back(&*connection.second);
  });
  hosts_.NameNetns(rows);
}

void Joiner::ExplainByNat(std::vector<JoinedGroup>* groups) const {
  struct Rows {
    std::vector<Observation> rows;
    // How many of other clients are wanted before them.
    size_t before = 0;
  };
  std::map<ClientOnHost, Rows> at_client;
  for (const JoinedGroup& group : *groups) {
    for (const Connection& lone : group.live) {
      if (!MayBeTranslated(lone)) continue;
      const auto [it, is_new] = at_client.try_emplace(ClientOf(lone));
      if (!is_new) continue;
      const auto& [client, host] = it->first;
      const std::vector<RowGroup> near =
          connections_.Scan({.scope = {.host = host}, .endpoint = client},
                            std::nullopt, kMaxTuplesOfClient + 1);
      if (near.size() > kMaxTuplesOfClient) continue;
      std::vector<Observation>& all = it->second.rows;
      for (const RowGroup& rows : near)
        all.insert(all.end(), rows.rows.begin(), rows.rows.end());
    }
  }
  if (at_client.empty()) return;
  OwnersOfRows owners;
  size_t wanted = 0;
  for (auto& [client, at] : at_client) {
    owners.Want(at.rows);
    at.before = std::exchange(wanted, wanted + at.rows.size());
  }
  owners.Ask(hosts_);
  for (JoinedGroup& group : *groups) {
    for (Connection& lone : group.live) {
      if (!MayBeTranslated(lone)) continue;
      const auto& [rows, before] = at_client.at(ClientOf(lone));
      if (SuspectsNat(lone, rows, owners.Of(before, rows.size())))
        lone.one_sided = OneSidedReason::kNatSuspected;
    }
  }
}

bool Matches(const Scope& scope, const Connection& connection) {
  const auto of_host = [&](const Observation& side) {
    return side.reporter().host == scope.host;
  };
  const Observation& first = connection.first;
  return (scope.network.empty() || first.reporter().network == scope.network) &&
         (!scope.transport ||
          first.facts.socket.transport == *scope.transport) &&
         (scope.host.empty() || of_host(first) ||
          (connection.second && of_host(*connection.second)));
}

}  // namespace connreg
