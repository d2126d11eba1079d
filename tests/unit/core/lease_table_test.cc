#include "service/core/lease_table.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/facts.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Duration kTtl = absl::Seconds(10);
constexpr absl::Duration kGrace = absl::Seconds(30);
constexpr absl::Duration kMemory = absl::Hours(1);

class LeaseTableTest : public testing::Test {
 protected:
  LeasePtr Renew(const Reporter& reporter, absl::Duration ttl = kTtl) {
    return leases_.Renew(reporter, ttl).value();
  }
  LeaseTable::Lapses Pass(absl::Duration duration) {
    clock_.Advance(duration);
    return leases_.Lapse();
  }
  // The leases that end when so much time has passed, and those that do since
  // their host expires.
  std::vector<LeasePtr> EndedAfter(absl::Duration duration) {
    std::vector<LeasePtr> leases;
    for (const auto& [lease, expired] : Pass(duration).ends)
      if (!expired) leases.push_back(lease);
    return leases;
  }
  std::vector<LeasePtr> ExpiredAfter(absl::Duration duration) {
    std::vector<LeasePtr> leases;
    for (const auto& [lease, expired] : Pass(duration).ends)
      if (expired) leases.push_back(lease);
    return leases;
  }
  // Makes the host of one agent expired.
  void Expire(const Reporter& agent) {
    Renew(agent);
    Pass(kTtl);
    Pass(kGrace);
  }
  std::vector<Host> Hosts(const Scope& scope = {}) {
    return leases_.List({.scope = scope}, SIZE_MAX);
  }
  std::optional<HostState> StateOf(const std::string& host) {
    const std::vector<Host> hosts = Hosts({.host = host});
    if (hosts.empty()) return std::nullopt;
    return hosts[0].state;
  }
  std::vector<std::string> Names(const HostQuery& query,
                                 size_t limit = SIZE_MAX) {
    std::vector<std::string> names;
    for (const Host& host : leases_.List(query, limit))
      names.push_back(absl::StrCat(host.key.name, "/", host.key.network));
    return names;
  }

  FakeClock clock_;
  const absl::Time start_ = clock_.Now();
  LeaseTable leases_{{.grace = kGrace, .memory = kMemory, .max_reporters = 4},
                     clock_};
};

TEST_F(LeaseTableTest, ALeaseLapsesWhenItsTimeIsOverAndNotBefore) {
  const LeasePtr lease = Renew(Program("web1"));
  EXPECT_THAT(EndedAfter(kTtl - absl::Nanoseconds(1)), IsEmpty());
  EXPECT_TRUE(leases_.Has(lease->id));

  EXPECT_THAT(EndedAfter(absl::Nanoseconds(1)), ElementsAre(lease));
  EXPECT_FALSE(leases_.Has(lease->id));
}

TEST_F(LeaseTableTest, RenewingKeepsTheLeaseAndCountsFromNow) {
  const LeasePtr lease = Renew(Program("web1"));
  clock_.Advance(absl::Seconds(9));
  EXPECT_EQ(Renew(Program("web1")), lease);
  EXPECT_THAT(EndedAfter(absl::Seconds(9)), IsEmpty());
  EXPECT_EQ(leases_.size(), 1u);
}

TEST_F(LeaseTableTest, AShorterTimeTakesTheLongerOnesPlace) {
  Renew(Program("web1"), absl::Hours(1));
  const LeasePtr lease = Renew(Program("web1"), absl::Seconds(1));
  EXPECT_THAT(EndedAfter(absl::Seconds(1)), ElementsAre(lease));
}

TEST_F(LeaseTableTest, AReporterThatComesBackGetsAnotherLease) {
  const LeasePtr first = Renew(Program("web1"));
  Pass(kTtl);
  const LeasePtr second = Renew(Program("web1"));
  EXPECT_GT(second->id, first->id);
  EXPECT_FALSE(leases_.Has(first->id));
}

TEST_F(LeaseTableTest, TheTimeOfDayEndsNothing) {
  const LeasePtr lease = Renew(Program("web1"));
  clock_.StepTimeOfDay(absl::Hours(24));
  EXPECT_THAT(leases_.Lapse().ends, IsEmpty());
  clock_.StepTimeOfDay(-absl::Hours(48));
  EXPECT_THAT(EndedAfter(kTtl), ElementsAre(lease));
}

TEST_F(LeaseTableTest, ReportersOfOneNameOnTwoHostsAreTwo) {
  Renew(Program("web1"));
  EXPECT_EQ(leases_.Find(Program("web2")), nullptr);
  EXPECT_EQ(leases_.Find(Program("web1", "app", "other")), nullptr);
  EXPECT_NE(leases_.Find(Program("web1")), nullptr);
}

TEST_F(LeaseTableTest, EndingWhatIsNotThereIsNothing) {
  EXPECT_EQ(leases_.End(Agent("web1")), nullptr);
}

// ---- States of hosts ----

TEST_F(LeaseTableTest, OnlyAgentsMakeAHostLive) {
  Renew(Program("web1"));
  EXPECT_EQ(StateOf("web1"), HostState::kNoAgent);
  EXPECT_EQ(leases_.Count({}).live, 0u);

  Renew(Agent("web1"));
  Renew(Agent("web1", "other"));
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  EXPECT_EQ(leases_.Count({}).live, 2u);

  leases_.End(Agent("web1"));
  EXPECT_EQ(StateOf("web1"), HostState::kNoAgent);
  leases_.End(Program("web1"));
  EXPECT_THAT(Hosts({.network = "default"}), IsEmpty());
  EXPECT_EQ(leases_.Count({}).live, 1u);
}

TEST_F(LeaseTableTest, AHostThatGoesLiveIsToldOnceForEachTimeItDoes) {
  Renew(Program("web1"));
  const LeasePtr first = Renew(Agent("web1"));
  Reporter other = Agent("web1");
  other.name = "other";
  Renew(other);
  leases_.End(other);
  EXPECT_THAT(leases_.Lapse().live, ElementsAre(first));
  Renew(Agent("web1"));
  EXPECT_THAT(leases_.Lapse().live, IsEmpty());

  Pass(kTtl);
  Renew(Agent("web1"));
  EXPECT_THAT(leases_.Lapse().live, ElementsAre(first));

  Pass(kTtl);
  Pass(kGrace);
  const LeasePtr second = Renew(Agent("web1"));
  EXPECT_THAT(leases_.Lapse().live, ElementsAre(second));
}

TEST_F(LeaseTableTest, AnAgentsLapsedLeaseMakesItsHostStaleAndIsKept) {
  const LeasePtr lease = Renew(Agent("web1"));
  const LeaseTable::Lapses lapses = Pass(kTtl);
  EXPECT_THAT(lapses.stale, ElementsAre(lease));
  EXPECT_THAT(lapses.ends, IsEmpty());
  EXPECT_EQ(lease->stale_since(), start_ + kTtl);
  EXPECT_TRUE(leases_.Has(lease->id));
  EXPECT_EQ(leases_.Find(Agent("web1")), lease);
  EXPECT_EQ(StateOf("web1"), HostState::kStale);
  EXPECT_EQ(leases_.StaleSince({"web1", "default"}), start_ + kTtl);
  EXPECT_EQ(leases_.Count({}).live, 0u);
  EXPECT_EQ(leases_.Count({}).stale, 1u);
}

TEST_F(LeaseTableTest, AStaleHostExpiresAfterTheGraceAndNotBefore) {
  const LeasePtr lease = Renew(Agent("web1"));
  Pass(kTtl);
  EXPECT_THAT(ExpiredAfter(kGrace - absl::Nanoseconds(1)), IsEmpty());
  EXPECT_THAT(ExpiredAfter(absl::Nanoseconds(1)), ElementsAre(lease));
  EXPECT_FALSE(leases_.Has(lease->id));
  EXPECT_EQ(StateOf("web1"), HostState::kExpired);
  EXPECT_EQ(leases_.StaleSince({"web1", "default"}), std::nullopt);
  EXPECT_EQ(leases_.Count({}).stale, 0u);
}

TEST_F(LeaseTableTest, TheGraceBeginsWhenTheLapseIsNoticed) {
  Renew(Agent("web1"));
  EXPECT_THAT(ExpiredAfter(kTtl + kGrace), IsEmpty());
  EXPECT_EQ(StateOf("web1"), HostState::kStale);
}

TEST_F(LeaseTableTest, AnAgentThatIsBackBeforeTheExpiryKeepsItsLease) {
  const LeasePtr lease = Renew(Agent("web1"));
  Pass(kTtl);
  Pass(kGrace - absl::Seconds(1));
  EXPECT_EQ(Renew(Agent("web1")), lease);
  EXPECT_EQ(lease->stale_since(), std::nullopt);
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  EXPECT_EQ(leases_.Count({}).live, 1u);
  EXPECT_EQ(leases_.Count({}).stale, 0u);
  EXPECT_THAT(ExpiredAfter(absl::Seconds(1)), IsEmpty());
  EXPECT_TRUE(leases_.Has(lease->id));
}

TEST_F(LeaseTableTest, AProgramsLapsedLeaseEndsAndLeavesTheHostsState) {
  Renew(Agent("web1"), absl::Hours(1));
  const LeasePtr program = Renew(Program("web1"));
  EXPECT_THAT(EndedAfter(kTtl), ElementsAre(program));
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
}

TEST_F(LeaseTableTest, AProgramDoesNotKeepItsHostFromGoingStale) {
  Renew(Program("web1"), absl::Hours(1));
  Renew(Agent("web1"));
  Pass(kTtl);
  EXPECT_EQ(StateOf("web1"), HostState::kStale);
  Renew(Program("web1"), absl::Hours(1));
  EXPECT_EQ(StateOf("web1"), HostState::kStale);
}

TEST_F(LeaseTableTest, BesideAnotherAgentALapsedLeaseEndsAtOnce) {
  const LeasePtr first = Renew(Agent("web1"));
  Reporter other = Agent("web1");
  other.name = "other";
  Renew(other, absl::Hours(1));
  EXPECT_THAT(EndedAfter(kTtl), ElementsAre(first));
  EXPECT_EQ(first->stale_since(), std::nullopt);
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
}

TEST_F(LeaseTableTest, AStaleLeaseEndsOneLeaseAfterAnotherAgentBegan) {
  const LeasePtr first = Renew(Agent("web1"));
  Pass(kTtl);
  Reporter other = Agent("web1");
  other.name = "other";
  Renew(other);
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  EXPECT_THAT(EndedAfter(kTtl - absl::Seconds(1)), IsEmpty());
  // Renewal does not put it off.
  Renew(other);
  EXPECT_THAT(EndedAfter(absl::Seconds(1)), ElementsAre(first));
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
}

TEST_F(LeaseTableTest, AnotherAgentDoesNotPutOffTheEndOfTheGrace) {
  const LeasePtr first = Renew(Agent("web1"));
  Pass(kTtl);
  Reporter other = Agent("web1");
  other.name = "other";
  Renew(other, 10 * kGrace);
  EXPECT_THAT(EndedAfter(kGrace), ElementsAre(first));
}

TEST_F(LeaseTableTest, AProgramDoesNotShortenAStaleLease) {
  const LeasePtr first = Renew(Agent("web1"));
  Pass(kTtl);
  Reporter other = Agent("web1");
  other.name = "other";
  Renew(other, kGrace);
  Renew(Program("web1"), absl::Seconds(1));
  Pass(absl::Seconds(1));
  EXPECT_TRUE(leases_.Has(first->id));
}

TEST_F(LeaseTableTest, OfTwoAgentsTheLastToLapseMakesTheHostStale) {
  Reporter other = Agent("web1");
  other.name = "other";
  const LeasePtr first = Renew(Agent("web1"));
  const LeasePtr second = Renew(other, 2 * kTtl);
  EXPECT_THAT(EndedAfter(kTtl), ElementsAre(first));
  EXPECT_THAT(Pass(kTtl).stale, ElementsAre(second));
  EXPECT_EQ(StateOf("web1"), HostState::kStale);
  EXPECT_THAT(ExpiredAfter(kGrace), ElementsAre(second));
}

TEST_F(LeaseTableTest, AHostOfOneNameInAnotherNetworkIsAnother) {
  Renew(Agent("web1", "vpc-a"));
  Renew(Agent("web1", "vpc-b"), absl::Hours(1));
  Pass(kTtl);
  EXPECT_EQ(leases_.StaleSince({"web1", "vpc-a"}), start_ + kTtl);
  EXPECT_EQ(leases_.StaleSince({"web1", "vpc-b"}), std::nullopt);
  EXPECT_EQ(leases_.Count({.host = "web1"}).live, 1u);
  EXPECT_EQ(leases_.Count({.host = "web1"}).stale, 1u);
  EXPECT_EQ(leases_.Count({.network = "vpc-a"}).stale, 1u);
  EXPECT_EQ(leases_.Count({.network = "vpc-a"}).live, 0u);
  EXPECT_EQ(leases_.Count({.network = "vpc-c"}).live, 0u);
}

// ---- Expired hosts ----

TEST_F(LeaseTableTest, AnExpiredHostIsRememberedForATime) {
  Expire(Agent("web1"));
  Pass(kMemory - absl::Nanoseconds(1));
  EXPECT_EQ(StateOf("web1"), HostState::kExpired);
  Pass(absl::Nanoseconds(1));
  EXPECT_EQ(StateOf("web1"), std::nullopt);
}

TEST_F(LeaseTableTest, NoMoreExpiredHostsAreRememberedThanReportersMayBe) {
  for (int i = 1; i <= 6; ++i) {
    Expire(Agent(absl::StrCat("web", i)));
    clock_.Advance(absl::Seconds(1));
  }
  EXPECT_THAT(Names({.state = HostState::kExpired}),
              ElementsAre("web3/default", "web4/default", "web5/default",
                          "web6/default"));
}

TEST_F(LeaseTableTest, AHostThatCameBackIsNotOneOfTheExpired) {
  Expire(Agent("web1"));
  for (int i = 1; i <= 6; ++i) {
    Expire(Agent("flapping"));
    Renew(Agent("flapping"));
    leases_.End(Agent("flapping"));
  }
  EXPECT_EQ(StateOf("web1"), HostState::kExpired);
  EXPECT_EQ(StateOf("flapping"), std::nullopt);
}

TEST_F(LeaseTableTest, AHostThatExpiresAgainIsRememberedFromThenOn) {
  Expire(Agent("web1"));
  clock_.Advance(kMemory / 2);
  Expire(Agent("web1"));
  Pass(kMemory - absl::Nanoseconds(1));
  EXPECT_EQ(StateOf("web1"), HostState::kExpired);
  Pass(absl::Nanoseconds(1));
  EXPECT_EQ(StateOf("web1"), std::nullopt);
}

TEST_F(LeaseTableTest, AnExpiredHostWhoseAgentIsBackIsLiveUnderANewLease) {
  const LeasePtr before = Renew(Agent("web1"));
  Pass(kTtl);
  Pass(kGrace);
  EXPECT_NE(Renew(Agent("web1")), before);
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  EXPECT_EQ(leases_.Count({}).live, 1u);
}

TEST_F(LeaseTableTest, AProgramsHostIsOnlyForgottenWithTheProgram) {
  Renew(Program("web1"), 3 * kMemory);
  Expire(Agent("web1"));
  EXPECT_EQ(StateOf("web1"), HostState::kExpired);
  Pass(kMemory);
  EXPECT_EQ(StateOf("web1"), HostState::kNoAgent);
  leases_.End(Program("web1"));
  EXPECT_EQ(StateOf("web1"), std::nullopt);
}

TEST_F(LeaseTableTest, AnExpiredHostIsNoneUntilItIsBack) {
  EXPECT_FALSE(leases_.HasHost({.host = "web1"}));
  Renew(Agent("web1"));
  EXPECT_TRUE(leases_.HasHost({.host = "web1"}));
  EXPECT_FALSE(leases_.HasHost({.network = "other", .host = "web1"}));
  Pass(kTtl);
  EXPECT_TRUE(leases_.HasHost({.host = "web1"}));
  Pass(kGrace);
  EXPECT_FALSE(leases_.HasHost({.host = "web1"}));
  Renew(Agent("web1", "other"));
  EXPECT_TRUE(leases_.HasHost({.host = "web1"}));
  EXPECT_FALSE(leases_.HasHost({.network = "default", .host = "web1"}));
}

TEST_F(LeaseTableTest, LeasesEndInTheOrderOfTheirTimes) {
  const LeasePtr second = Renew(Program("web1", "b"), 2 * kTtl);
  const LeasePtr third = Renew(Program("web1", "c"), 3 * kTtl);
  const LeasePtr first = Renew(Program("web1", "a"));
  EXPECT_THAT(EndedAfter(4 * kTtl), ElementsAre(first, second, third));
}

// ---- Limits ----

TEST_F(LeaseTableTest, MoreReportersThanThereMayBeAreRefused) {
  for (int i = 1; i <= 4; ++i) Renew(Agent(absl::StrCat("web", i)));
  const absl::Status status = leases_.Renew(Agent("web5"), kTtl).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(DetailOf(status)->reason, "TOO_MANY_REPORTERS");
  EXPECT_EQ(StateOf("web5"), std::nullopt);
  EXPECT_EQ(leases_.size(), 4u);
  EXPECT_THAT(leases_.Renew(Agent("web4"), kTtl), IsOk());

  leases_.End(Agent("web1"));
  EXPECT_THAT(leases_.Renew(Agent("web5"), kTtl), IsOk());
}

TEST_F(LeaseTableTest, AnAgentTakesThePlaceOfAStaleOneThoughThereIsNoRoom) {
  const LeasePtr stale = Renew(Agent("web1"));
  Pass(kTtl);
  for (int i = 0; i < 3; ++i) Renew(Program(absl::StrCat("db", i)), kGrace);
  Reporter next = Agent("web1");
  next.name = "next";
  EXPECT_THAT(leases_.Renew(Program("web1"), kTtl),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(leases_.Renew(next, kTtl), IsOk());
  EXPECT_EQ(leases_.size(), 4u);
  EXPECT_EQ(leases_.Find(Agent("web1")), nullptr);
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  EXPECT_THAT(EndedAfter(absl::ZeroDuration()), ElementsAre(stale));
  next.name = "one more";
  EXPECT_THAT(leases_.Renew(next, kTtl),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(LeaseTableTest, OfStaleAgentsTheOneThatEndsFirstLosesItsPlace) {
  const auto named = [](int i) {
    Reporter agent = Agent("web1");
    agent.name = absl::StrCat("agent-", i);
    return agent;
  };
  const LeasePtr live = Renew(named(0), kGrace);
  std::vector<LeasePtr> stale;
  for (const int ttl : {3, 1, 2})
    stale.push_back(Renew(named(ttl), ttl * kTtl));
  for (const LeasePtr& lease : stale) leases_.Silence(lease->id);
  Renew(named(4), kGrace);
  Renew(named(5), kGrace);
  EXPECT_EQ(leases_.size(), 4u);
  EXPECT_THAT(EndedAfter(absl::ZeroDuration()),
              ElementsAre(stale[1], stale[2]));
}

TEST_F(LeaseTableTest, ReportersCountAsLimitedForAsLongAsTheirLeaseLasts) {
  const LeasePtr lease = Renew(Program("web1"));
  leases_.NoteRefusal(*lease);
  EXPECT_EQ(leases_.Count({}).limited_reporters, 1u);
  EXPECT_EQ(leases_.Count({.host = "web1"}).limited_reporters, 1u);
  EXPECT_EQ(leases_.Count({.host = "web2"}).limited_reporters, 0u);
  EXPECT_EQ(leases_.Count({.network = "other"}).limited_reporters, 0u);
  Pass(kTtl / 2);
  Renew(Program("web1"));
  EXPECT_EQ(leases_.Count({}).limited_reporters, 1u);
  Pass(kTtl / 2);
  EXPECT_EQ(leases_.Count({}).limited_reporters, 0u);
}

TEST_F(LeaseTableTest, AReporterWhoseLeaseEndedIsNotLimited) {
  leases_.NoteRefusal(*Renew(Program("web1")));
  leases_.End(Program("web1"));
  EXPECT_EQ(leases_.Count({}).limited_reporters, 0u);
}

// ---- Lists ----

TEST_F(LeaseTableTest, ListsByNameThenNetwork) {
  Renew(Agent("web2"));
  Renew(Agent("web1", "vpc-b"));
  Renew(Agent("web1", "vpc-a"));
  Renew(Program("db1"));
  EXPECT_THAT(Names({}), ElementsAre("db1/default", "web1/vpc-a", "web1/vpc-b",
                                     "web2/default"));
  EXPECT_THAT(Names({}, 2), ElementsAre("db1/default", "web1/vpc-a"));
  EXPECT_THAT(Names({.after = HostKey{"web1", "vpc-a"}}),
              ElementsAre("web1/vpc-b", "web2/default"));
  EXPECT_THAT(Names({.after = HostKey{"web1", "vpc-aa"}}),
              ElementsAre("web1/vpc-b", "web2/default"));
  EXPECT_THAT(Names({.scope = {.host = "web1"}}),
              ElementsAre("web1/vpc-a", "web1/vpc-b"));
  EXPECT_THAT(Names({.scope = {.network = "vpc-b"}}),
              ElementsAre("web1/vpc-b"));
  EXPECT_THAT(Names({.state = HostState::kNoAgent}),
              ElementsAre("db1/default"));
}

TEST_F(LeaseTableTest, DescribesAHost) {
  const LeasePtr agent = Renew(Agent("web1"));
  const LeasePtr program = Renew(Program("web1"));
  agent->rows = 5;
  agent->listeners = 2;
  program->rows = 1;
  program->refused = 7;
  clock_.Advance(absl::Seconds(3));
  Renew(Program("web1"));
  const Host host = Hosts()[0];
  EXPECT_EQ(host.key, (HostKey{"web1", "default"}));
  EXPECT_EQ(host.state_time, start_);
  EXPECT_EQ(host.last_report, start_ + absl::Seconds(3));
  EXPECT_THAT(host.reporters, ElementsAre(Agent("web1"), Program("web1")));
  EXPECT_EQ(host.reporter_count, 2u);
  EXPECT_EQ(host.connections, 4u);
  EXPECT_EQ(host.listeners, 2u);
  EXPECT_EQ(host.refused_rows, 7u);
}

}  // namespace
}  // namespace connreg
