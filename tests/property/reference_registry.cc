#include "tests/property/reference_registry.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "service/model/join.h"
#include "service/model/nat.h"
#include "service/model/select_listener.h"
#include "service/model/views.h"

namespace connreg {
namespace {

template <typename Row>
bool IsOf(const Row& row, const Reporter& reporter) {
  return row.reporter() == reporter;
}

bool IsAt(const Observation& row, const Reporter& reporter,
          const Socket& socket, const FourTuple& tuple,
          const std::string& device) {
  return IsOf(row, reporter) && row.facts.tuple == tuple &&
         row.facts.device == device && row.facts.socket.netns == socket.netns &&
         row.facts.socket.transport == socket.transport;
}

bool IsAt(const Listener& row, const Reporter& reporter, const Socket& socket,
          const Endpoint& local, const std::string& device) {
  return IsOf(row, reporter) && row.facts.local == local &&
         row.facts.device == device && row.facts.socket.netns == socket.netns &&
         row.facts.socket.transport == socket.transport &&
         SameIncarnation(row.facts.socket, socket);
}

bool Has(const FourTuple& tuple, const Endpoint& endpoint) {
  return tuple.local() == endpoint || tuple.remote() == endpoint;
}

bool IsOfSpace(const Scope& scope, const Reporter& reporter) {
  return (scope.network.empty() || reporter.network == scope.network) &&
         (scope.host.empty() || reporter.host == scope.host);
}

bool InScope(const Scope& scope, const Connection& connection) {
  return (!scope.transport ||
          connection.first.facts.socket.transport == *scope.transport) &&
         (IsOfSpace(scope, connection.first.reporter()) ||
          (connection.second &&
           IsOfSpace(scope, connection.second->reporter())));
}

// Of one four-tuple, and where it is host-local of one host.
auto GroupOf(const Observation& row) {
  const FourTuple tuple = row.facts.tuple.Canonical();
  return std::make_pair(tuple,
                        tuple.is_host_local() ? row.reporter().host : "");
}

}  // namespace

size_t ReferenceRegistry::Register(const Registration& registration) {
  const Reporter& reporter = registration.reporter;
  Renew(reporter, registration.ttl);
  for (const NetworkNamespace& netns : registration.namespaces) {
    leases_[reporter].addresses[netns.netns] = netns.prefixes;
  }
  if (registration.gaps) {
    leases_[reporter].gapped = std::any_of(
        registration.gaps->begin(), registration.gaps->end(),
        [](const CoverageGap& gap) { return gap.kind != GapKind::kProcesses; });
  }
  size_t accepted = 0;
  for (const ListenerFacts& facts : registration.listeners)
    accepted += Put(reporter, facts) ? 1 : 0;
  for (const ConnectionFacts& facts : registration.connections)
    accepted += Put(reporter, facts) ? 1 : 0;
  return accepted;
}

void ReferenceRegistry::Renew(const Reporter& reporter, absl::Duration ttl) {
  Lease& lease = leases_[reporter];
  if (lease.id == 0) lease.id = ++last_lease_;
  lease.deadline = clock_.Monotonic() + ttl;
  lease.stale_since.reset();
  if (reporter.kind == ReporterKind::kAgent)
    expired_.erase({reporter.host, reporter.network});
  for (auto& [other, its] : leases_) {
    const bool same_host =
        other.host == reporter.host && other.network == reporter.network;
    if (reporter.kind == ReporterKind::kAgent && same_host && its.stale_since &&
        HasOther(other, /*stale=*/false))
      its.deadline = std::min(its.deadline, clock_.Monotonic() + ttl);
  }
}

bool ReferenceRegistry::Put(const Reporter& reporter,
                            const ConnectionFacts& facts) {
  const absl::Time now = clock_.Now();
  for (Observation& row : rows_) {
    if (!IsAt(row, reporter, facts.socket, facts.tuple, facts.device)) continue;
    if (!SameIncarnation(row.facts.socket, facts.socket)) {
      const Observation ended = row;
      row.facts = facts;
      row.provenance.first_seen = row.provenance.changed = now;
      Close(ended, CloseReason::kReplaced);
    } else if (const ConnectionFacts next = Succeed(row.facts, facts);
               next != row.facts) {
      row.facts = next;
      row.provenance.changed = now;
    }
    return true;
  }
  Observation row{facts,
                  {.reporter = std::make_shared<const Reporter>(reporter),
                   .first_seen = now,
                   .changed = now},
                  std::nullopt};
  for (const Observation& other : rows_) {
    if (facts.socket.cookie != 0 &&
        facts.socket.cookie == other.facts.socket.cookie &&
        AreAgentsOfOneHost(other.reporter(), reporter) &&
        IsAt(other, other.reporter(), facts.socket, facts.tuple,
             facts.device)) {
      row.facts = Succeed(other.facts, facts);
      row.provenance.first_seen = other.provenance.first_seen;
    }
  }
  const auto group = std::count_if(
      rows_.begin(), rows_.end(),
      [&](const Observation& other) { return GroupOf(other) == GroupOf(row); });
  if (static_cast<size_t>(group) >= options_.limits.rows_per_four_tuple ||
      !HasRoom(reporter))
    return false;
  rows_.push_back(std::move(row));
  return true;
}

bool ReferenceRegistry::Put(const Reporter& reporter,
                            const ListenerFacts& facts) {
  const absl::Time now = clock_.Now();
  for (Listener& row : listeners_) {
    if (!IsAt(row, reporter, facts.socket, facts.local, facts.device)) continue;
    const ListenerFacts next = Succeed(row.facts, facts);
    if (next != row.facts) row.provenance.changed = now;
    row.facts = next;
    return true;
  }
  if (!HasRoom(reporter)) return false;
  listeners_.push_back({facts,
                        {.reporter = std::make_shared<const Reporter>(reporter),
                         .first_seen = now,
                         .changed = now}});
  return true;
}

bool ReferenceRegistry::HasRoom(const Reporter& reporter) const {
  return rows_of(reporter) < options_.limits.rows_per_reporter &&
         rows_.size() + listeners_.size() < options_.limits.rows;
}

size_t ReferenceRegistry::rows_of(const Reporter& reporter) const {
  const auto is_of = [&](const auto& row) { return IsOf(row, reporter); };
  return std::count_if(rows_.begin(), rows_.end(), is_of) +
         std::count_if(listeners_.begin(), listeners_.end(), is_of);
}

size_t ReferenceRegistry::Deregister(const Deregistration& deregistration) {
  const Reporter& reporter = deregistration.reporter;
  if (deregistration.all) return End(reporter, CloseReason::kDeregistered);
  size_t removed = 0;
  for (const ListenerName& name : deregistration.listeners) {
    removed += std::erase_if(listeners_, [&](const Listener& row) {
      return IsAt(row, reporter, name.socket, name.local, name.device);
    });
  }
  if (const auto lease = leases_.find(reporter); lease != leases_.end())
    for (const std::string& netns : deregistration.namespaces)
      lease->second.addresses.erase(netns);
  for (const ConnectionName& name : deregistration.connections) {
    const auto it =
        std::find_if(rows_.begin(), rows_.end(), [&](const Observation& row) {
          return IsAt(row, reporter, name.socket, name.tuple, name.device) &&
                 SameIncarnation(row.facts.socket, name.socket);
        });
    if (it == rows_.end()) continue;
    const Observation ended = *it;
    rows_.erase(it);
    Close(ended, CloseReason::kDeregistered);
    ++removed;
  }
  return removed;
}

size_t ReferenceRegistry::End(const Reporter& reporter,
                              std::optional<CloseReason> reason) {
  if (leases_.erase(reporter) == 0) return 0;
  const auto is_of = [&](const auto& row) { return IsOf(row, reporter); };
  std::vector<Observation> ended;
  std::copy_if(rows_.begin(), rows_.end(), std::back_inserter(ended), is_of);
  std::erase_if(rows_, is_of);
  for (const Observation& row : ended) {
    if (reason)
      Close(row, *reason);
    else
      covered_since_ = clock_.Now();
  }
  return ended.size() + std::erase_if(listeners_, is_of);
}

void ReferenceRegistry::Close(Observation row, CloseReason reason) {
  const bool is_view =
      std::any_of(rows_.begin(), rows_.end(), [&](const Observation& other) {
        return AreViews(other.facts, other.reporter(), row.facts,
                        row.reporter());
      });
  if (is_view) return;
  row.closure = {clock_.Now(), reason};
  const auto is_of_group = [&](const Closed& other) {
    return GroupOf(other.row) == GroupOf(row);
  };
  if (std::count_if(closed_.begin(), closed_.end(), is_of_group) ==
      ClosedRing::kMaxOfHash) {
    closed_.erase(std::find_if(closed_.begin(), closed_.end(), is_of_group));
  }
  closed_.push_back({std::move(row), clock_.Monotonic() + options_.closed_age});
}

void ReferenceRegistry::Advance() {
  const absl::Duration now = clock_.Monotonic();
  while (true) {
    const auto order = [](const auto& lease) {
      return std::make_tuple(lease.second.deadline, lease.second.id);
    };
    const auto next = std::min_element(
        leases_.begin(), leases_.end(),
        [&](const auto& a, const auto& b) { return order(a) < order(b); });
    if (next == leases_.end() || next->second.deadline > now) break;
    Lapse(Reporter(next->first));
  }
  std::erase_if(expired_, [&](const auto& host) { return host.second <= now; });
  std::erase_if(closed_, [&](const Closed& closed) {
    if (closed.forget_at > now) return false;
    covered_since_ = std::max(covered_since_, closed.row.closure->time);
    return true;
  });
}

void ReferenceRegistry::Lapse(const Reporter& reporter) {
  const absl::Duration now = clock_.Monotonic();
  Lease& lease = leases_[reporter];
  if (reporter.kind == ReporterKind::kProgram ||
      HasOther(reporter, /*stale=*/false)) {
    End(reporter, CloseReason::kLeaseEnded);
  } else if (!lease.stale_since) {
    lease.stale_since = clock_.Now();
    lease.deadline = now + options_.grace;
  } else {
    if (!HasOther(reporter, /*stale=*/true))
      expired_[{reporter.host, reporter.network}] = now + options_.closed_age;
    End(reporter, std::nullopt);
  }
}

bool ReferenceRegistry::HasOther(const Reporter& agent, bool stale) const {
  return std::any_of(leases_.begin(), leases_.end(), [&](const auto& lease) {
    const Reporter& other = lease.first;
    return other.kind == ReporterKind::kAgent && other != agent &&
           other.host == agent.host && other.network == agent.network &&
           lease.second.stale_since.has_value() == stale;
  });
}

std::vector<AddressOwner> ReferenceRegistry::Owners(
    const Reporter& asker, const IpAddress& address) const {
  std::map<std::pair<std::string, std::string>, AddressOwner> owners_by_netns;
  for (const auto& [reporter, lease] : leases_) {
    if (reporter.network != asker.network) continue;
    if (address.is_host_local() && reporter.host != asker.host) continue;
    for (const auto& [netns, prefixes] : lease.addresses) {
      const auto local = std::find_if(prefixes.begin(), prefixes.end(),
                                      [&](const LocalPrefix& known) {
                                        return known.prefix.Contains(address);
                                      });
      if (local == prefixes.end()) continue;
      const auto [it, is_new] = owners_by_netns.try_emplace(
          {reporter.host, netns},
          AddressOwner{reporter.host, netns, true, local->device});
      it->second.stale &= lease.stale_since.has_value();
    }
  }
  std::vector<AddressOwner> owners;
  for (const auto& [place, owner] : owners_by_netns) owners.push_back(owner);
  return owners;
}

Ownership ReferenceRegistry::OwnershipOf(const Reporter& reporter,
                                         const std::string& netns,
                                         const IpAddress& address) const {
  bool told = false;
  for (const auto& [other, lease] : leases_) {
    if (other.host == reporter.host && other.network == reporter.network)
      told |= netns.empty() ? !lease.addresses.empty()
                            : lease.addresses.contains(netns);
  }
  if (address.is_loopback()) return Ownership::kOwns;
  if (!told) return Ownership::kUnknown;
  for (const AddressOwner& owner : Owners(reporter, address)) {
    if (owner.host == reporter.host && (netns.empty() || owner.netns == netns))
      return Ownership::kOwns;
  }
  return Ownership::kDoesNotOwn;
}

std::string ReferenceRegistry::DeviceOf(const Reporter& reporter,
                                        const std::string& netns,
                                        const IpAddress& address) const {
  for (const AddressOwner& owner : Owners(reporter, address))
    if (owner.host == reporter.host && owner.netns == netns)
      return owner.device;
  return "";
}

Arrival ReferenceRegistry::ArrivalIn(const Reporter& reporter,
                                     const std::string& netns,
                                     const Packet& packet) const {
  const IpAddress& address = packet.to.address();
  if (netns.empty()) return {};
  const bool is_from_here =
      address.is_loopback() ||
      (packet.from &&
       OwnershipOf(reporter, netns, *packet.from) == Ownership::kOwns);
  if (is_from_here) return {.by = DeviceOf(reporter, netns, address)};
  if (packet.from &&
      OwnershipOf(reporter, netns, *packet.from) == Ownership::kDoesNotOwn) {
    const absl::string_view loopback = address.is_v4() ? "127.0.0.1" : "::1";
    return {.not_by =
                DeviceOf(reporter, netns, IpAddress::Parse(loopback).value())};
  }
  return {};
}

std::vector<ListenerAnswer> ReferenceRegistry::Takers(
    const Packet& packet, const Scope& scope) const {
  const Endpoint& endpoint = packet.to;
  const IpAddress& address = endpoint.address();
  using HostPort = std::tuple<Transport, std::string, std::string>;
  std::map<std::pair<HostPort, std::string>, std::vector<Listener>> by_netns;
  for (const Listener& row : Representatives(listeners_)) {
    const Reporter& reporter = row.reporter();
    const Socket& socket = row.facts.socket;
    const IpAddress& local = row.facts.local.address();
    if (row.facts.local.port() != endpoint.port() ||
        !IsOfSpace(scope, reporter) ||
        (scope.transport && socket.transport != *scope.transport) ||
        (address.is_unspecified() && local != address))
      continue;
    if (local.is_unspecified() && !address.is_unspecified() &&
        OwnershipOf(reporter, socket.netns, address) == Ownership::kDoesNotOwn)
      continue;
    by_netns[{{socket.transport, reporter.host, reporter.network},
              socket.netns}]
        .push_back(row);
  }
  std::vector<ListenerAnswer> answers;
  for (const auto& [place, rows] : by_netns) {
    std::vector<const ListenerFacts*> facts;
    for (const Listener& row : rows) facts.push_back(&row.facts);
    const Arrival arrival =
        address.is_unspecified()
            ? Arrival()
            : ArrivalIn(rows.front().reporter(), place.second, packet);
    for (const size_t i : SelectListener(facts, address, arrival)) {
      const bool unverified =
          rows[i].facts.local.address().is_unspecified() &&
          !address.is_unspecified() &&
          OwnershipOf(rows[i].reporter(), rows[i].facts.socket.netns,
                      address) == Ownership::kUnknown;
      answers.push_back({.listener = rows[i],
                         .address_unverified = unverified,
                         .device_unverified = !rows[i].facts.device.empty() &&
                                              !address.is_unspecified() &&
                                              address.zone().empty() &&
                                              arrival.by.empty()});
    }
  }
  if (address.is_host_local() || address.is_unspecified()) return answers;
  std::map<std::string, std::set<std::string>> hosts;
  for (const ListenerAnswer& answer : answers)
    if (!answer.address_unverified)
      hosts[answer.listener.reporter().network].insert(
          answer.listener.reporter().host);
  for (ListenerAnswer& answer : answers)
    answer.multi_host = !answer.address_unverified &&
                        hosts[answer.listener.reporter().network].size() > 1;
  return answers;
}

std::vector<Observation> ReferenceRegistry::Shown() const {
  return Representatives(rows_);
}

// The connections of the rows for which `keep` is true, and only if it is for
// all of a four-tuple.
template <typename Keep>
std::vector<Connection> ReferenceRegistry::Joined(bool closed,
                                                  Keep keep) const {
  const auto owners = [&](const Reporter& asker, const IpAddress& address) {
    return Owners(asker, address);
  };
  std::vector<Observation> rows;
  for (const Observation& row : rows_)
    if (!closed && keep(row)) rows.push_back(row);
  for (Observation& row : rows)
    row.provenance.stale_since = leases_.at(row.reporter()).stale_since;
  for (const Closed& row : closed_) {
    const bool revived =
        std::any_of(rows_.begin(), rows_.end(), [&](const Observation& live) {
          return live.facts.socket.cookie != 0 &&
                 live.facts.socket.cookie == row.row.facts.socket.cookie &&
                 live.facts.tuple == row.row.facts.tuple &&
                 live.reporter().host == row.row.reporter().host &&
                 live.reporter().network == row.row.reporter().network;
        });
    if (closed && !revived && keep(row.row)) rows.push_back(row.row);
  }
  if (closed) return Join(rows, owners);
  std::vector<Connection> connections = Join(Representatives(rows), owners);
  for (Connection& lone : connections) {
    if (lone.one_sided != OneSidedReason::kUnmanaged &&
        lone.one_sided != OneSidedReason::kNotReported)
      continue;
    std::vector<Observation> at_client;
    for (const Observation& row : rows_)
      if (Has(row.facts.tuple, TranslatedClient(lone)))
        at_client.push_back(row);
    if (SuspectsNat(lone, at_client, owners))
      lone.one_sided = OneSidedReason::kNatSuspected;
  }
  return connections;
}

std::vector<Connection> ReferenceRegistry::Connections(
    const Scope& scope, const std::optional<Endpoint>& endpoint,
    bool show_closed) const {
  const auto keep = [&](const Observation& row) {
    return !endpoint || Has(row.facts.tuple, *endpoint);
  };
  std::vector<Connection> all = Joined(/*closed=*/false, keep);
  if (show_closed)
    for (Connection& closed : Joined(/*closed=*/true, keep))
      all.push_back(std::move(closed));
  std::erase_if(all, [&](const Connection& c) { return !InScope(scope, c); });
  return all;
}

LookupFinding ReferenceRegistry::LookupBy(
    const TuplePredicate& predicate, const LookupQuestion& question) const {
  std::vector<Observation> known = rows_;
  for (const Closed& closed : closed_) known.push_back(closed.row);
  for (const Observation& row : known) {
    const FourTuple tuple = row.facts.tuple.Canonical();
    LookupQuestion of_tuple{tuple, question.scope};
    std::optional<Transport>& transport = of_tuple.scope.transport;
    transport = transport.value_or(row.facts.socket.transport);
    if (IsOfSpace(question.scope, row.reporter()) &&
        *transport == row.facts.socket.transport &&
        predicate(tuple, *transport))
      return Lookup(of_tuple);
  }
  return WhyAbsent(question, {});
}

LookupFinding ReferenceRegistry::Lookup(const LookupQuestion& question) const {
  if (const auto* predicate = std::get_if<TuplePredicate>(&question.subject))
    return LookupBy(*predicate, question);
  const auto* tuple = std::get_if<FourTuple>(&question.subject);
  const auto* endpoint = std::get_if<Endpoint>(&question.subject);
  const Scope& scope = question.scope;
  const auto find = [&](bool closed) {
    std::vector<Connection> found = Joined(closed, [&](const Observation& row) {
      return tuple != nullptr
                 ? row.facts.tuple.Canonical() == tuple->Canonical()
                 : Has(row.facts.tuple, *endpoint);
    });
    std::erase_if(found, [&](const auto& c) { return !InScope(scope, c); });
    return found;
  };
  FoundConnections found{.connections = find(/*closed=*/false)};
  if (!found.connections.empty()) return found;
  FoundListeners listeners{
      .listeners =
          tuple ? Takers({tuple->remote(), tuple->local().address()}, scope)
                : Takers({*endpoint}, scope),
      .endpoint = tuple ? tuple->remote() : *endpoint,
      .order = tuple ? TupleOrder::kAsAsked : TupleOrder::kUnknown};
  if (tuple != nullptr && listeners.listeners.empty()) {
    listeners = {
        .listeners = Takers({tuple->local(), tuple->remote().address()}, scope),
        .endpoint = tuple->local(),
        .order = TupleOrder::kReversed};
  }
  if (!listeners.listeners.empty()) return listeners;
  return WhyAbsent(question, find(/*closed=*/true));
}

Absent ReferenceRegistry::WhyAbsent(const LookupQuestion& question,
                                    std::vector<Connection> closed) const {
  Absent absent{.since = covered_since_};
  if (!closed.empty()) {
    absent.reason = AbsentReason::kClosed;
    std::stable_sort(closed.begin(), closed.end(), EndedLater);
    absent.closed = std::move(closed);
    return absent;
  }
  const Scope& scope = question.scope;
  std::set<HostKey> owners;
  bool known = false;
  for (const auto& [host, state] : Hosts()) {
    if (!IsOfSpace(scope, {.host = host.name, .network = host.network}))
      continue;
    const HostKey& key = host;
    const bool has_lease =
        std::any_of(leases_.begin(), leases_.end(), [&](const auto& lease) {
          return lease.first.host == key.name &&
                 lease.first.network == key.network;
        });
    known |= has_lease;
    if (!scope.host.empty() && state != HostState::kExpired)
      owners.insert(host);
  }
  if ((!scope.host.empty() || !scope.network.empty()) && !known) {
    absent.reason = AbsentReason::kNoSuchHost;
    return absent;
  }
  const auto* tuple = std::get_if<FourTuple>(&question.subject);
  std::vector<Endpoint> ends;
  if (tuple != nullptr)
    ends = {tuple->local(), tuple->remote()};
  else if (const auto* end = std::get_if<Endpoint>(&question.subject))
    ends = {*end};
  if (scope.host.empty()) {
    for (const Endpoint& end : ends) {
      for (const auto& [reporter, lease] : leases_) {
        if (end.address().is_host_local() || !IsOfSpace(scope, reporter))
          continue;
        for (const AddressOwner& owner : Owners(reporter, end.address()))
          owners.insert({owner.host, reporter.network});
      }
    }
  }
  const bool all_silent = std::all_of(
      owners.begin(), owners.end(),
      [&](const HostKey& host) { return StateOf(host) == HostState::kStale; });
  if (!owners.empty() && all_silent) absent.reason = AbsentReason::kHostStale;
  return absent;
}

std::vector<EndpointSummary> ReferenceRegistry::Endpoints(
    const EndpointQuery& query, const std::vector<Endpoint>& all) const {
  std::map<EndpointPlace, EndpointSummary> summaries;
  const auto summary_at = [&](const EndpointPlace& place) -> auto& {
    return summaries.try_emplace(place, EndpointSummary{.place = place})
        .first->second;
  };
  const std::string& host = query.scope.host;
  for (const Endpoint& endpoint : all) {
    const IpAddress& address = endpoint.address();
    if (query.prefix && !query.prefix->Contains(address)) continue;
    if (address.is_host_local() && host.empty()) continue;
    std::set<EndpointPlace> there;
    for (const Connection& c : Connections(query.scope, endpoint, false)) {
      const auto is_own = [&](const Observation& end) {
        return end.facts.tuple.local() == endpoint &&
               (host.empty() || end.reporter().host == host);
      };
      const Observation* side = &c.first;
      if (!is_own(*side) && c.second && is_own(*c.second)) side = &*c.second;
      if (!host.empty() && !is_own(*side)) continue;
      EndpointPlace place{.endpoint = endpoint,
                          .transport = side->facts.socket.transport,
                          .network = side->reporter().network};
      if (is_own(*side)) {
        place.host = side->reporter().host;
        place.netns = side->facts.socket.netns;
      }
      ++summary_at(place).states[side->facts.state];
      there.insert(place);
    }
    const std::vector<ListenerAnswer> takers = Takers({endpoint}, query.scope);
    const auto place_of = [&](const Listener& listener) {
      const Reporter& reporter = listener.reporter();
      const Socket& socket = listener.facts.socket;
      return EndpointPlace{endpoint, socket.transport, reporter.network,
                           reporter.host, socket.netns};
    };
    for (const ListenerAnswer& taker : takers)
      if (taker.listener.facts.local == endpoint ||
          (query.prefix && !taker.address_unverified))
        there.insert(place_of(taker.listener));
    for (const ListenerAnswer& taker : takers) {
      EndpointPlace place = place_of(taker.listener);
      if (taker.address_unverified && !there.contains(place))
        place = {endpoint, place.transport, place.network, "", ""};
      ++summary_at(place).listener_count;
    }
    const std::set<EndpointPlace> claimed = there;
    for (const EndpointPlace& place : claimed) {
      if (!place.host.empty()) continue;
      std::set<EndpointPlace> others;
      for (const EndpointPlace& other : claimed)
        if (!other.host.empty() && other.transport == place.transport &&
            other.network == place.network)
          others.insert(other);
      EndpointPlace sole = place;
      if (const auto owners = Owners({.network = place.network}, address);
          owners.size() == 1) {
        sole.host = owners.front().host;
        sole.netns = owners.front().netns;
      } else if (owners.empty() && others.size() == 1) {
        sole = *others.begin();
      } else {
        continue;
      }
      const EndpointSummary moved = summaries.at(place);
      summaries.erase(place);
      for (const auto& [state, count] : moved.states)
        summary_at(sole).states[state] += count;
      summary_at(sole).listener_count += moved.listener_count;
      there.insert(sole);
    }
    std::erase_if(summaries, [&](const auto& summary) {
      return summary.first.endpoint == endpoint &&
             !there.contains(summary.first);
    });
  }
  std::vector<EndpointSummary> result;
  for (auto& [place, summary] : summaries) result.push_back(std::move(summary));
  return result;
}

std::map<HostKey, HostState> ReferenceRegistry::Hosts() const {
  std::map<HostKey, HostState> hosts;
  for (const auto& [host, forgotten_at] : expired_)
    hosts[host] = HostState::kExpired;
  const auto note = [&](const Reporter& reporter, HostState state) {
    const auto [it, is_new] =
        hosts.try_emplace({reporter.host, reporter.network}, state);
    it->second = std::min(it->second, state);
  };
  for (const auto& [reporter, lease] : leases_) {
    note(reporter, reporter.kind == ReporterKind::kProgram ? HostState::kNoAgent
                   : lease.stale_since                     ? HostState::kStale
                                                           : HostState::kLive);
  }
  return hosts;
}

size_t ReferenceRegistry::GappedHosts(const std::string& network) const {
  std::set<std::string> hosts;
  for (const auto& [reporter, lease] : leases_)
    if (lease.gapped && reporter.network == network)
      hosts.insert(reporter.host);
  return hosts.size();
}

std::optional<HostState> ReferenceRegistry::StateOf(const HostKey& key) const {
  const std::map<HostKey, HostState> hosts = Hosts();
  const auto it = hosts.find(key);
  if (it == hosts.end()) return std::nullopt;
  return it->second;
}

}  // namespace connreg
