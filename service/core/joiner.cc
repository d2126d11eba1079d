#include "service/core/joiner.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

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

bool MayBeTranslated(const Connection& connection) {
  return connection.one_sided == OneSidedReason::kUnmanaged ||
         connection.one_sided == OneSidedReason::kNotReported;
}

}  // namespace

std::vector<JoinedGroup> Joiner::Join(
    const std::vector<RowGroup>& groups) const {
  OwnersOfRows owners;
  for (const RowGroup& group : groups) {
    owners.Want(group.rows);
    owners.Want(group.closed);
  }
  owners.Ask(hosts_);
  std::vector<JoinedGroup> joined;
  joined.reserve(groups.size());
  for (const RowGroup& group : groups) {
    JoinedGroup& connections = joined.emplace_back();
    connections.live = connreg::Join(Representatives(group.rows), owners);
    if (group.closed.empty()) continue;
    std::vector<Observation> closed = group.closed;
    DropRevived(group.rows, &closed);
    connections.closed = connreg::Join(closed, owners);
    std::stable_sort(connections.closed.begin(), connections.closed.end(),
                     EndedLater);
  }
  NameNamespaces(&joined);
  return joined;
}

void Joiner::NameNamespaces(std::vector<JoinedGroup>* groups) const {
  using Netns = std::pair<HostKey, std::string>;
  std::map<Netns, std::vector<Provenance*>> rows;
  const auto note = [&](Observation& row) {
    rows[{HostKeyOf(row.reporter()), row.facts.socket.netns}].push_back(
        &row.provenance);
  };
  const auto note_both = [&](Connection& connection) {
    note(connection.first);
    if (connection.second) note(*connection.second);
  };
  for (JoinedGroup& group : *groups) {
    std::for_each(group.live.begin(), group.live.end(), note_both);
    std::for_each(group.closed.begin(), group.closed.end(), note_both);
  }
  std::vector<Netns> namespaces;
  for (const auto& [netns, provenances] : rows) namespaces.push_back(netns);
  const std::vector<std::string> names = hosts_.NetnsNames(namespaces);
  for (size_t i = 0; i < names.size(); ++i)
    for (Provenance* const provenance : rows.at(namespaces[i]))
      provenance->netns_name = names[i];
}

void Joiner::ExplainByNat(std::vector<JoinedGroup>* groups) const {
  std::map<Endpoint, std::vector<Observation>> at_client;
  OwnersOfRows owners;
  for (const JoinedGroup& group : *groups) {
    for (const Connection& lone : group.live) {
      if (!MayBeTranslated(lone)) continue;
      const auto [it, is_new] = at_client.try_emplace(TranslatedClient(lone));
      if (!is_new) continue;
      const std::vector<RowGroup> near = connections_.Scan(
          {.endpoint = it->first}, std::nullopt, kMaxTuplesOfClient + 1);
      if (near.size() > kMaxTuplesOfClient) continue;
      for (const RowGroup& rows : near)
        it->second.insert(it->second.end(), rows.rows.begin(), rows.rows.end());
    }
  }
  for (const auto& [client, rows] : at_client) owners.Want(rows);
  owners.Ask(hosts_);
  for (JoinedGroup& group : *groups) {
    for (Connection& lone : group.live) {
      if (MayBeTranslated(lone) &&
          SuspectsNat(lone, at_client.at(TranslatedClient(lone)), owners))
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
