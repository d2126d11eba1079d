#include "tests/simulation/checks.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "service/model/query.h"

namespace connreg::simulation {
namespace {

std::string Describe(const Reporter& reporter, const Socket& socket,
                     const std::string& place) {
  return absl::StrCat(
      reporter.host, "/", reporter.name, " netns ", socket.netns, " cookie ",
      socket.cookie, " inode ", socket.inode, " ", place, " of ",
      socket.owners.known()
          ? absl::StrCat(socket.owners.processes().size(), " processes from ",
                         socket.owners.processes().front().pid)
          : absl::StrCat("nobody, for ",
                         static_cast<int>(socket.owners.unknown_reason())));
}

std::string Describe(const Reporter& reporter, const ConnectionFacts& facts) {
  return absl::StrCat(Describe(reporter, facts.socket, facts.tuple.ToString()),
                      " state ", static_cast<int>(facts.state), " role ",
                      static_cast<int>(facts.role), " by ",
                      static_cast<int>(facts.evidence), " from ",
                      facts.listener_cookie);
}

std::string Describe(const Reporter& reporter, const ListenerFacts& facts) {
  return Describe(reporter, facts.socket, facts.local.ToString());
}

bool Holds(const std::vector<Connection>& connections, const Reporter& reporter,
           const ConnectionFacts& facts) {
  const auto is_it = [&](const Observation& row) {
    return HostKeyOf(row.reporter()) == HostKeyOf(reporter) &&
           row.facts.socket.cookie == facts.socket.cookie;
  };
  return std::any_of(connections.begin(), connections.end(),
                     [&](const Connection& connection) {
                       return is_it(connection.first) ||
                              (connection.second && is_it(*connection.second));
                     });
}

LookupFinding Find(const Registry& registry, const Reporter& reporter,
                   const ConnectionFacts& facts) {
  return registry
      .Lookup({facts.tuple,
               {.network = reporter.network,
                .host = reporter.host,
                .transport = facts.socket.transport}})
      .found;
}

// Whether a listing may show a row at `shown` in place of one at `row` that
// another agent of the host reports: see Representatives(), for which a socket
// bound to a device may be one of which the other does not know that it is.
bool MayStandFor(const ConnectionKey& shown, const ConnectionKey& row) {
  const auto& [netns, transport, tuple, device] = row;
  return std::tie(std::get<0>(shown), std::get<1>(shown), std::get<2>(shown)) ==
         std::tie(netns, transport, tuple);
}
bool MayStandFor(const ListenerKey& shown, const ListenerKey& row) {
  return shown == row;
}

// The rows of a listing, by where they are.
template <typename Key>
using Listed = std::map<std::pair<Reporter, Key>, Provenance>;

template <typename Key, typename Facts>
void CheckListed(const Reporter& reporter, const Facts& facts,
                 const Provenance& provenance,
                 std::map<Key, ExpectedRow<Facts>>* rows, Listed<Key>* listed,
                 World& world) {
  const Key key = KeyOf(facts);
  if (!listed->emplace(std::pair(reporter, key), provenance).second)
    world.trace.Fail("listed twice: ", Describe(reporter, facts));
  const auto expected = rows->find(key);
  if (expected == rows->end())
    return world.trace.Fail("is there and was not said, or has gone: ",
                            Describe(reporter, facts));
  if (expected->second.facts != facts)
    return world.trace.Fail(
        "is there, and not as it was said: ", Describe(reporter, facts),
        "; was said: ", Describe(reporter, expected->second.facts));
  if (expected->second.revision.value_or(provenance.revision) !=
      provenance.revision)
    world.trace.Fail("has a new revision and did not change: ",
                     Describe(reporter, facts));
  expected->second.revision = provenance.revision;
}

template <typename Key, typename Facts>
void CheckAllListed(const Reporter& reporter,
                    const std::map<Key, ExpectedRow<Facts>>& rows,
                    const Listed<Key>& listed, World& world) {
  for (const auto& row : rows) {
    if (listed.contains({reporter, row.first})) continue;
    const bool is_shown =
        std::any_of(listed.begin(), listed.end(), [&](const auto& other) {
          return AreAgentsOfOneHost(other.first.first, reporter) &&
                 MayStandFor(other.first.second, row.first);
        });
    if (!is_shown)
      world.trace.Fail("was said and is not there: ",
                       Describe(reporter, row.second.facts));
  }
}

void CheckConnections(const Registry& registry, ExpectedRows& expected,
                      World& world) {
  Listed<ConnectionKey> listed;
  const auto check = [&](const Observation& row) {
    CheckListed(row.reporter(), row.facts, row.provenance,
                &expected.rows()[row.reporter()].connections, &listed, world);
  };
  ConnectionQuery query{.page_size = 1 + world.dice.Below(200)};
  do {
    const ConnectionPage page = registry.ListConnections(query);
    for (const Connection& connection : page.connections) {
      check(connection.first);
      if (connection.second) check(*connection.second);
    }
    query.after = page.next;
  } while (query.after);
  for (const auto& [reporter, rows] : expected.rows())
    CheckAllListed(reporter, rows.connections, listed, world);
}

void CheckListeners(const Registry& registry, ExpectedRows& expected,
                    World& world) {
  Listed<ListenerKey> listed;
  ListenerQuery query{.page_size = 1 + world.dice.Below(200)};
  do {
    const ListenerPage page = registry.ListListeners(query);
    for (const ListenerAnswer& answer : page.listeners) {
      const Listener& row = answer.listener;
      CheckListed(row.reporter(), row.facts, row.provenance,
                  &expected.rows()[row.reporter()].listeners, &listed, world);
    }
    query.after = page.next;
  } while (query.after);
  for (const auto& [reporter, rows] : expected.rows())
    CheckAllListed(reporter, rows.listeners, listed, world);
}

// Whether owners that the registry shows can be those of a socket that has
// `truth`: the kernel forgets them when it takes a socket over.
bool AreOwners(const Owners& shown, const Owners& truth) {
  if (truth.known() || !shown.known()) return shown == truth;
  return truth.unknown_reason() == OwnerUnknownReason::kKernelOrphan;
}

bool IsTrue(const ConnectionFacts& shown, const ConnectionFacts& truth) {
  return shown.socket.cookie == truth.socket.cookie &&
         shown.state == truth.state &&
         (shown.role == truth.role || shown.role == Role::kUnknown) &&
         (shown.socket.inode == truth.socket.inode ||
          truth.socket.inode == 0) &&
         AreOwners(shown.socket.owners, truth.socket.owners);
}

bool IsTrue(const ListenerFacts& shown, const ListenerFacts& truth) {
  return shown == truth;
}

template <typename Key, typename Facts>
void CheckTrue(const Reporter& reporter, const Facts& truth, bool some_refused,
               const std::map<Key, ExpectedRow<Facts>>& rows, World& world) {
  const auto row = rows.find(KeyOf(truth));
  if (row == rows.end()) {
    if (!some_refused)
      world.trace.Fail("the kernel has it and the registry does not: ",
                       Describe(reporter, truth));
  } else if (!IsTrue(row->second.facts, truth)) {
    world.trace.Fail("the registry has ", Describe(reporter, row->second.facts),
                     ", the kernel ", Describe(reporter, truth));
  }
}

}  // namespace

void CheckVisible(const Registry& registry, const Reporter& reporter,
                  const RowBatch& batch, const Ack& ack, World& world) {
  if (!batch.connections.empty()) {
    const size_t place = world.dice.Below(batch.connections.size());
    const ConnectionFacts& facts = batch.connections[place];
    const LookupFinding found = Find(registry, reporter, facts);
    const auto* connections = std::get_if<FoundConnections>(&found);
    const bool is_refused = std::binary_search(
        ack.refused_connections.begin(), ack.refused_connections.end(), place);
    const bool is_visible = connections != nullptr &&
                            Holds(connections->connections, reporter, facts);
    if (!is_refused && !is_visible)
      world.trace.Fail("acknowledged and not found: ",
                       Describe(reporter, facts));
  }
  if (batch.ended.empty()) return;
  const ConnectionFacts& facts = world.dice.AnyOf(batch.ended);
  const LookupFinding found = Find(registry, reporter, facts);
  const std::vector<Connection>* closed = nullptr;
  if (const auto* listeners = std::get_if<FoundListeners>(&found))
    closed = &listeners->closed;
  if (const auto* absent = std::get_if<Absent>(&found))
    closed = &absent->closed;
  constexpr size_t kMostShown = 16;
  if (closed != nullptr && closed->size() < kMostShown &&
      !Holds(*closed, reporter, facts))
    world.trace.Fail("has ended and is not remembered: ",
                     Describe(reporter, facts));
}

void CheckListings(const Registry& registry, ExpectedRows& expected,
                   World& world) {
  CheckConnections(registry, expected, world);
  CheckListeners(registry, expected, world);
  size_t rows = 0;
  for (const auto& [reporter, of_reporter] : expected.rows())
    rows += of_reporter.size();
  const RegistryStatus status = registry.GetStatus();
  if (status.observations + status.listeners != rows)
    world.trace.Fail("the registry has ",
                     status.observations + status.listeners,
                     " rows, and is to have ", rows);
}

void CheckAgainstKernel(const ReporterRows& rows, const Reporter& reporter,
                        const KernelModel& kernel, bool own_netns,
                        bool some_refused, World& world) {
  size_t there = 0;
  for (const KernelNetns& netns : kernel.namespaces()) {
    for (const auto& [number, facts] : netns.listeners)
      CheckTrue(reporter, facts, some_refused, rows.listeners, world);
    for (const auto& [number, facts] : netns.connections)
      CheckTrue(reporter, facts, some_refused, rows.connections, world);
    there += netns.listeners.size() + netns.connections.size();
    if (own_netns) break;
  }
  const bool is_all =
      some_refused ? rows.size() <= there : rows.size() == there;
  if (!is_all)
    world.trace.Fail(reporter.host, "/", reporter.name, ": the kernel has ",
                     there, " sockets, the registry ", rows.size());
}

}  // namespace connreg::simulation
