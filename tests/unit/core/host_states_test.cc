// What a host's silence does to its rows.

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/core/registry_fixture.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class HostStatesTest : public RegistryFixture {
 protected:
  explicit HostStatesTest(const Limits& limits = {})
      : RegistryFixture(OptionsWith(limits)) {}

  void RegisterWeb1(const Reporter& reporter = Agent("web1")) {
    Register(reporter, {ssh_}, {TcpListener("0.0.0.0:80")},
             {Owned({"10.0.0.9"})});
  }
  std::optional<HostState> StateOf(const std::string& host) {
    const std::vector<Host> hosts =
        Hosts({.scope = {.host = host}, .page_size = 1});
    if (hosts.empty()) return std::nullopt;
    return hosts[0].state;
  }
  HostCounts Counts() { return registry_.GetStatus().coverage.hosts; }

  const ConnectionFacts ssh_ = Tcp("10.0.0.9:51000", "10.0.0.5:22", 7);
};

TEST_F(HostStatesTest, AnAgentsLapsedLeaseMakesItsHostStaleAndKeepsItsRows) {
  RegisterWeb1();
  EXPECT_THAT(Pass(kTtl).stale, ElementsAre(Agent("web1")));
  EXPECT_EQ(StateOf("web1"), HostState::kStale);
  EXPECT_EQ(Counts().live, 0u);
  EXPECT_EQ(Counts().stale, 1u);

  const absl::Time since = start_ + kTtl;
  ASSERT_THAT(List(), SizeIs(1));
  EXPECT_EQ(List()[0].first.provenance.stale_since, since);
  const LookupAnswer found = Lookup("10.0.0.9:51000", "10.0.0.5:22");
  EXPECT_EQ(ConnectionsOf(found)[0].first.provenance.stale_since, since);
  EXPECT_EQ(found.coverage.hosts.stale, 1u);
  const LookupAnswer listening = Lookup("10.0.0.9:80");
  EXPECT_EQ(ListenersOf(listening)[0].listener.provenance.stale_since, since);
}

TEST_F(HostStatesTest, AfterTheGraceAHostIsExpiredAndItsRowsAreGone) {
  RegisterWeb1();
  Pass(kTtl);
  EXPECT_THAT(Pass(kGrace - absl::Seconds(1)).expired, IsEmpty());
  EXPECT_THAT(List(), SizeIs(1));
  EXPECT_THAT(Pass(absl::Seconds(1)).expired, ElementsAre(Agent("web1")));
  EXPECT_EQ(StateOf("web1"), HostState::kExpired);
  EXPECT_THAT(List(), IsEmpty());
  const RegistryStatus status = registry_.GetStatus();
  EXPECT_EQ(status.listeners, 0u);
  EXPECT_EQ(status.reporters, 0u);
  EXPECT_EQ(Counts().stale, 0u);
}

TEST_F(HostStatesTest, TheRowsOfAnExpiredHostAreForgottenAndNotClosed) {
  RegisterWeb1();
  Pass(kTtl);
  Pass(kGrace);
  EXPECT_THAT(Closed(), IsEmpty());
  EXPECT_EQ(registry_.GetStatus().closed, 0u);
  const Absent absent = AbsentOf(Lookup("10.0.0.9:51000", "10.0.0.5:22"));
  EXPECT_EQ(absent.reason, AbsentReason::kNotSeenSince);
  EXPECT_EQ(absent.since, start_ + kTtl + kGrace);
}

TEST_F(HostStatesTest, LookupsThatNameAnExpiredHostFindNoSuchHost) {
  RegisterWeb1();
  Pass(kTtl);
  Pass(kGrace);
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.9:51000", "10.0.0.5:22", {.host = "web1"})),
            AbsentReason::kNoSuchHost);
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.9:80", {.host = "web1"})),
            AbsentReason::kNoSuchHost);
}

TEST_F(HostStatesTest, AnAgentBackBeforeTheExpiryFindsItsRowsLive) {
  RegisterWeb1();
  Pass(kTtl);
  Pass(kGrace - absl::Seconds(1));
  Register(Agent("web1"), {ssh_});
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  ASSERT_THAT(List(), SizeIs(1));
  const Provenance provenance = List()[0].first.provenance;
  EXPECT_EQ(provenance.first_seen, start_);
  EXPECT_EQ(provenance.changed, start_);
  EXPECT_EQ(provenance.stale_since, std::nullopt);
  EXPECT_EQ(registry_.GetStatus().observations, 1u);
  EXPECT_EQ(registry_.GetStatus().listeners, 1u);
  EXPECT_EQ(registry_.GetStatus().reporters, 1u);

  EXPECT_THAT(Pass(absl::Seconds(2)).expired, IsEmpty());
  EXPECT_THAT(List(), SizeIs(1));
}

TEST_F(HostStatesTest, GoingStaleAndComingBackIsNoChangeOfRows) {
  RegisterWeb1();
  const uint64_t revision = registry_.GetStatus().coverage.revision;
  Pass(kTtl);
  RegisterWeb1();
  EXPECT_EQ(registry_.GetStatus().coverage.revision, revision);
}

TEST_F(HostStatesTest, AnExpiredHostThatIsBackIsLiveWithNewRows) {
  RegisterWeb1();
  Pass(kTtl);
  Pass(kGrace);
  RegisterWeb1();
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  EXPECT_EQ(List()[0].first.provenance.first_seen, start_ + kTtl + kGrace);
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.9:9999", "10.0.0.5:22", {.host = "web1"})),
            AbsentReason::kNotSeenSince);
}

TEST_F(HostStatesTest, AProgramsLapsedLeaseTakesItsRowsAndLeavesTheState) {
  Register(Program("web1"), {ssh_});
  clock_.Advance(kTtl / 2);
  Register(Agent("web1"), {});
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  EXPECT_THAT(Pass(kTtl / 2).ended, ElementsAre(Program("web1")));
  EXPECT_THAT(List(), IsEmpty());
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  const std::vector<Connection> closed = Closed();
  ASSERT_THAT(closed, SizeIs(1));
  EXPECT_EQ(closed[0].first.closure->reason, CloseReason::kLeaseEnded);
}

TEST_F(HostStatesTest, AHostOfProgramsAloneIsForgottenWithTheLast) {
  Register(Program("web1"), {ssh_});
  EXPECT_EQ(StateOf("web1"), HostState::kNoAgent);
  EXPECT_EQ(Counts().live, 0u);
  Pass(kTtl);
  EXPECT_EQ(StateOf("web1"), std::nullopt);
}

TEST_F(HostStatesTest, BesideASecondAgentALapsedLeaseEndsAtOnce) {
  RegisterWeb1();
  clock_.Advance(kTtl / 2);
  const ConnectionFacts dns = Tcp("10.0.0.9:51001", "10.0.0.5:53");
  Register(SecondAgent("web1"), {dns});
  const Registry::Changes changes = Pass(kTtl / 2);
  EXPECT_THAT(changes.ended, ElementsAre(Agent("web1")));
  EXPECT_THAT(changes.stale, IsEmpty());
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  ASSERT_THAT(List(), SizeIs(1));
  EXPECT_EQ(List()[0].first.facts, dns);
  ASSERT_THAT(Closed(), SizeIs(1));
  EXPECT_EQ(Closed()[0].first.closure->reason, CloseReason::kLeaseEnded);
  EXPECT_EQ(registry_.GetStatus().listeners, 0u);
}

TEST_F(HostStatesTest, StaleRowsGoOnceAnotherAgentHadTimeToReport) {
  RegisterWeb1();
  Pass(kTtl);
  const ConnectionFacts dns = Tcp("10.0.0.9:51001", "10.0.0.5:53");
  Register(SecondAgent("web1"), {dns});
  // It may be telling what it sees in several requests.
  EXPECT_THAT(Pass(kTtl - absl::Seconds(1)).ended, IsEmpty());
  EXPECT_THAT(List(), SizeIs(2));
  Register(SecondAgent("web1"), {});
  EXPECT_THAT(Pass(absl::Seconds(1)).ended, ElementsAre(Agent("web1")));
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  ASSERT_THAT(List(), SizeIs(1));
  EXPECT_EQ(List()[0].first.facts, dns);
}

TEST_F(HostStatesTest, WhatTheNextAgentReportsTooIsNotClosedWithTheFirst) {
  RegisterWeb1();
  Pass(kTtl);
  RegisterWeb1(SecondAgent("web1"));
  Pass(kTtl - absl::Seconds(1));
  RegisterWeb1(SecondAgent("web1"));
  Pass(absl::Seconds(1));
  EXPECT_THAT(Closed(), IsEmpty());
  ASSERT_THAT(List(), SizeIs(1));
  EXPECT_EQ(List()[0].first.reporter(), SecondAgent("web1"));
  EXPECT_EQ(registry_.GetStatus().observations, 1u);
  EXPECT_EQ(registry_.GetStatus().listeners, 1u);
}

TEST_F(HostStatesTest, ExpiredHostsAreRememberedForTheClosedAge) {
  RegisterWeb1();
  Pass(kTtl);
  Pass(kGrace);
  Pass(kClosedAge - absl::Seconds(1));
  EXPECT_EQ(StateOf("web1"), HostState::kExpired);
  Pass(absl::Seconds(1));
  EXPECT_EQ(StateOf("web1"), std::nullopt);
}

class FewReportersTest : public HostStatesTest {
 protected:
  FewReportersTest() : HostStatesTest({.reporters = 3}) {}
};

TEST_F(FewReportersTest, NoMoreExpiredHostsAreRememberedThanReportersMayBe) {
  for (int i = 1; i <= 5; ++i) {
    Register(Agent(absl::StrCat("web", i)), {});
    Pass(kTtl);
    Pass(kGrace);
  }
  std::vector<std::string> expired;
  for (const Host& host : Hosts()) expired.push_back(host.key.name);
  EXPECT_THAT(expired, ElementsAre("web3", "web4", "web5"));
}

TEST_F(HostStatesTest, AConnectionToASilentHostThatDidNotReportItIsStale) {
  Register(Agent("db1"), {}, {}, {Owned({"10.0.0.5"})});
  Pass(kTtl);
  RegisterWeb1();
  EXPECT_EQ(List()[0].one_sided, OneSidedReason::kStale);
  Register(Agent("db1"), {});
  EXPECT_EQ(List()[0].one_sided, OneSidedReason::kNotReported);
}

TEST_F(HostStatesTest, AConnectionWithOneSilentEndShowsIt) {
  Register(Agent("db1"), {Tcp("10.0.0.5:22", "10.0.0.9:51000")}, {},
           {Owned({"10.0.0.5"})});
  Pass(kTtl);
  RegisterWeb1();
  ASSERT_THAT(List(), SizeIs(1));
  EXPECT_TRUE(List()[0].second.has_value());
  EXPECT_THAT(List()[0].conflicts, ElementsAre(Conflict::kOneEndStale));
  Pass(kTtl);
  EXPECT_THAT(List()[0].conflicts, IsEmpty());
}

}  // namespace
}  // namespace connreg
