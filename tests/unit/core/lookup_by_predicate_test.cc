// What lookups find that ask for the four-tuples which have something.

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/core/registry_fixture.h"

namespace connreg {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TuplePredicate Is(const ConnectionFacts& facts) {
  return [facts](const FourTuple& tuple, Transport transport) {
    return tuple.Canonical() == facts.tuple.Canonical() &&
           transport == facts.socket.transport;
  };
}

class LookupByPredicateTest : public RegistryFixture {
 protected:
  explicit LookupByPredicateTest(
      const Registry::Options& options = OptionsWith())
      : RegistryFixture(options) {}

  LookupAnswer LookupBy(const TuplePredicate& predicate,
                        const Scope& scope = {}) {
    return registry_.Lookup({predicate, scope});
  }

  const ConnectionFacts tcp_ = Tcp("10.0.0.9:51000", "10.0.0.5:53");
  const ConnectionFacts udp_ = Udp("10.0.0.9:51000", "10.0.0.5:53");
};

TEST_F(LookupByPredicateTest, FindsTheConnectionWithBothItsEnds) {
  Register(Agent("web1"), {tcp_, Tcp("10.0.0.9:51001", "10.0.0.5:53")}, {},
           {Owned({"10.0.0.9"})});
  Register(Agent("db1"), {Tcp("10.0.0.5:53", "10.0.0.9:51000")}, {},
           {Owned({"10.0.0.5"})});
  const LookupAnswer answer = LookupBy(Is(tcp_));
  ASSERT_THAT(ConnectionsOf(answer), SizeIs(1));
  EXPECT_TRUE(ConnectionsOf(answer)[0].second.has_value());
  EXPECT_EQ(std::get<FoundConnections>(answer.found).order,
            TupleOrder::kUnknown);
}

TEST_F(LookupByPredicateTest, FindsOnlyTheTransportThatHasIt) {
  Register(Agent("web1"), {tcp_, udp_});
  const LookupAnswer answer = LookupBy(Is(udp_));
  ASSERT_THAT(ConnectionsOf(answer), SizeIs(1));
  EXPECT_EQ(ConnectionsOf(answer)[0].first.facts.socket.transport,
            Transport::kUdp);
  EXPECT_EQ(ReasonOf(LookupBy(Is(udp_), {.transport = Transport::kTcp})),
            AbsentReason::kNotSeenSince);
}

TEST_F(LookupByPredicateTest, FindsItInEveryNetworkAndOnEveryHost) {
  const ConnectionFacts loopback = Tcp("127.0.0.1:40000", "127.0.0.1:6379");
  for (const char* network : {"blue", "green"})
    Register(Agent("web1", network), {tcp_, loopback});
  Register(Agent("web2", "green"), {loopback});
  EXPECT_THAT(ConnectionsOf(LookupBy(Is(tcp_))), SizeIs(2));
  EXPECT_THAT(ConnectionsOf(LookupBy(Is(loopback))), SizeIs(3));
  EXPECT_THAT(ConnectionsOf(LookupBy(Is(loopback), {.network = "green"})),
              SizeIs(2));
  EXPECT_THAT(ConnectionsOf(LookupBy(Is(loopback), {.host = "web2"})),
              SizeIs(1));
}

TEST_F(LookupByPredicateTest, FindsAllFourTuplesThatHaveIt) {
  Register(Agent("web1"), {tcp_, udp_, Tcp("10.0.0.9:51001", "10.0.0.5:53")});
  EXPECT_THAT(
      ConnectionsOf(LookupBy([](const FourTuple&, Transport) { return true; })),
      SizeIs(3));
}

TEST_F(LookupByPredicateTest, AsksForEachFourTupleOnceHoweverManyThereAre) {
  std::vector<ConnectionFacts> rows;
  for (int i = 0; i < 5'000; ++i) {
    const std::string client = absl::StrCat("10.0.0.9:", 10'000 + i);
    rows.push_back(Tcp(client, "10.0.0.5:5432"));
    rows.push_back(Tcp("10.0.0.5:5432", client));
  }
  Register(Agent("web1"), rows);
  size_t asked = 0;
  const auto last = Is(rows.back());
  const LookupAnswer answer =
      LookupBy([&](const FourTuple& tuple, Transport transport) {
        ++asked;
        return last(tuple, transport);
      });
  EXPECT_THAT(ConnectionsOf(answer), SizeIs(1));
  EXPECT_EQ(asked, 5'000);
}

TEST_F(LookupByPredicateTest, FindsWhatHasEnded) {
  Register(Agent("web1"), {tcp_});
  Deregister(Agent("web1"), {tcp_});
  const LookupAnswer answer = LookupBy(Is(tcp_));
  EXPECT_EQ(ReasonOf(answer), AbsentReason::kClosed);
  EXPECT_THAT(AbsentOf(answer).closed, SizeIs(1));
}

TEST_F(LookupByPredicateTest, OfOneThatHasEndedTheListenersAnswer) {
  Register(Agent("db1"), {Tcp("10.0.0.5:53", "10.0.0.9:51000")},
           {TcpListener("10.0.0.5:53")});
  Deregister(Agent("db1"), {Tcp("10.0.0.5:53", "10.0.0.9:51000")});
  const LookupAnswer answer = LookupBy(Is(tcp_));
  const auto& found = std::get<FoundListeners>(answer.found);
  EXPECT_THAT(found.listeners, SizeIs(1));
  EXPECT_EQ(found.endpoint, At("10.0.0.5:53"));
  EXPECT_EQ(found.order, TupleOrder::kUnknown);
  EXPECT_THAT(found.closed, SizeIs(1));
}

TEST_F(LookupByPredicateTest, WhatIsNotKnownIsAbsentSinceMemoryBegan) {
  Register(Agent("db1"), {}, {TcpListener("10.0.0.5:53")});
  const LookupAnswer answer = LookupBy(Is(tcp_));
  EXPECT_EQ(ReasonOf(answer), AbsentReason::kNotSeenSince);
  EXPECT_EQ(AbsentOf(answer).since, start_);
  EXPECT_THAT(AbsentOf(answer).closed, IsEmpty());
  EXPECT_EQ(answer.coverage.hosts.live, 1);
}

TEST_F(LookupByPredicateTest, ASilentHostIsTheReasonOnlyWhereItIsNamed) {
  Register(Agent("db1"), {}, {}, {Owned({"10.0.0.5"})});
  Pass(kTtl + absl::Seconds(1));
  EXPECT_EQ(ReasonOf(LookupBy(Is(tcp_))), AbsentReason::kNotSeenSince);
  const LookupAnswer named = LookupBy(Is(tcp_), {.host = "db1"});
  EXPECT_EQ(ReasonOf(named), AbsentReason::kHostStale);
  EXPECT_THAT(AbsentOf(named).stale_hosts, SizeIs(1));
}

TEST_F(LookupByPredicateTest, AHostThatNobodyReportsForIsTheReason) {
  EXPECT_EQ(ReasonOf(LookupBy(Is(tcp_), {.host = "db1"})),
            AbsentReason::kNoSuchHost);
}

class SyncingLookupByPredicateTest : public LookupByPredicateTest {
 protected:
  SyncingLookupByPredicateTest() : LookupByPredicateTest(Syncing()) {}

  static Registry::Options Syncing() {
    Registry::Options options = OptionsWith();
    options.sync_time = absl::Seconds(40);
    return options;
  }
};

TEST_F(SyncingLookupByPredicateTest, MayNotHaveComeBackYet) {
  EXPECT_EQ(ReasonOf(LookupBy(Is(tcp_))), AbsentReason::kSyncing);
}

}  // namespace
}  // namespace connreg
