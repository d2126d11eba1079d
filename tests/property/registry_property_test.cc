// The sharded, indexed, paged registry against a list of rows that is searched
// from end to end. Both use the same pure rules of views, joins and listeners,
// which have tests of their own; what is compared is everything around them.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/core/registry.h"
#include "tests/property/reference_registry.h"
#include "tests/property/seed.h"
#include "tests/support/facts.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using ::testing::ContainerEq;

// How many operations each of the tests makes, and how many tests there are.
constexpr int kOperations = CONNREG_OPERATIONS;
constexpr int kParts = 8;

// What there is room for: so little that every limit is met now and then.
constexpr size_t kMaxRows = 60;
constexpr size_t kMaxRowsPerReporter = 20;
constexpr size_t kMaxRowsPerFourTuple = 6;
// The most rows in one registration.
constexpr size_t kMaxBatch = 5;

std::string Describe(const Reporter& reporter) {
  return absl::StrCat(reporter.network, "/", reporter.host, "/", reporter.name);
}

std::string PlaceOf(const Observation& row) {
  const Socket& socket = row.facts.socket;
  return absl::StrCat(Describe(row.reporter()), "/", socket.netns,
                      socket.transport == Transport::kTcp ? " tcp " : " udp ",
                      row.facts.tuple.ToString(), "%", row.facts.device);
}

std::string Describe(const Observation& row) {
  std::string text =
      absl::StrCat(PlaceOf(row), " ", row.facts.socket.cookie, " ",
                   static_cast<int>(row.facts.state), " ",
                   absl::ToUnixSeconds(row.provenance.first_seen), " ",
                   absl::ToUnixSeconds(row.provenance.changed));
  if (row.provenance.stale_since && !row.closure)
    absl::StrAppend(&text, " stale ",
                    absl::ToUnixSeconds(*row.provenance.stale_since));
  if (row.closure)
    absl::StrAppend(&text, " closed ", absl::ToUnixSeconds(row.closure->time),
                    " ", static_cast<int>(row.closure->reason));
  return text;
}

std::string Describe(const Connection& connection) {
  std::string text = Describe(connection.first);
  if (connection.second)
    absl::StrAppend(&text, " + ", Describe(*connection.second));
  if (connection.one_sided)
    absl::StrAppend(&text, " one-sided ",
                    static_cast<int>(*connection.one_sided));
  return text;
}

std::string Describe(const ListenerAnswer& answer) {
  const Listener& listener = answer.listener;
  return absl::StrCat(
      Describe(listener.reporter()), "/", listener.facts.socket.netns, " ",
      static_cast<int>(listener.facts.socket.transport), " ",
      listener.facts.local.ToString(), " ", listener.facts.socket.cookie, " ",
      answer.address_unverified, answer.multi_host, answer.device_unverified,
      " ", listener.facts.device);
}

std::string Describe(const EndpointSummary& summary) {
  std::string text = absl::StrCat(
      summary.place.network, " ", static_cast<int>(summary.place.transport),
      " ", summary.place.endpoint.ToString(), " ", summary.place.host, "/",
      summary.place.netns, " ", summary.listener_count);
  for (const auto& [state, count] : summary.states)
    absl::StrAppend(&text, " ", static_cast<int>(state), ":", count);
  return text;
}

template <typename Value>
std::vector<std::string> DescribeAll(const std::vector<Value>& values) {
  std::vector<std::string> texts;
  for (const Value& value : values) texts.push_back(Describe(value));
  return texts;
}

template <typename Value>
std::vector<std::string> Sorted(const std::vector<Value>& values) {
  std::vector<std::string> texts = DescribeAll(values);
  std::sort(texts.begin(), texts.end());
  return texts;
}

std::string DescribeFound(const FoundConnections& found) {
  return absl::StrJoin(Sorted(found.connections), "\n");
}
std::string DescribeFound(const FoundListeners& found) {
  return absl::StrCat("listeners of ", found.endpoint.ToString(), ": ",
                      absl::StrJoin(Sorted(found.listeners), "\n"));
}
// Of those that ended at one moment any may come first, and be left out.
std::string DescribeFound(const Absent& absent) {
  std::string text = absl::StrCat("absent ", static_cast<int>(absent.reason),
                                  " since ", absl::ToUnixSeconds(absent.since));
  if (absent.closed.size() <= 16)
    absl::StrAppend(&text, "\n", absl::StrJoin(Sorted(absent.closed), "\n"));
  return text;
}
std::string Describe(const LookupFinding& finding) {
  return std::visit([](const auto& found) { return DescribeFound(found); },
                    finding);
}

std::string Describe(const BriefEnd& end) {
  if (end.reporter == nullptr) return "nothing";
  return absl::StrCat(Describe(*end.reporter), "/", end.netns, " ", end.cookie,
                      " ", static_cast<int>(end.state), " ",
                      end.owners->processes().size());
}

std::string Describe(const BriefConnection& connection) {
  std::string text = absl::StrCat(Describe(connection.client), " > ",
                                  Describe(connection.server), " ",
                                  static_cast<int>(connection.order), " ",
                                  static_cast<int>(connection.evidence));
  if (connection.one_sided)
    absl::StrAppend(&text, " one-sided ",
                    static_cast<int>(*connection.one_sided));
  return text;
}

// What a batch tells of `found`, whose only connection has the ends of `asked`.
BriefConnection BriefOf(const FourTuple& asked, const FoundConnections& found) {
  const Connection& connection = found.connections.front();
  BriefConnection brief{.evidence = connection.evidence,
                        .one_sided = connection.one_sided};
  if (connection.client && !asked.is_self()) {
    brief.order = connection.client == asked.local() ? TupleOrder::kAsAsked
                                                     : TupleOrder::kReversed;
  }
  const auto set = [&](const Observation& side) {
    const BriefEnd end{.reporter = &side.reporter(),
                       .netns = side.facts.socket.netns,
                       .owners = &side.facts.socket.owners,
                       .state = side.facts.state,
                       .cookie = side.facts.socket.cookie};
    if (side.facts.tuple.local() == asked.local()) brief.client = end;
    if (side.facts.tuple.local() == asked.remote()) brief.server = end;
  };
  set(connection.first);
  if (connection.second) set(*connection.second);
  return brief;
}

// `finding` as one that it may have been told briefly as is described.
std::string Describe(const FourTuple& asked, const LookupFinding& finding) {
  const auto* found = std::get_if<FoundConnections>(&finding);
  return found != nullptr && found->connections.size() == 1
             ? Describe(BriefOf(asked, *found))
             : Describe(finding);
}
std::string Describe(const FourTuple& asked, const BatchFinding& finding) {
  const auto* brief = std::get_if<BriefConnection>(&finding);
  return brief != nullptr ? Describe(*brief)
                          : Describe(asked, std::get<LookupFinding>(finding));
}

// The places of the rows that listings show for `scope` and `endpoint` without
// the help of their other ends, with what tells their lives apart.
std::set<std::string> ShownIn(const std::vector<Observation>& rows,
                              const ConnectionQuery& query) {
  std::set<std::string> shown;
  for (const Observation& row : rows) {
    const Endpoint& local = row.facts.tuple.local();
    const Endpoint& remote = row.facts.tuple.remote();
    const bool matches =
        (query.scope.host.empty() || row.reporter().host == query.scope.host) &&
        (!query.endpoint || local == *query.endpoint ||
         remote == *query.endpoint);
    if (matches) shown.insert(PlaceOf(row));
  }
  return shown;
}

class RegistryPropertyTest : public RandomTest,
                             public testing::WithParamInterface<int> {
 protected:
  // A world so small that everything meets everything.
  std::string AnyHost() {
    return AnyOf(std::vector<std::string>{"a", "b", "c"});
  }
  std::string AnyNetwork() { return OneIn(4) ? "other" : "default"; }
  Reporter AnyReporter() {
    const std::string host = AnyHost();
    const std::string network = AnyNetwork();
    if (OneIn(3)) return Program(host, "app", network);
    Reporter agent = Agent(host, network);
    if (OneIn(3)) agent.name = "agent2";
    return agent;
  }
  // Each namespace has an address on the same interface.
  static LocalPrefix LocalAt(const IpAddress& address) {
    if (address.is_loopback()) return {Prefix(address), "lo"};
    return {Prefix(address), address.bytes()[15] % 2 == 0 ? "eth0" : "eth1"};
  }
  const Endpoint& AnyEndpoint() { return AnyOf(endpoints_); }
  FourTuple AnyTuple() {
    return FourTuple::Create(AnyEndpoint(), AnyEndpoint()).value();
  }
  Socket AnySocket() {
    return {.netns = OneIn(4) ? "" : absl::StrCat(1 + Below(2)),
            .transport = OneIn(4) ? Transport::kUdp : Transport::kTcp,
            .cookie = Below(3)};
  }
  ConnectionFacts AnyConnection() {
    ConnectionFacts facts{.socket = AnySocket(), .tuple = AnyTuple()};
    if (facts.socket.transport == Transport::kTcp && OneIn(3))
      facts.state = ConnectionState::kCloseWait;
    if (OneIn(8)) facts.device = "eth0";
    return facts;
  }
  ListenerFacts AnyListener() {
    const Endpoint local =
        OneIn(2) ? AnyEndpoint() : At(absl::StrCat("*:", 1 + Below(2)));
    ListenerFacts facts{.socket = AnySocket(), .local = local};
    facts.v6_only = OneIn(4);
    if (OneIn(4))
      facts.device = AnyOf(std::vector<std::string>{"lo", "eth0", "eth1"});
    return facts;
  }
  Scope AnyScope() {
    Scope scope;
    if (OneIn(3)) scope.host = AnyHost();
    if (OneIn(3)) scope.network = AnyNetwork();
    if (OneIn(3)) scope.transport = AnySocket().transport;
    return scope;
  }

  void RegisterSome() {
    Registration registration{.reporter = AnyReporter(),
                              .ttl = absl::Seconds(1 + Below(20))};
    if (OneIn(2)) {
      NetworkNamespace& netns = registration.namespaces.emplace_back(
          NetworkNamespace{.netns = absl::StrCat(1 + Below(2))});
      for (size_t i = Below(3); i > 0; --i)
        netns.prefixes.push_back(LocalAt(AnyEndpoint().address()));
    }
    if (OneIn(4)) {
      registration.gaps.emplace();
      if (OneIn(2)) registration.gaps->push_back({GapKind::kSockets, ""});
      if (OneIn(2)) registration.gaps->push_back({GapKind::kProcesses, ""});
    }
    // Of several rows that there is no room for, which ones stay out depends on
    // the order of the shards, which the reference does not have.
    const bool is_tight =
        OneIn(8) ||
        reference_.observations() + reference_.listeners() + kMaxBatch >
            kMaxRows ||
        reference_.rows_of(registration.reporter) + kMaxBatch >
            kMaxRowsPerReporter;
    for (size_t i = is_tight ? 1 : Below(kMaxBatch + 1); i > 0; --i) {
      if (OneIn(4))
        registration.listeners.push_back(AnyListener());
      else if (is_tight || registration.connections.empty() || OneIn(2))
        registration.connections.push_back(AnyConnection());
    }
    const absl::StatusOr<RegistrationOutcome> outcome =
        registry_.Register(registration);
    ASSERT_THAT(outcome, IsOk());
    ASSERT_EQ(outcome->accepted, reference_.Register(registration));
  }

  void DeregisterSome() {
    Deregistration deregistration{.reporter = AnyReporter()};
    deregistration.all = OneIn(10);
    if (!deregistration.all && OneIn(3)) {
      const ListenerFacts facts = AnyListener();
      deregistration.listeners = {{facts.socket, facts.local, facts.device}};
    } else if (!deregistration.all) {
      const ConnectionFacts facts = AnyConnection();
      deregistration.connections = {{facts.socket, facts.tuple, facts.device}};
    }
    if (!deregistration.all && OneIn(3))
      deregistration.namespaces = {absl::StrCat(1 + Below(2))};
    ASSERT_EQ(registry_.Deregister(deregistration).value().removed,
              reference_.Deregister(deregistration));
  }

  void LetTimePass() {
    clock_.Advance(absl::Seconds(Below(3)));
    registry_.Advance();
    reference_.Advance();
  }

  void ChangeSomething() {
    switch (Below(3)) {
      case 0:
        return RegisterSome();
      case 1:
        return DeregisterSome();
      default:
        return LetTimePass();
    }
  }

  TuplePredicate AnyPredicate() {
    const FourTuple sought = AnyTuple().Canonical();
    const Transport its = OneIn(2) ? Transport::kTcp : Transport::kUdp;
    return [=](const FourTuple& tuple, Transport transport) {
      return tuple.Canonical() == sought && transport == its;
    };
  }

  void CompareLookup() {
    LookupQuestion question{AnyTuple(), AnyScope()};
    if (OneIn(2)) question.subject = AnyEndpoint();
    if (OneIn(3)) question.subject = AnyPredicate();
    ASSERT_EQ(Describe(registry_.Lookup(question).found),
              Describe(reference_.Lookup(question)));
  }

  void CompareBatch() {
    const Scope scope = AnyScope();
    BatchLookupQuestion batch{.network = scope.network, .host = scope.host};
    for (size_t i = 1 + Below(4); i > 0; --i)
      batch.tuples.push_back(AnyTuple());
    if (OneIn(2)) {
      for (size_t i = 0; i < batch.tuples.size(); ++i)
        batch.transports.push_back(AnyScope().transport);
    }
    const BatchLookupAnswer answer = registry_.BatchLookup(batch);
    ASSERT_EQ(answer.found.size(), batch.tuples.size());
    for (size_t i = 0; i < batch.tuples.size(); ++i) {
      const FourTuple& asked = batch.tuples[i];
      LookupQuestion question{asked, scope};
      question.scope.transport = batch.TransportOf(i);
      ASSERT_EQ(Describe(asked, answer.found[i]),
                Describe(asked, reference_.Lookup(question)));
    }
  }

  void CompareConnections() {
    ConnectionQuery query{.scope = AnyScope(),
                          .page_size = 1 + Below(5),
                          .show_closed = OneIn(2)};
    if (OneIn(2)) query.endpoint = AnyEndpoint();
    std::vector<Connection> listed;
    do {
      const ConnectionPage page = registry_.ListConnections(query);
      listed.insert(listed.end(), page.connections.begin(),
                    page.connections.end());
      query.after = page.next;
    } while (query.after);
    ASSERT_THAT(Sorted(listed),
                ContainerEq(Sorted(reference_.Connections(
                    query.scope, query.endpoint, query.show_closed))));
  }

  // A listing during which rows, first and second sides alike, come and go.
  void ListWhileThingsChange() {
    ConnectionQuery query{.page_size = 1 + Below(3)};
    if (OneIn(2)) query.scope.host = AnyHost();
    if (OneIn(3)) query.endpoint = AnyEndpoint();
    std::set<std::string> throughout = ShownIn(reference_.Shown(), query);
    std::map<std::string, int> seen;
    do {
      const ConnectionPage page = registry_.ListConnections(query);
      for (const Connection& connection : page.connections) {
        ++seen[PlaceOf(connection.first)];
        if (connection.second) ++seen[PlaceOf(*connection.second)];
      }
      query.after = page.next;
      for (size_t i = Below(3); i > 0 && query.after; --i) {
        ChangeSomething();
        const std::set<std::string> now = ShownIn(reference_.Shown(), query);
        std::erase_if(throughout, [&](const std::string& place) {
          return !now.contains(place);
        });
      }
    } while (query.after && !HasFatalFailure());
    for (const std::string& place : throughout)
      ASSERT_TRUE(seen.contains(place)) << place;
    for (const auto& [place, times] : seen) ASSERT_EQ(times, 1) << place;
  }

  void CompareEndpoints() {
    EndpointQuery query{.scope = AnyScope(), .page_size = 1 + Below(4)};
    if (query.scope.host.empty() || OneIn(2)) {
      query.prefix = OneIn(2) ? Prefix(AnyEndpoint().address())
                              : Prefix::Parse("10.0.0.0/30").value();
    }
    const std::vector<EndpointSummary> expected =
        reference_.Endpoints(query, places_);
    std::vector<EndpointSummary> listed;
    do {
      const EndpointPage page = registry_.ListEndpoints(query);
      ASSERT_LE(page.endpoints.size(), query.page_size);
      listed.insert(listed.end(), page.endpoints.begin(), page.endpoints.end());
      query.after = page.next;
    } while (query.after);
    ASSERT_THAT(DescribeAll(listed), ContainerEq(DescribeAll(expected)));
  }

  void CompareHosts() {
    std::map<HostKey, HostState> states;
    HostQuery query{.page_size = 1 + Below(3)};
    do {
      const HostPage page = registry_.ListHosts(query);
      for (const Host& host : page.hosts) states[host.key] = host.state;
      query.after = page.next;
    } while (query.after);
    ASSERT_EQ(states, reference_.Hosts());
    const std::string network = AnyNetwork();
    query.scope.network = network;
    const HostCounts counts = registry_.ListHosts(query).coverage.hosts;
    ASSERT_EQ(counts.gapped, reference_.GappedHosts(network));
    const auto in_state = [&](HostState state) {
      return std::count_if(states.begin(), states.end(), [&](const auto& host) {
        return host.first.network == network && host.second == state;
      });
    };
    ASSERT_EQ(counts.live, in_state(HostState::kLive));
    ASSERT_EQ(counts.stale, in_state(HostState::kStale));
    ASSERT_EQ(counts.expired, in_state(HostState::kExpired));
    ASSERT_EQ(counts.no_agent, in_state(HostState::kNoAgent));
  }

  void CompareSizes() {
    const RegistryStatus status = registry_.GetStatus();
    ASSERT_EQ(status.observations, reference_.observations());
    ASSERT_EQ(status.listeners, reference_.listeners());
    ASSERT_EQ(status.closed, reference_.closed());
  }

  void Step() {
    switch (Below(16)) {
      case 0:
        return CompareConnections();
      case 1:
        return ListWhileThingsChange();
      case 2:
        return OneIn(2) ? CompareEndpoints() : CompareHosts();
      case 3:
      case 4:
        return CompareBatch();
      case 5:
      case 6:
      case 7:
      case 8:
        return CompareLookup();
      default:
        return ChangeSomething();
    }
  }

  static std::vector<Endpoint> AllEndpoints(bool wildcard) {
    std::vector<std::string> addresses = {"10.0.0.1", "10.0.0.2", "10.0.0.3",
                                          "127.0.0.1"};
    if (wildcard) addresses.push_back("[::]");
    std::vector<Endpoint> endpoints;
    for (const std::string& address : addresses)
      for (const int port : {1, 2})
        endpoints.push_back(At(absl::StrCat(address, ":", port)));
    return endpoints;
  }

  Registry::Options Options() {
    Registry::Options options{.run_id = "run",
                              .hash_key = {Below(SIZE_MAX), 2}};
    options.limits.rows = kMaxRows;
    options.limits.rows_per_reporter = kMaxRowsPerReporter;
    options.limits.rows_per_four_tuple = kMaxRowsPerFourTuple;
    options.grace = absl::Seconds(5);
    options.closed_age = absl::Seconds(10);
    options.sync_time = absl::ZeroDuration();
    return options;
  }

  const std::vector<Endpoint> endpoints_ = AllEndpoints(/*wildcard=*/false);
  const std::vector<Endpoint> places_ = AllEndpoints(/*wildcard=*/true);
  FakeClock clock_;
  const Registry::Options options_ = Options();
  Registry registry_{options_, clock_};
  ReferenceRegistry reference_{options_, clock_};
};

TEST_P(RegistryPropertyTest, EqualsAListOfRows) {
  for (int step = 0; step < kOperations && !HasFatalFailure(); ++step) {
    SCOPED_TRACE(absl::StrCat("step ", step));
    Step();
    CompareSizes();
  }
}

INSTANTIATE_TEST_SUITE_P(InParts, RegistryPropertyTest,
                         testing::Range(0, kParts));

}  // namespace
}  // namespace connreg
