#include "service/core/finder.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "absl/container/inlined_vector.h"
#include "service/core/answer_room.h"

namespace connreg {
namespace {

// How many connections or listeners a lookup returns at most.
constexpr size_t kMaxFound = 1000;
// How many that have ended.
constexpr size_t kMaxClosed = 16;
// How many silent hosts are named.
constexpr size_t kMaxStaleHosts = 16;
// How many groups are joined at a time when all of them are gone through.
constexpr size_t kBatch = 1000;

// How the ends of `asked`, client first, lie to the roles of `connection`.
TupleOrder OrderOf(const FourTuple& asked, const Connection& connection) {
  if (!connection.client || asked.is_self()) return TupleOrder::kUnknown;
  return *connection.client == asked.local() ? TupleOrder::kAsAsked
                                             : TupleOrder::kReversed;
}

// Leaves the last that ended, the latest first.
void KeepLatest(std::vector<Connection>* closed) {
  std::stable_sort(closed->begin(), closed->end(), EndedLater);
  if (closed->size() > kMaxClosed)
    closed->erase(closed->begin() + kMaxClosed, closed->end());
}

// Moves what is in `scope` from `from` to `to`.
void MoveMatching(const Scope& scope, std::vector<Connection>& from,
                  std::vector<Connection>* to) {
  if (to->empty()) {
    *to = std::move(from);
    std::erase_if(*to, [&](const Connection& connection) {
      return !Matches(scope, connection);
    });
    return;
  }
  std::copy_if(
      std::make_move_iterator(from.begin()),
      std::make_move_iterator(from.end()), std::back_inserter(*to),
      [&](const Connection& connection) { return Matches(scope, connection); });
}

bool IsIn(const Scope& scope, const Observation& row) {
  return (scope.network.empty() || row.reporter().network == scope.network) &&
         (scope.host.empty() || row.reporter().host == scope.host) &&
         (!scope.transport || row.facts.socket.transport == *scope.transport);
}

std::vector<IpAddress> AddressesOf(const LookupQuestion& question) {
  if (const auto* endpoint = std::get_if<Endpoint>(&question.subject))
    return {endpoint->address()};
  if (const auto* tuple = std::get_if<FourTuple>(&question.subject))
    return {tuple->local().address(), tuple->remote().address()};
  return {};
}

}  // namespace

LookupFinding Finder::Find(const LookupQuestion& question, bool syncing) const {
  const auto* predicate = std::get_if<TuplePredicate>(&question.subject);
  LookupFinding finding =
      predicate != nullptr
          ? FindBy(*predicate, question, syncing)
          : std::move(
                FindEach(absl::MakeConstSpan(&question, 1), syncing).front());
  if (auto* found = std::get_if<FoundConnections>(&finding)) {
    AnswerRoom room(2 * kMaxFound);
    room.Take(absl::MakeConstSpan(found->connections));
    found->listeners = hosts_.AcceptedFrom(found->connections);
    found->truncated |= room.Cut(&found->listeners);
  }
  return finding;
}

std::vector<LookupFinding> Finder::FindEach(
    absl::Span<const LookupQuestion> questions, bool syncing) const {
  std::vector<RowGroup> groups;
  absl::InlinedVector<size_t, 1> ends;
  groups.reserve(questions.size());
  ends.reserve(questions.size());
  for (const LookupQuestion& question : questions) {
    AppendGroups(question, &groups);
    ends.push_back(groups.size());
  }
  std::vector<JoinedGroup> joined = joiner_.Join(&groups);
  joiner_.ExplainByNat(&joined);
  std::vector<LookupFinding> found;
  found.reserve(questions.size());
  size_t begin = 0;
  for (size_t i = 0; i < questions.size(); ++i) {
    const auto mine = absl::MakeSpan(joined).subspan(begin, ends[i] - begin);
    found.push_back(FindAmong(questions[i], mine, syncing));
    begin = ends[i];
  }
  return found;
}

std::vector<LookupQuestion> Finder::QuestionsFor(
    const TuplePredicate& predicate, const Scope& scope) const {
  // By host alone, of which there is an index: what a scan passes over is not
  // in its batch, and still takes time under a shard's lock.
  const GroupFilter filter{.scope = {.host = scope.host}, .closed = true};
  using Subject = std::pair<FourTuple, Transport>;
  std::optional<Subject> last;
  std::set<Subject> sought;
  std::optional<uint64_t> after;
  std::vector<RowGroup> groups;
  do {
    groups = connections_.Scan(filter, after, kBatch);
    for (const RowGroup& group : groups) {
      for (const std::vector<Observation>* rows :
           {&group.rows, &group.closed}) {
        for (const Observation& row : *rows) {
          const Subject subject(row.facts.tuple.Canonical(),
                                row.facts.socket.transport);
          // Nearly all rows of a group are of one.
          if (last == subject || !IsIn(scope, row)) continue;
          last = subject;
          if (predicate(subject.first, subject.second)) sought.insert(subject);
        }
      }
    }
    if (!groups.empty()) after = groups.back().hash;
  } while (groups.size() == kBatch && sought.size() <= kMaxFound);
  std::vector<LookupQuestion> questions;
  for (const auto& [tuple, transport] : sought) {
    questions.push_back({tuple, scope});
    questions.back().scope.transport = transport;
  }
  return questions;
}

LookupFinding Finder::FindBy(const TuplePredicate& predicate,
                             const LookupQuestion& question,
                             bool syncing) const {
  FoundConnections found;
  std::optional<FoundListeners> listeners;
  std::optional<Absent> absent;
  std::vector<Connection> closed;
  const auto append = [](std::vector<Connection> from,
                         std::vector<Connection>* to) {
    std::move(from.begin(), from.end(), std::back_inserter(*to));
  };
  for (LookupFinding& finding :
       FindEach(QuestionsFor(predicate, question.scope), syncing)) {
    if (auto* live = std::get_if<FoundConnections>(&finding)) {
      append(std::move(live->connections), &found.connections);
      found.truncated |= live->truncated;
    } else if (auto* takers = std::get_if<FoundListeners>(&finding)) {
      append(std::move(takers->closed), &closed);
      if (!listeners) listeners = std::move(*takers);
    } else {
      auto& nothing = std::get<Absent>(finding);
      append(std::move(nothing.closed), &closed);
      if (!absent) absent = std::move(nothing);
    }
  }
  if (!found.connections.empty()) {
    found.truncated |= AnswerRoom(kMaxFound).Cut(&found.connections);
    return found;
  }
  KeepLatest(&closed);
  if (!listeners && closed.empty() && absent) return *std::move(absent);
  if (!listeners) return WhyAbsent(question, std::move(closed), syncing);
  listeners->closed = std::move(closed);
  // The question named no client.
  listeners->order = TupleOrder::kUnknown;
  return *std::move(listeners);
}

void Finder::AppendGroups(const LookupQuestion& question,
                          std::vector<RowGroup>* groups) const {
  if (const auto* tuple = std::get_if<FourTuple>(&question.subject)) {
    groups->push_back(connections_.Find(*tuple, question.scope.host));
    return;
  }
  const GroupFilter filter{question.scope,
                           std::get<Endpoint>(question.subject)};
  std::vector<RowGroup> found =
      connections_.Scan(filter, std::nullopt, kMaxFound + 1);
  std::move(found.begin(), found.end(), std::back_inserter(*groups));
}

LookupFinding Finder::FindAmong(const LookupQuestion& question,
                                absl::Span<JoinedGroup> groups,
                                bool syncing) const {
  const auto* tuple = std::get_if<FourTuple>(&question.subject);
  FoundConnections found;
  for (JoinedGroup& group : groups)
    MoveMatching(question.scope, group.live, &found.connections);
  if (!found.connections.empty()) {
    found.truncated = AnswerRoom(kMaxFound).Cut(&found.connections);
    if (tuple != nullptr)
      found.order = OrderOf(*tuple, found.connections.front());
    return found;
  }
  std::vector<Connection> closed;
  if (tuple != nullptr) {
    for (JoinedGroup& group : groups)
      MoveMatching(question.scope, group.closed, &closed);
    KeepLatest(&closed);
  }
  FoundListeners listeners = FindListeners(question);
  if (!listeners.listeners.empty()) {
    listeners.truncated = AnswerRoom(kMaxFound).Cut(&listeners.listeners);
    listeners.closed = std::move(closed);
    return listeners;
  }
  if (tuple == nullptr)
    closed = LatestClosed(std::get<Endpoint>(question.subject), question.scope);
  return WhyAbsent(question, std::move(closed), syncing);
}

FoundListeners Finder::FindListeners(const LookupQuestion& question) const {
  const auto takers = [&](const Packet& packet, TupleOrder order) {
    FoundListeners found{.endpoint = packet.to, .order = order};
    for (ListenerGroup& group :
         hosts_.Takers(packet, question.scope, std::nullopt, kMaxFound + 1)) {
      std::move(group.listeners.begin(), group.listeners.end(),
                std::back_inserter(found.listeners));
    }
    return found;
  };
  if (const auto* endpoint = std::get_if<Endpoint>(&question.subject))
    return takers({*endpoint}, TupleOrder::kUnknown);
  const FourTuple& tuple = std::get<FourTuple>(question.subject);
  FoundListeners found =
      takers({tuple.remote(), tuple.local().address()}, TupleOrder::kAsAsked);
  if (!found.listeners.empty()) return found;
  return takers({tuple.local(), tuple.remote().address()},
                TupleOrder::kReversed);
}

std::vector<Connection> Finder::LatestClosed(const Endpoint& endpoint,
                                             const Scope& scope) const {
  const GroupFilter filter{scope, endpoint, /*closed=*/true};
  std::vector<Connection> closed;
  std::optional<uint64_t> after;
  while (true) {
    std::vector<RowGroup> groups = connections_.Scan(filter, after, kBatch);
    for (JoinedGroup& group : joiner_.Join(&groups))
      MoveMatching(scope, group.closed, &closed);
    KeepLatest(&closed);
    if (groups.size() < kBatch) return closed;
    after = groups.back().hash;
  }
}

Absent Finder::WhyAbsent(const LookupQuestion& question,
                         std::vector<Connection> closed, bool syncing) const {
  Absent absent{.reason = AbsentReason::kNotSeenSince,
                .since = history_.covered_since(),
                .closed = std::move(closed)};
  if (!absent.closed.empty()) {
    absent.reason = AbsentReason::kClosed;
    return absent;
  }
  if (syncing) {
    absent.reason = AbsentReason::kSyncing;
    return absent;
  }
  const Scope& scope = question.scope;
  const bool names_some = !scope.host.empty() || !scope.network.empty();
  if (names_some && !hosts_.HasHost(scope)) {
    absent.reason = AbsentReason::kNoSuchHost;
    return absent;
  }
  HostDirectory::MissingOwners missing =
      hosts_.OwnersMissing(AddressesOf(question), question.scope);
  if (missing.syncing) {
    absent.reason = AbsentReason::kSyncing;
    return absent;
  }
  absent.stale_hosts = std::move(missing.silent);
  if (absent.stale_hosts.empty()) return absent;
  absent.reason = AbsentReason::kHostStale;
  if (absent.stale_hosts.size() > kMaxStaleHosts)
    absent.stale_hosts.resize(kMaxStaleHosts);
  return absent;
}

}  // namespace connreg
