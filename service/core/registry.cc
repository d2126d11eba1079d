#include "service/core/registry.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "service/base/error.h"
#include "service/model/join.h"
#include "service/model/views.h"

namespace connreg {
namespace {

// How many connections or listeners a lookup returns at most.
constexpr size_t kMaxFound = 1000;

// How large an answer may grow, and what its parts count for.
constexpr size_t kMaxAnswerBytes = 3 << 20;
constexpr size_t kRowBytes = 512;
constexpr size_t kProcessBytes = 64;

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

// How the ends of `asked`, client first, lie to the roles of `connection`.
TupleOrder OrderOf(const FourTuple& asked, const Connection& connection) {
  if (!connection.client || asked.is_self()) return TupleOrder::kUnknown;
  return *connection.client == asked.local() ? TupleOrder::kAsAsked
                                             : TupleOrder::kReversed;
}

// Answers who owns an address from what one visit to the directory told.
class OwnersOfRows {
 public:
  // Will ask for every address that joining `rows` may need. The reporters of
  // `rows` outlive the question.
  void Want(const std::vector<Observation>& rows) {
    for (const Observation& row : rows) {
      const IpAddress& remote = row.facts.tuple.remote().address();
      if (owners_.try_emplace(KeyOf(row.reporter(), remote)).second)
        wanted_.emplace_back(&row.reporter(), remote);
    }
  }

  void Ask(const HostDirectory& hosts) {
    std::vector<std::vector<HostNetns>> answers = hosts.Owners(wanted_);
    for (size_t i = 0; i < wanted_.size(); ++i) {
      const auto& [asker, address] = wanted_[i];
      owners_[KeyOf(*asker, address)] = std::move(answers[i]);
    }
  }

  std::vector<HostNetns> operator()(const Reporter& asker,
                                    const IpAddress& address) const {
    const auto it = owners_.find(KeyOf(asker, address));
    return it == owners_.end() ? std::vector<HostNetns>() : it->second;
  }

 private:
  // Network, host where the address is local to it, address.
  using Key = std::tuple<std::string, std::string, IpAddress>;

  static Key KeyOf(const Reporter& asker, const IpAddress& address) {
    return {asker.network, address.is_host_local() ? asker.host : "", address};
  }

  std::vector<std::pair<const Reporter*, IpAddress>> wanted_;
  std::map<Key, std::vector<HostNetns>> owners_;
};

// What a row takes up in an answer, in bytes, about: with owners that share a
// socket by the hundred it is far more than without.
size_t SizeOf(const Socket& socket) {
  size_t size = kRowBytes;
  for (const Process& process : socket.owners.processes())
    size += kProcessBytes + 5 * process.name.size();
  return size;
}
size_t SizeOf(const Connection& connection) {
  return SizeOf(connection.first.facts.socket) +
         (connection.second ? SizeOf(connection.second->facts.socket) : 0);
}
size_t SizeOf(const ListenerAnswer& answer) {
  return SizeOf(answer.listener.facts.socket);
}

// What is left of an answer: so many rows, and so many bytes that clients with
// gRPC's usual limit of 4 MiB can read it.
class Room {
 public:
  explicit Room(size_t rows) : rows_(rows) {}

  // Takes the room that `answers` need. False if there is not as much; then
  // none is left.
  template <typename Answer>
  bool Take(absl::Span<const Answer> answers) {
    size_t bytes = 0;
    for (const Answer& answer : answers) bytes += SizeOf(answer);
    const bool fits = answers.size() <= rows_ && bytes <= bytes_;
    rows_ = fits ? rows_ - answers.size() : 0;
    bytes_ = fits ? bytes_ - bytes : 0;
    return fits;
  }

 private:
  size_t rows_;
  size_t bytes_ = kMaxAnswerBytes;
};

// Cuts `answers` to what a lookup may return, and says whether it did.
template <typename Answer>
bool Cut(std::vector<Answer>* answers) {
  Room room(kMaxFound);
  // The first is returned however large it is.
  for (size_t i = 0; i < answers->size(); ++i) {
    if (room.Take(absl::MakeConstSpan(*answers).subspan(i, 1)) || i == 0)
      continue;
    answers->erase(answers->begin() + static_cast<ptrdiff_t>(i),
                   answers->end());
    return true;
  }
  return false;
}

}  // namespace

Registry::Registry(const Options& options, const Clock& clock)
    : run_id_(options.run_id),
      clock_(clock),
      start_time_(clock.Now()),
      history_(clock),
      leases_(clock),
      connections_(options.hash_key, history_),
      hosts_(history_) {}

absl::Status Registry::Register(const Registration& registration) {
  const Lease lease = leases_.Renew(registration.reporter, registration.ttl);
  const absl::Time now = clock_.Now();
  hosts_.Put(registration.addresses, registration.listeners, lease, now);
  connections_.Put(registration.connections, lease, now);
  // Whoever ends a lease does so before taking its rows away. So either those
  // put above were there to be taken, or the end shows here.
  if (leases_.InForce(lease.id)) return absl::OkStatus();
  RemoveLease(lease.id);
  return WithDetail(
      absl::AbortedError(absl::StrCat("reporter ", registration.reporter.name,
                                      " of host ", registration.reporter.host,
                                      ": its lease ended while the rows were "
                                      "being added; send them again")),
      {.reason = "LEASE_ENDED"});
}

DeregistrationOutcome Registry::Deregister(
    const Deregistration& deregistration) {
  if (deregistration.all) {
    const std::optional<Lease> lease = leases_.End(deregistration.reporter);
    return {.removed = lease ? RemoveLease(lease->id) : 0};
  }
  const std::optional<Lease> lease = leases_.Find(deregistration.reporter);
  if (!lease) {
    return {.absent = deregistration.listeners.size() +
                      deregistration.connections.size()};
  }
  DeregistrationOutcome outcome =
      hosts_.Remove(deregistration.listeners, *lease);
  const size_t connections =
      connections_.Remove(deregistration.connections, *lease->reporter);
  outcome.removed += connections;
  outcome.absent += deregistration.connections.size() - connections;
  return outcome;
}

LookupAnswer Registry::Lookup(const LookupQuestion& question) const {
  LookupAnswer answer{.coverage = CurrentCoverage()};
  if (FoundConnections found = FindConnections(question);
      !found.connections.empty()) {
    answer.coverage.truncated = Cut(&found.connections);
    answer.found = std::move(found);
  } else if (FoundListeners listeners = FindListeners(question);
             !listeners.listeners.empty()) {
    answer.coverage.truncated = Cut(&listeners.listeners);
    answer.found = std::move(listeners);
  } else {
    answer.found = WhyAbsent(question);
  }
  return answer;
}

ConnectionPage Registry::ListConnections(const ConnectionQuery& query) const {
  ConnectionPage page{.coverage = CurrentCoverage()};
  // One group more than a page holds, so that the last page is known to be it.
  const std::vector<RowGroup> groups = connections_.Scan(
      {query.scope, query.endpoint}, query.after, query.page_size + 1);
  std::vector<std::vector<Connection>> joined = Joined(groups, query.scope);
  Room room(query.page_size);
  std::optional<uint64_t> last;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (!room.Take(absl::MakeConstSpan(joined[i])) && last) {
      page.next = last;
      break;
    }
    std::move(joined[i].begin(), joined[i].end(),
              std::back_inserter(page.connections));
    last = groups[i].hash;
  }
  return page;
}

ListenerPage Registry::ListListeners(const ListenerQuery& query) const {
  ListenerPage page{.coverage = CurrentCoverage()};
  const std::vector<ListenerGroup> groups =
      query.endpoint
          ? hosts_.Takers(*query.endpoint, query.scope, query.after,
                          query.page_size + 1)
          : hosts_.Scan(query.scope, query.after, query.page_size + 1);
  Room room(query.page_size);
  std::optional<ListenerPlace> last;
  for (const ListenerGroup& group : groups) {
    if (!room.Take(absl::MakeConstSpan(group.listeners)) && last) {
      page.next = last;
      break;
    }
    page.listeners.insert(page.listeners.end(), group.listeners.begin(),
                          group.listeners.end());
    last = group.place;
  }
  return page;
}

RegistryStatus Registry::GetStatus() const {
  return {.start_time = start_time_,
          .coverage = CurrentCoverage(),
          .observations = connections_.size(),
          .listeners = hosts_.size(),
          .reporters = leases_.size()};
}

std::vector<Reporter> Registry::ExpireLeases() {
  std::vector<Reporter> ended;
  for (const Lease& lease : leases_.EndLapsed()) {
    RemoveLease(lease.id);
    ended.push_back(*lease.reporter);
  }
  return ended;
}

size_t Registry::RemoveLease(LeaseId lease) {
  return hosts_.RemoveLease(lease) + connections_.RemoveLease(lease);
}

Coverage Registry::CurrentCoverage() const {
  return {.run_id = run_id_,
          .revision = history_.revision(),
          .live_hosts = static_cast<uint32_t>(leases_.agent_host_count())};
}

std::vector<std::vector<Connection>> Registry::Joined(
    const std::vector<RowGroup>& groups, const Scope& scope) const {
  OwnersOfRows owners;
  for (const RowGroup& group : groups) owners.Want(group.rows);
  owners.Ask(hosts_);
  std::vector<std::vector<Connection>> joined;
  joined.reserve(groups.size());
  for (const RowGroup& group : groups) {
    std::vector<Connection>& connections =
        joined.emplace_back(Join(Representatives(group.rows), owners));
    std::erase_if(connections, [&](const Connection& connection) {
      return !Matches(scope, connection);
    });
  }
  return joined;
}

FoundConnections Registry::FindConnections(
    const LookupQuestion& question) const {
  const auto* tuple = std::get_if<FourTuple>(&question.subject);
  std::vector<RowGroup> groups;
  if (tuple != nullptr) {
    groups = {{.rows = connections_.Find(*tuple, question.scope.host)}};
  } else {
    groups = connections_.Scan(
        {question.scope, std::get<Endpoint>(question.subject)}, std::nullopt,
        kMaxFound + 1);
  }
  FoundConnections found;
  for (std::vector<Connection>& connections : Joined(groups, question.scope)) {
    std::move(connections.begin(), connections.end(),
              std::back_inserter(found.connections));
  }
  if (tuple != nullptr && !found.connections.empty())
    found.order = OrderOf(*tuple, found.connections.front());
  return found;
}

FoundListeners Registry::FindListeners(const LookupQuestion& question) const {
  const auto takers = [&](const Endpoint& endpoint, TupleOrder order) {
    FoundListeners found{.endpoint = endpoint, .order = order};
    for (ListenerGroup& group :
         hosts_.Takers(endpoint, question.scope, std::nullopt, kMaxFound + 1)) {
      std::move(group.listeners.begin(), group.listeners.end(),
                std::back_inserter(found.listeners));
    }
    return found;
  };
  if (const auto* endpoint = std::get_if<Endpoint>(&question.subject))
    return takers(*endpoint, TupleOrder::kUnknown);
  const FourTuple& tuple = std::get<FourTuple>(question.subject);
  FoundListeners found = takers(tuple.remote(), TupleOrder::kAsAsked);
  return found.listeners.empty() ? takers(tuple.local(), TupleOrder::kReversed)
                                 : found;
}

Absent Registry::WhyAbsent(const LookupQuestion& question) const {
  const std::string& host = question.scope.host;
  if (!host.empty() && !leases_.HasHost(host))
    return {.reason = AbsentReason::kNoSuchHost};
  return {.reason = AbsentReason::kNotSeenSince,
          .since = history_.covered_since()};
}

}  // namespace connreg
