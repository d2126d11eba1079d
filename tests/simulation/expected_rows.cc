#include "tests/simulation/expected_rows.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace connreg::simulation {
namespace {

ListenerKey KeyOf(const ListenerName& name) {
  return {name.socket.netns, name.socket.transport, name.local, name.device,
          name.socket.cookie};
}

ConnectionKey KeyOf(const ConnectionName& name) {
  return {name.socket.netns, name.socket.transport, name.tuple, name.device};
}

uint64_t CookieOf(const ListenerFacts& facts) { return facts.socket.cookie; }
uint64_t CookieOf(const ConnectionFacts& facts) { return facts.socket.cookie; }

template <typename Rows, typename Name>
bool TakeAway(const std::vector<Name>& names, Rows* rows) {
  bool changes = false;
  for (const Name& name : names) {
    const auto row = rows->find(KeyOf(name));
    if (row == rows->end() || CookieOf(row->second.facts) != name.socket.cookie)
      continue;
    rows->erase(row);
    changes = true;
  }
  return changes;
}

// `find_known` finds what another agent of the host said of the same socket,
// which a new row remembers.
template <typename Rows, typename Facts, typename FindKnown>
bool Put(const std::vector<Facts>& said, const std::vector<uint32_t>& refused,
         uint64_t mark, FindKnown find_known, Rows* rows) {
  bool changes = false;
  for (size_t place = 0; place < said.size(); ++place) {
    if (std::binary_search(refused.begin(), refused.end(), place)) continue;
    const Facts& facts = said[place];
    const auto key = simulation::KeyOf(facts);
    auto [row, is_new] =
        rows->try_emplace(key, ExpectedRow<Facts>{.facts = facts});
    if (const Facts* known = is_new ? find_known(key, facts) : nullptr)
      row->second.facts = Succeed(*known, facts);
    row->second.mark = mark;
    row->second.digest = DigestOf(facts);
    const bool continues = CookieOf(row->second.facts) == CookieOf(facts);
    Facts merged = continues ? Succeed(row->second.facts, facts) : facts;
    if (!is_new && merged == row->second.facts) continue;
    row->second.facts = std::move(merged);
    row->second.revision.reset();
    changes = true;
  }
  return changes;
}

template <typename Rows>
bool Sweep(uint64_t mark, Rows* rows) {
  return std::erase_if(*rows, [mark](const auto& row) {
           return row.second.mark != mark;
         }) > 0;
}

}  // namespace

ListenerKey KeyOf(const ListenerFacts& facts) {
  return {facts.socket.netns, facts.socket.transport, facts.local, facts.device,
          facts.socket.cookie};
}

ConnectionKey KeyOf(const ConnectionFacts& facts) {
  return {facts.socket.netns, facts.socket.transport, facts.tuple,
          facts.device};
}

RowDigest ReporterRows::digest() const {
  RowDigest digest;
  for (const auto& [key, row] : listeners) digest.Add(row.digest);
  for (const auto& [key, row] : connections) digest.Add(row.digest);
  return digest;
}

bool ExpectedRows::Open(const SessionOpening& opening) {
  const HostKey host = HostKeyOf(opening.reporter);
  const std::string before = std::exchange(boot_ids_[host], opening.boot_id);
  bool changes = false;
  if (before != opening.boot_id) {
    changes = std::erase_if(rows_, [&](const auto& rows) {
                return HostKeyOf(rows.first) == host;
              }) > 0;
  }
  std::map<std::string, NetworkNamespace> namespaces;
  for (const NetworkNamespace& told : opening.namespaces)
    namespaces.emplace(told.netns, told);
  std::swap(namespaces, rows_[opening.reporter].namespaces);
  return changes || namespaces != rows_[opening.reporter].namespaces;
}

bool ExpectedRows::Apply(const Reporter& reporter, const RowBatch& batch,
                         const Ack& ack) {
  ReporterRows& rows = rows_[reporter];
  if (batch.first) ++rows.mark;
  bool changes = !batch.namespaces.empty() || !batch.gone_namespaces.empty();
  for (const std::string& netns : batch.gone_namespaces)
    rows.namespaces.erase(netns);
  for (const NetworkNamespace& told : batch.namespaces)
    rows.namespaces.insert_or_assign(told.netns, told);
  changes |= TakeAway(batch.gone_listeners, &rows.listeners);
  changes |= TakeAway(batch.gone_connections, &rows.connections);
  changes |= Put(
      batch.listeners, ack.refused_listeners, rows.mark,
      [](const auto&, const auto&) -> const ListenerFacts* { return nullptr; },
      &rows.listeners);
  changes |= Put(
      batch.connections, ack.refused_connections, rows.mark,
      [&](const ConnectionKey& key, const ConnectionFacts& facts) {
        return SaidByAnother(reporter, key, facts);
      },
      &rows.connections);
  if (batch.last) {
    changes |= Sweep(rows.mark, &rows.listeners);
    changes |= Sweep(rows.mark, &rows.connections);
  }
  return changes;
}

const ConnectionFacts* ExpectedRows::SaidByAnother(
    const Reporter& reporter, const ConnectionKey& key,
    const ConnectionFacts& facts) const {
  for (const auto& [other, rows] : rows_) {
    if (other == reporter || !AreAgentsOfOneHost(other, reporter)) continue;
    const auto known = rows.connections.find(key);
    if (known != rows.connections.end() &&
        CookieOf(known->second.facts) == CookieOf(facts))
      return &known->second.facts;
  }
  return nullptr;
}

const ReporterRows* ExpectedRows::Find(const Reporter& reporter) const {
  const auto found = rows_.find(reporter);
  return found == rows_.end() ? nullptr : &found->second;
}

}  // namespace connreg::simulation
