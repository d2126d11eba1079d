#include "service/core/registry.h"

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/facts.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Duration kTtl = absl::Seconds(60);

class RegistryTest : public testing::Test {
 protected:
  void Register(const Reporter& reporter,
                const std::vector<ConnectionFacts>& connections,
                const std::vector<ListenerFacts>& listeners = {},
                const std::vector<LocalAddresses>& addresses = {}) {
    ASSERT_THAT(registry_.Register({.reporter = reporter,
                                    .ttl = kTtl,
                                    .addresses = addresses,
                                    .listeners = listeners,
                                    .connections = connections}),
                IsOk());
  }
  std::vector<Connection> List(const Scope& scope = {}) {
    return registry_.ListConnections({.scope = scope, .page_size = 1000})
        .connections;
  }
  LookupAnswer Lookup(absl::string_view client, absl::string_view server,
                      const Scope& scope = {}) {
    return registry_.Lookup({Pair(client, server), scope});
  }
  LookupAnswer Lookup(absl::string_view endpoint, const Scope& scope = {}) {
    return registry_.Lookup({At(endpoint), scope});
  }

  FakeClock clock_;
  Registry registry_{{.run_id = "run", .hash_key = {1, 2}}, clock_};
};

TEST_F(RegistryTest, TwoHostsThatToldTheirAddressesMakeOneConnection) {
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")}, {},
           {Owned({"10.0.0.9"})});
  Register(Agent("db1"), {Tcp("10.0.0.5:5432", "10.0.0.9:51000")}, {},
           {Owned({"10.0.0.5"})});
  const std::vector<Connection> connections = List();
  ASSERT_THAT(connections, SizeIs(1));
  EXPECT_TRUE(connections[0].second.has_value());
  EXPECT_EQ(connections[0].one_sided, std::nullopt);
  EXPECT_THAT(List({.host = "db1"}), SizeIs(1));
  EXPECT_THAT(List({.host = "web2"}), IsEmpty());
}

TEST_F(RegistryTest, AConnectionToAHostThatDoesNotReportItIsNotReported) {
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")}, {},
           {Owned({"10.0.0.9"})});
  EXPECT_EQ(List()[0].one_sided, OneSidedReason::kUnmanaged);
  Register(Agent("db1"), {}, {}, {Owned({"10.0.0.5"})});
  EXPECT_EQ(List()[0].one_sided, OneSidedReason::kNotReported);
}

TEST_F(RegistryTest, EitherOrderOfTheEndsFindsTheConnection) {
  ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:5432");
  facts.role = Role::kClient;
  facts.evidence = RoleEvidence::kDeclared;
  Register(Agent("web1"), {facts});
  const auto order = [](const LookupAnswer& answer) {
    return std::get<FoundConnections>(answer.found).order;
  };
  EXPECT_EQ(order(Lookup("10.0.0.9:51000", "10.0.0.5:5432")),
            TupleOrder::kAsAsked);
  EXPECT_EQ(order(Lookup("10.0.0.5:5432", "10.0.0.9:51000")),
            TupleOrder::kReversed);
  EXPECT_EQ(order(Lookup("10.0.0.5:5432")), TupleOrder::kUnknown);
}

TEST_F(RegistryTest, WithoutAConnectionTheListenerAnswers) {
  Register(Agent("db1"), {}, {TcpListener("10.0.0.5:5432")});
  const auto found = [](const LookupAnswer& answer) {
    return std::get<FoundListeners>(answer.found);
  };
  EXPECT_EQ(found(Lookup("10.0.0.9:51000", "10.0.0.5:5432")).order,
            TupleOrder::kAsAsked);
  const FoundListeners reversed =
      found(Lookup("10.0.0.5:5432", "10.0.0.9:51000"));
  EXPECT_EQ(reversed.order, TupleOrder::kReversed);
  EXPECT_EQ(reversed.endpoint, At("10.0.0.5:5432"));
  EXPECT_THAT(found(Lookup("10.0.0.5:5432")).listeners, SizeIs(1));
}

TEST_F(RegistryTest, WhatIsAbsentWasNotSeenSinceMemoryBegan) {
  const absl::Time start = clock_.Now();
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(std::get<Absent>(Lookup("10.0.0.5:5432").found).since, start);

  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")});
  registry_.Deregister({.reporter = Agent("web1"), .all = true});
  const Absent absent = std::get<Absent>(Lookup("10.0.0.5:5432").found);
  EXPECT_EQ(absent.reason, AbsentReason::kNotSeenSince);
  EXPECT_EQ(absent.since, clock_.Now());
}

TEST_F(RegistryTest, AHostThatNobodyReportsForIsSaidToBeUnknown) {
  const auto reason = [&](const std::string& host) {
    return std::get<Absent>(Lookup("10.0.0.5:80", {.host = host}).found).reason;
  };
  EXPECT_EQ(reason("web1"), AbsentReason::kNoSuchHost);
  Register(Program("web1"), {});
  EXPECT_EQ(reason("web1"), AbsentReason::kNotSeenSince);
}

TEST_F(RegistryTest, RowsGoWithTheirLeaseAndNotBefore) {
  Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")},
           {TcpListener("10.0.0.9:80")});
  clock_.Advance(kTtl - absl::Seconds(1));
  EXPECT_THAT(registry_.ExpireLeases(), IsEmpty());
  EXPECT_THAT(List(), SizeIs(1));

  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(registry_.ExpireLeases(), ElementsAre(Agent("web1")));
  EXPECT_THAT(List(), IsEmpty());
  EXPECT_EQ(registry_.GetStatus().listeners, 0u);
  EXPECT_EQ(registry_.GetStatus().coverage.live_hosts, 0u);
}

TEST_F(RegistryTest, OneReportersLapseLeavesTheOthersRows) {
  const ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:5432");
  Register(Program("web1"), {facts});
  clock_.Advance(kTtl / 2);
  Register(Agent("web1"), {facts});
  clock_.Advance(kTtl / 2);
  registry_.ExpireLeases();
  ASSERT_THAT(List(), SizeIs(1));
  EXPECT_EQ(List()[0].first.reporter(), Agent("web1"));
}

TEST_F(RegistryTest, DeregisteringCountsWhatWasThere) {
  const ConnectionFacts there = Tcp("10.0.0.9:51000", "10.0.0.5:5432");
  const ConnectionFacts absent = Tcp("10.0.0.9:51001", "10.0.0.5:5432");
  Register(Agent("web1"), {there}, {TcpListener("10.0.0.9:80")});
  const DeregistrationOutcome outcome = registry_.Deregister(
      {.reporter = Agent("web1"),
       .listeners = {{{}, At("10.0.0.9:80")}, {{}, At("10.0.0.9:81")}},
       .connections = {{{}, there.tuple}, {{}, absent.tuple}}});
  EXPECT_EQ(outcome.removed, 2u);
  EXPECT_EQ(outcome.absent, 2u);
  EXPECT_THAT(List(), IsEmpty());

  const DeregistrationOutcome stranger = registry_.Deregister(
      {.reporter = Agent("web2"), .connections = {{{}, there.tuple}}});
  EXPECT_EQ(stranger.absent, 1u);
}

TEST_F(RegistryTest, SayingTheSameAgainLeavesTheRevision) {
  const auto say = [&] {
    Register(Agent("web1"), {Tcp("10.0.0.9:51000", "10.0.0.5:5432")},
             {TcpListener("0.0.0.0:80")}, {Owned({"10.0.0.9"})});
  };
  say();
  const uint64_t revision = registry_.GetStatus().coverage.revision;
  EXPECT_EQ(revision, 3u);
  say();
  EXPECT_EQ(registry_.GetStatus().coverage.revision, revision);
}

TEST_F(RegistryTest, MoreThanALookupHoldsIsCutAndSaidSo) {
  std::vector<ConnectionFacts> rows;
  for (int port = 10000; port < 11001; ++port)
    rows.push_back(Tcp("10.0.0.5:5432", absl::StrCat("10.0.0.9:", port)));
  Register(Agent("db1"), rows);
  const LookupAnswer answer = Lookup("10.0.0.5:5432");
  EXPECT_THAT(std::get<FoundConnections>(answer.found).connections,
              SizeIs(1000));
  EXPECT_TRUE(answer.coverage.truncated);
  EXPECT_FALSE(Lookup("10.0.0.9:10000").coverage.truncated);
}

TEST_F(RegistryTest, AnswersAreNotLargerThanClientsCanRead) {
  std::vector<Process> processes;
  for (int32_t pid = 1; pid <= 1000; ++pid)
    processes.push_back({.pid = pid, .name = std::string(64, 'x')});
  std::vector<ConnectionFacts> rows;
  for (int port = 1000; port < 1100; ++port) {
    rows.push_back(Tcp("10.0.0.5:5432", absl::StrCat("10.0.0.9:", port)));
    rows.back().socket.owners = Owners::Known(processes);
  }
  Register(Agent("db1"), rows);
  const LookupAnswer answer = Lookup("10.0.0.5:5432");
  EXPECT_LT(std::get<FoundConnections>(answer.found).connections.size(), 20u);
  EXPECT_TRUE(answer.coverage.truncated);

  ConnectionQuery query{.page_size = 1000};
  size_t listed = 0;
  do {
    const ConnectionPage page = registry_.ListConnections(query);
    EXPECT_LT(page.connections.size(), 20u);
    listed += page.connections.size();
    query.after = page.next;
  } while (query.after);
  EXPECT_EQ(listed, rows.size());
}

TEST_F(RegistryTest, TheLastPageIsKnownToBeTheLast) {
  std::vector<ConnectionFacts> rows;
  for (int port = 1000; port < 1010; ++port)
    rows.push_back(Tcp("10.0.0.5:5432", absl::StrCat("10.0.0.9:", port)));
  Register(Agent("db1"), rows);
  const ConnectionPage first = registry_.ListConnections({.page_size = 5});
  EXPECT_THAT(first.connections, SizeIs(5));
  ASSERT_TRUE(first.next.has_value());
  const ConnectionPage second =
      registry_.ListConnections({.page_size = 5, .after = first.next});
  EXPECT_THAT(second.connections, SizeIs(5));
  EXPECT_FALSE(second.next.has_value());
}

TEST_F(RegistryTest, ConnectionsOfOneFourTupleAreNotPartedByAPage) {
  ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:5432");
  std::vector<ConnectionFacts> rows;
  for (const char* netns : {"1", "2", "3"}) {
    facts.socket.netns = netns;
    rows.push_back(facts);
  }
  Register(Agent("web1"), rows);
  const ConnectionPage page = registry_.ListConnections({.page_size = 1});
  EXPECT_THAT(page.connections, SizeIs(3));
  EXPECT_FALSE(page.next.has_value());
}

TEST_F(RegistryTest, WhatFollowsAFourTupleThatFillsItsPageIsOnTheNext) {
  std::vector<ConnectionFacts> rows;
  for (int port = 1000; port < 1010; ++port) {
    for (const char* netns : {"1", "2", "3"}) {
      rows.push_back(Tcp("10.0.0.5:5432", absl::StrCat("10.0.0.9:", port)));
      rows.back().socket.netns = netns;
    }
  }
  Register(Agent("db1"), rows);
  ConnectionQuery query{.page_size = 1};
  size_t listed = 0;
  do {
    const ConnectionPage page = registry_.ListConnections(query);
    EXPECT_THAT(page.connections, SizeIs(3));
    listed += page.connections.size();
    query.after = page.next;
  } while (query.after);
  EXPECT_EQ(listed, rows.size());
}

// A clock that does something else the first time that it is asked for the
// time of day after it was armed.
class InterruptingClock : public FakeClock {
 public:
  absl::Time Now() const override {
    if (interrupt_) std::exchange(interrupt_, nullptr)();
    return FakeClock::Now();
  }
  void Arm(std::function<void()> interrupt) {
    interrupt_ = std::move(interrupt);
  }

 private:
  mutable std::function<void()> interrupt_;
};

TEST(RegistryLeaseTest, ALeaseThatEndsWhileRowsAreAddedLeavesNone) {
  InterruptingClock clock;
  Registry registry({.run_id = "run", .hash_key = {1, 2}}, clock);
  clock.Arm([&] {
    clock.Advance(kTtl);
    registry.ExpireLeases();
  });
  const Registration registration{
      .reporter = Agent("web1"),
      .ttl = kTtl,
      .addresses = {Owned({"10.0.0.9"})},
      .listeners = {TcpListener("0.0.0.0:80")},
      .connections = {Tcp("10.0.0.9:51000", "10.0.0.5:5432")}};
  const absl::Status status = registry.Register(registration);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(DetailOf(status)->reason, "LEASE_ENDED");
  EXPECT_EQ(registry.GetStatus().observations, 0u);
  EXPECT_EQ(registry.GetStatus().listeners, 0u);

  EXPECT_THAT(registry.Register(registration), IsOk());
  EXPECT_EQ(registry.GetStatus().observations, 1u);
}

}  // namespace
}  // namespace connreg
