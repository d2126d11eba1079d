// The sharded, indexed registry against a list of rows that is searched from
// end to end. Both use the same pure rules of views and joins, which have tests
// of their own; what is compared is everything around them.

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "service/core/registry.h"
#include "service/model/join.h"
#include "service/model/views.h"
#include "tests/property/seed.h"
#include "tests/support/facts.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using ::testing::ContainerEq;

std::string Describe(const Observation& row) {
  const ConnectionFacts& facts = row.facts;
  return absl::StrCat(row.reporter().network, "/", row.reporter().host, "/",
                      row.reporter().name, "/", facts.socket.netns, " ",
                      facts.socket.transport == Transport::kTcp ? "tcp" : "udp",
                      " ", facts.tuple.ToString(), " ", facts.socket.cookie,
                      " ", static_cast<int>(facts.state), " ",
                      absl::ToUnixNanos(row.provenance.first_seen), " ",
                      absl::ToUnixNanos(row.provenance.changed));
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

std::vector<std::string> Describe(const std::vector<Connection>& connections) {
  std::vector<std::string> texts;
  for (const Connection& connection : connections)
    texts.push_back(Describe(connection));
  std::sort(texts.begin(), texts.end());
  return texts;
}

// The plain registry.
class Reference {
 public:
  void Register(const Registration& registration, absl::Time now,
                absl::Duration monotonic) {
    const Reporter& reporter = registration.reporter;
    ends_[reporter] = monotonic + registration.ttl;
    for (const LocalAddresses& addresses : registration.addresses)
      addresses_[reporter][addresses.netns] = addresses.prefixes;
    for (const ConnectionFacts& facts : registration.connections)
      Put(reporter, facts, now);
  }

  size_t Deregister(const Reporter& reporter, const ConnectionName& name) {
    return std::erase_if(rows_, [&](const Observation& row) {
      return IsAt(row, reporter, name.socket, name.tuple) &&
             SameIncarnation(row.facts.socket, name.socket);
    });
  }

  void Remove(const Reporter& reporter) {
    ends_.erase(reporter);
    addresses_.erase(reporter);
    std::erase_if(rows_, [&](const Observation& row) {
      return row.reporter() == reporter;
    });
  }

  void Expire(absl::Duration monotonic) {
    std::vector<Reporter> ended;
    for (const auto& [reporter, end] : ends_)
      if (end <= monotonic) ended.push_back(reporter);
    for (const Reporter& reporter : ended) Remove(reporter);
  }

  template <typename Predicate>
  std::vector<std::string> Connections(Predicate keep) const {
    const auto owners = [&](const Reporter& asker, const IpAddress& address) {
      return Owners(asker, address);
    };
    std::vector<Connection> kept;
    for (const Connection& connection : Join(Representatives(rows_), owners))
      if (keep(connection)) kept.push_back(connection);
    return Describe(kept);
  }

  size_t size() const { return rows_.size(); }

 private:
  static bool IsAt(const Observation& row, const Reporter& reporter,
                   const Socket& socket, const FourTuple& tuple) {
    return row.reporter() == reporter && row.facts.tuple == tuple &&
           row.facts.socket.netns == socket.netns &&
           row.facts.socket.transport == socket.transport;
  }

  void Put(const Reporter& reporter, const ConnectionFacts& facts,
           absl::Time now) {
    for (Observation& row : rows_) {
      if (!IsAt(row, reporter, facts.socket, facts.tuple)) continue;
      if (!SameIncarnation(row.facts.socket, facts.socket)) {
        row.facts = facts;
        row.provenance.first_seen = row.provenance.changed = now;
      } else if (const ConnectionFacts next = Succeed(row.facts, facts);
                 next != row.facts) {
        row.facts = next;
        row.provenance.changed = now;
      }
      return;
    }
    rows_.push_back(
        {facts, {std::make_shared<const Reporter>(reporter), now, now}});
  }

  std::vector<HostNetns> Owners(const Reporter& asker,
                                const IpAddress& address) const {
    std::vector<HostNetns> owners;
    for (const auto& [reporter, by_netns] : addresses_) {
      if (reporter.network != asker.network) continue;
      if (address.is_host_local() && reporter.host != asker.host) continue;
      for (const auto& [netns, prefixes] : by_netns) {
        const bool owns =
            std::any_of(prefixes.begin(), prefixes.end(),
                        [&](const Prefix& p) { return p.Contains(address); });
        const HostNetns owner{reporter.host, netns};
        if (owns &&
            std::find(owners.begin(), owners.end(), owner) == owners.end())
          owners.push_back(owner);
      }
    }
    return owners;
  }

  std::map<Reporter, absl::Duration> ends_;
  std::map<Reporter, std::map<std::string, std::vector<Prefix>>> addresses_;
  std::vector<Observation> rows_;
};

class RegistryPropertyTest : public RandomTest {
 protected:
  // A world so small that everything meets everything.
  Reporter AnyReporter() {
    const std::string host = AnyOf(std::vector<std::string>{"a", "b", "c"});
    const std::string network = OneIn(4) ? "other" : "default";
    return OneIn(3) ? Program(host, "app", network) : Agent(host, network);
  }
  Endpoint AnyEndpoint() {
    static const std::vector<std::string> kAddresses = {
        "10.0.0.1", "10.0.0.2", "10.0.0.3", "127.0.0.1"};
    return At(absl::StrCat(AnyOf(kAddresses), ":", 1 + Below(2)));
  }
  ConnectionFacts AnyFacts() {
    ConnectionFacts facts{
        .socket = {.netns = OneIn(4) ? "" : absl::StrCat(1 + Below(2)),
                   .transport = OneIn(4) ? Transport::kUdp : Transport::kTcp,
                   .cookie = Below(3)},
        .tuple = FourTuple::Create(AnyEndpoint(), AnyEndpoint()).value()};
    if (facts.socket.transport == Transport::kTcp && OneIn(3))
      facts.state = ConnectionState::kCloseWait;
    return facts;
  }

  void RegisterSome() {
    Registration registration{.reporter = AnyReporter(),
                              .ttl = absl::Seconds(1 + Below(20))};
    if (OneIn(2)) {
      LocalAddresses& addresses = registration.addresses.emplace_back(
          LocalAddresses{.netns = absl::StrCat(1 + Below(2))});
      for (size_t i = Below(3); i > 0; --i)
        addresses.prefixes.push_back(Prefix(AnyEndpoint().address()));
    }
    for (size_t i = Below(6); i > 0; --i)
      registration.connections.push_back(AnyFacts());
    ASSERT_THAT(registry_.Register(registration), IsOk());
    reference_.Register(registration, clock_.Now(), clock_.Monotonic());
  }

  void DeregisterOne() {
    const Reporter reporter = AnyReporter();
    if (OneIn(10)) {
      registry_.Deregister({.reporter = reporter, .all = true});
      reference_.Remove(reporter);
      return;
    }
    const ConnectionFacts facts = AnyFacts();
    const ConnectionName name{facts.socket, facts.tuple};
    const DeregistrationOutcome outcome =
        registry_.Deregister({.reporter = reporter, .connections = {name}});
    ASSERT_EQ(outcome.removed, reference_.Deregister(reporter, name));
  }

  void LetTimePass() {
    clock_.Advance(absl::Seconds(Below(3)));
    registry_.ExpireLeases();
    reference_.Expire(clock_.Monotonic());
  }

  void CompareLookup() {
    const FourTuple tuple =
        FourTuple::Create(AnyEndpoint(), AnyEndpoint()).value();
    const bool by_endpoint = OneIn(2);
    LookupQuestion question{tuple, {}};
    if (by_endpoint) question.subject = tuple.local();
    if (OneIn(3)) question.scope.host = AnyReporter().host;
    if (OneIn(3)) question.scope.network = AnyReporter().network;
    const LookupAnswer answer = registry_.Lookup(question);
    const auto* found = std::get_if<FoundConnections>(&answer.found);
    const auto matches = [&](const Connection& connection) {
      const FourTuple& of = connection.first.facts.tuple;
      const bool is_asked = by_endpoint ? of.local() == tuple.local() ||
                                              of.remote() == tuple.local()
                                        : of.Canonical() == tuple.Canonical();
      return is_asked && InScope(question.scope, connection);
    };
    ASSERT_THAT(
        found ? Describe(found->connections) : std::vector<std::string>(),
        ContainerEq(reference_.Connections(matches)));
  }

  void CompareList() {
    ConnectionQuery query{.page_size = 1 + Below(5)};
    if (OneIn(2)) query.scope.host = AnyReporter().host;
    if (OneIn(2)) query.endpoint = AnyEndpoint();
    std::vector<Connection> listed;
    while (true) {
      const ConnectionPage page = registry_.ListConnections(query);
      listed.insert(listed.end(), page.connections.begin(),
                    page.connections.end());
      if (!page.next) break;
      query.after = page.next;
    }
    const auto matches = [&](const Connection& connection) {
      const FourTuple& of = connection.first.facts.tuple;
      return (!query.endpoint || of.local() == *query.endpoint ||
              of.remote() == *query.endpoint) &&
             InScope(query.scope, connection);
    };
    ASSERT_THAT(Describe(listed), ContainerEq(reference_.Connections(matches)));
  }

  static bool InScope(const Scope& scope, const Connection& connection) {
    const Reporter& first = connection.first.reporter();
    return (scope.network.empty() || first.network == scope.network) &&
           (scope.host.empty() || first.host == scope.host ||
            (connection.second &&
             connection.second->reporter().host == scope.host));
  }

  FakeClock clock_;
  Registry registry_{{.run_id = "run", .hash_key = {Below(SIZE_MAX), 2}},
                     clock_};
  Reference reference_;
};

TEST_F(RegistryPropertyTest, EqualsAListOfRows) {
  for (int step = 0; step < 10'000 && !HasFatalFailure(); ++step) {
    SCOPED_TRACE(absl::StrCat("step ", step));
    switch (Below(5)) {
      case 0:
        RegisterSome();
        break;
      case 1:
        DeregisterOne();
        break;
      case 2:
        LetTimePass();
        break;
      case 3:
        CompareLookup();
        break;
      case 4:
        CompareList();
        break;
    }
    ASSERT_EQ(registry_.GetStatus().observations, reference_.size());
  }
}

}  // namespace
}  // namespace connreg
