// How a session begins, and who may begin one.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/core/session_fixture.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SessionOpenTest : public SessionFixture {
 protected:
  SessionOpening From(const std::string& boot, const std::string& instance,
                      const std::vector<ConnectionFacts>& rows = {}) {
    SessionOpening opening = OpeningOf(Agent("web1"), DigestOfRows(rows));
    opening.boot_id = boot;
    opening.instance = instance;
    return opening;
  }

  const ConnectionFacts ssh_ = Tcp("10.0.0.9:51000", "10.0.0.5:22", 7);
  const ConnectionFacts web_ = Tcp("10.0.0.9:51001", "10.0.0.5:80", 8);
};

TEST_F(SessionOpenTest, IsWelcomedWithWhatTheRegistryGrants) {
  const SessionWelcome welcome = Open(Agent("web1"));
  EXPECT_EQ(welcome.run_id, "run");
  EXPECT_EQ(welcome.ttl, kTtl);
  EXPECT_EQ(welcome.reconnect_window, absl::Seconds(10));
  EXPECT_EQ(welcome.max_rows, 10'000u);
  EXPECT_EQ(welcome.max_bytes, size_t{4} << 20);
  EXPECT_THAT(welcome.limits, IsEmpty());
}

TEST_F(SessionOpenTest, EachEpochIsHigherThanThoseBefore) {
  const Epoch first = Open(Agent("web1")).epoch;
  const Epoch second = Open(Agent("web2")).epoch;
  EXPECT_LT(first, second);
  EXPECT_LT(second, Open(Agent("web1")).epoch);
}

TEST_F(SessionOpenTest, AnAgentWithRowsThatAreUnknownIsToSayThem) {
  EXPECT_TRUE(Open(Agent("web1"), DigestOfRows({ssh_})).snapshot_wanted);
}

TEST_F(SessionOpenTest, AnAgentWithoutRowsHasNothingToSay) {
  EXPECT_FALSE(Open(Agent("web1")).snapshot_wanted);
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
}

TEST_F(SessionOpenTest, AnUnchangedHostComesBackWithoutAWordOrAChange) {
  registry_.LoseSession(OpenWith(Agent("web1"), {ssh_, web_}));
  const uint64_t before = revision();
  const SessionWelcome welcome =
      Open(Agent("web1"), DigestOfRows({web_, ssh_}));
  EXPECT_FALSE(welcome.snapshot_wanted);
  EXPECT_EQ(revision(), before);
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  for (const Connection& connection : List())
    EXPECT_EQ(connection.first.provenance.stale_since, std::nullopt);
}

TEST_F(SessionOpenTest, WhatTheRegistryKnowsBeyondTheReportIsNoDifference) {
  ConnectionFacts client = ssh_;
  client.role = Role::kClient;
  client.evidence = RoleEvidence::kInitiated;
  const Epoch epoch = OpenWith(Agent("web1"), {client});
  // A restarted agent no longer knows who initiated it.
  Say(epoch, Delta({ssh_}));
  registry_.LoseSession(epoch);
  EXPECT_FALSE(Open(Agent("web1"), DigestOfRows({ssh_})).snapshot_wanted);
  EXPECT_EQ(List()[0].first.facts.role, Role::kClient);
}

TEST_F(SessionOpenTest, RowsThatTheAgentRegisteredBeforeCount) {
  Register(Agent("web1"), {ssh_}, {TcpListener("0.0.0.0:22")});
  EXPECT_FALSE(
      Open(Agent("web1"), DigestOfRows({ssh_}, {TcpListener("0.0.0.0:22")}))
          .snapshot_wanted);
}

TEST_F(SessionOpenTest, ItsNamespacesTakeThePlaceOfAllThatWereTold) {
  SessionOpening opening = OpeningOf(Agent("web1"));
  opening.namespaces = {Owned({"10.0.0.9"}, "1"), Owned({"10.0.0.8"}, "2")};
  Open(opening);
  EXPECT_EQ(Hosts()[0].namespaces, 2u);
  opening.namespaces = {Owned({"10.0.0.9"}, "1")};
  Open(opening);
  EXPECT_EQ(Hosts()[0].namespaces, 1u);
}

TEST_F(SessionOpenTest, SayingTheSameOfNamespacesIsNoChange) {
  SessionOpening opening = OpeningOf(Agent("web1"));
  opening.namespaces = {Owned({"10.0.0.9"}, "1")};
  Open(opening);
  const uint64_t before = revision();
  Open(opening);
  EXPECT_EQ(revision(), before);
}

TEST_F(SessionOpenTest, ItsGapsTakeThePlaceOfThoseBefore) {
  SessionOpening opening = OpeningOf(Agent("web1"));
  opening.gaps = {{GapKind::kSockets, "no permission"}};
  Open(opening);
  EXPECT_THAT(Hosts()[0].gaps, ElementsAre(opening.gaps[0]));
  Open(Agent("web1"));
  EXPECT_THAT(Hosts()[0].gaps, IsEmpty());
}

TEST_F(SessionOpenTest, ANewerSessionEndsTheOlder) {
  const Epoch older = OpenWith(Agent("web1"), {ssh_});
  const Epoch newer = Open(Agent("web1"), DigestOfRows({ssh_})).epoch;
  EXPECT_EQ(superseded_, older);
  const auto fenced = TrySay(older, Gone(ssh_));
  EXPECT_THAT(fenced, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(ReasonIn(fenced), "SESSION_SUPERSEDED");
  EXPECT_THAT(List(), SizeIs(1));
  EXPECT_THAT(TrySay(newer, Gone(ssh_)), IsOk());
  EXPECT_THAT(List(), IsEmpty());
}

TEST_F(SessionOpenTest, TheLossOfAFencedStreamDoesNotTouchTheNewerSession) {
  const Epoch older = OpenWith(Agent("web1"), {ssh_});
  const Epoch newer = Open(Agent("web1"), DigestOfRows({ssh_})).epoch;
  registry_.LoseSession(older);
  registry_.EndSession(older, {.remove = true});
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  EXPECT_THAT(KeepAliveOf(newer), IsOk());
}

TEST_F(SessionOpenTest, ASessionThatWasLostIsNotSuperseded) {
  registry_.LoseSession(Open(Agent("web1")).epoch);
  Open(Agent("web1"));
  EXPECT_EQ(superseded_, std::nullopt);
}

TEST_F(SessionOpenTest, AgentsOfOneHostHaveSessionsOfTheirOwn) {
  const Epoch first = OpenWith(Agent("web1"), {ssh_});
  const Epoch second = OpenWith(SecondAgent("web1"), {web_});
  EXPECT_EQ(superseded_, std::nullopt);
  EXPECT_THAT(KeepAliveOf(first), IsOk());
  EXPECT_THAT(KeepAliveOf(second), IsOk());
  EXPECT_THAT(List(), SizeIs(2));
}

TEST_F(SessionOpenTest, TheNewerOfTwoRunsReportsAndTheOlderIsRefused) {
  Open(From("boot", "old"));
  Open(From("boot", "new"));
  const auto refused = TryOpen(From("boot", "old"));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReasonIn(refused), "RUN_SUPERSEDED");
  EXPECT_EQ(superseded_, std::nullopt);
}

TEST_F(SessionOpenTest, TheOlderRunIsWelcomeOnceTheNewerIsGone) {
  Open(From("boot", "old"));
  registry_.LoseSession(Open(From("boot", "new")).epoch);
  EXPECT_THAT(TryOpen(From("boot", "old")), IsOk());
}

TEST_F(SessionOpenTest, AnotherMachineOfTheNameIsRefusedWhileTheFirstReports) {
  const Epoch epoch = Open(From("first", "run1")).epoch;
  const auto refused = TryOpen(From("second", "run2"));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReasonIn(refused), "HOST_NAME_TAKEN");
  EXPECT_THAT(KeepAliveOf(epoch), IsOk());
  EXPECT_EQ(Hosts()[0].session->name_conflict, start_);
}

TEST_F(SessionOpenTest, AMachineThatWasStartedAnewLosesTheRowsOfBefore) {
  const Epoch epoch = OpenWith(Agent("web1"), {ssh_});
  registry_.LoseSession(epoch);
  SessionOpening opening = From("next", "run2", {web_});
  EXPECT_TRUE(Open(opening).snapshot_wanted);
  EXPECT_THAT(List(), IsEmpty());
  ASSERT_THAT(Closed(), SizeIs(1));
  EXPECT_EQ(Closed()[0].first.closure->reason, CloseReason::kHostRestarted);
}

TEST_F(SessionOpenTest, OfAMachineStartedAnewTheOtherAgentsRowsGoToo) {
  registry_.LoseSession(OpenWith(Agent("web1"), {ssh_}));
  registry_.LoseSession(OpenWith(SecondAgent("web1"), {web_}));
  Register(Program("web1"), {Tcp("10.0.0.9:9", "10.0.0.5:9")});
  Open(From("next", "run2"));
  ASSERT_THAT(List(), SizeIs(1));
  EXPECT_EQ(List()[0].first.reporter(), Program("web1"));
}

TEST_F(SessionOpenTest, AMachineThatWasReplacedAndComesBackProvesThereAreTwo) {
  registry_.LoseSession(Open(From("first", "run1")).epoch);
  registry_.LoseSession(Open(From("second", "run2")).epoch);
  EXPECT_EQ(ReasonIn(TryOpen(From("first", "run1"))), "HOST_NAME_TAKEN");
  EXPECT_THAT(TryOpen(From("second", "run2")), IsOk());
}

TEST_F(SessionOpenTest, TheNameIsFreeAgainWhenTheOtherMachineHasExpired) {
  registry_.LoseSession(Open(From("first", "run1")).epoch);
  registry_.LoseSession(Open(From("second", "run2")).epoch);
  Pass(kGrace);
  EXPECT_THAT(TryOpen(From("first", "run1")), IsOk());
}

TEST_F(SessionOpenTest, TheHostsSessionIsTold) {
  SessionOpening opening = From("boot", "run");
  opening.interval = absl::Seconds(5);
  opening.time = clock_.Now() - absl::Minutes(10);
  const Epoch epoch = Open(opening).epoch;
  const AgentSession session = Hosts()[0].session.value();
  EXPECT_EQ(session.epoch, epoch);
  EXPECT_EQ(session.version, "0.1.0");
  EXPECT_EQ(session.boot_id, "boot");
  EXPECT_TRUE(session.attached);
  EXPECT_EQ(session.opened, start_);
  EXPECT_EQ(session.interval, absl::Seconds(5));
  EXPECT_EQ(session.clock_offset, -absl::Minutes(10));
  EXPECT_EQ(session.divergences, 0u);
  EXPECT_EQ(session.name_conflict, std::nullopt);
  EXPECT_EQ(registry_.GetStatus().sessions, 1u);
}

TEST_F(SessionOpenTest, OfSeveralTheSessionThatBeganLastIsTold) {
  const Epoch first = Open(SecondAgent("web1")).epoch;
  const Epoch second = Open(Agent("web1")).epoch;
  EXPECT_EQ(Hosts()[0].session->epoch, second);
  EXPECT_LT(first, second);
}

class FullRegistrySessionTest : public SessionFixture {
 protected:
  FullRegistrySessionTest()
      : SessionFixture(
            OptionsWith({.namespaces_per_reporter = 1, .reporters = 1})) {}

  const ConnectionFacts ssh_ = Tcp("10.0.0.9:51000", "10.0.0.5:22", 7);
};

TEST_F(FullRegistrySessionTest, AReporterTooManyIsTurnedAway) {
  Open(Agent("web1"));
  EXPECT_THAT(TryOpen(OpeningOf(Agent("web2"))),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(Hosts(), SizeIs(1));
  EXPECT_THAT(TryOpen(OpeningOf(Agent("web1"))), IsOk());
}

TEST_F(FullRegistrySessionTest, TheHostsNextAgentTakesAStaleOnesPlace) {
  registry_.LoseSession(OpenWith(Agent("web1"), {ssh_}));
  const Epoch next = Open(SecondAgent("web1")).epoch;
  EXPECT_EQ(registry_.GetStatus().reporters, 1u);
  EXPECT_THAT(registry_.Advance().ended, ElementsAre(Agent("web1")));
  EXPECT_THAT(List(), IsEmpty());
  ASSERT_THAT(Closed(), SizeIs(1));
  EXPECT_EQ(Closed()[0].first.closure->reason, CloseReason::kLeaseEnded);
  EXPECT_THAT(TryOpen(OpeningOf(Agent("web1"))),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(KeepAliveOf(next), IsOk());
}

TEST_F(FullRegistrySessionTest, AgentsThatComeUnderMoreAndMoreNamesAreOne) {
  SessionOpening opening = OpeningOf(Agent("web1"));
  for (int i = 0; i < 10; ++i) {
    opening.reporter.name = absl::StrCat("agent-", i);
    const absl::StatusOr<SessionWelcome> welcome = TryOpen(opening);
    // No more at a time than there may be reporters.
    if (welcome.ok()) registry_.EndSession(welcome->epoch, {});
    EXPECT_EQ(registry_.GetStatus().reporters, 1u);
    if (i % 3 == 2) registry_.Advance();
  }
}

TEST_F(FullRegistrySessionTest, WhoLostItsPlaceIsForgottenWithItsMachine) {
  registry_.LoseSession(OpenWith(Agent("web1"), {ssh_}));
  registry_.LoseSession(Open(SecondAgent("web1")).epoch);
  SessionOpening opening = OpeningOf(SecondAgent("web1"));
  opening.boot_id = "next boot";
  registry_.EndSession(Open(opening).epoch, {.remove = true});
  registry_.Advance();
  Register(Program("web1"), {});
  ASSERT_THAT(Hosts(), SizeIs(1));
  EXPECT_FALSE(Hosts()[0].session.has_value());
}

TEST_F(FullRegistrySessionTest, NamespacesThatMetALimitAreMissingUntilTaken) {
  const auto limited_after_a_lease = [this](Epoch epoch) {
    for (int i = 0; i < 3; ++i) {
      Pass(kTtl / 2);
      EXPECT_THAT(KeepAliveOf(epoch), IsOk());
    }
    return registry_.GetStatus().coverage.hosts.limited_reporters;
  };
  SessionOpening opening = OpeningOf(Agent("web1"));
  opening.namespaces = {Owned({"10.0.0.9"}, "1"), Owned({"10.0.0.8"}, "2")};
  Epoch epoch = Open(opening).epoch;
  EXPECT_EQ(limited_after_a_lease(epoch), 1u);
  // The next session has them told anew.
  opening.namespaces.pop_back();
  epoch = Open(opening).epoch;
  EXPECT_EQ(limited_after_a_lease(epoch), 0u);

  RowBatch batch;
  batch.namespaces = {Owned({"10.0.0.8"}, "2")};
  Say(epoch, batch);
  EXPECT_EQ(limited_after_a_lease(epoch), 1u);
  batch.gone_namespaces = {"1"};
  Say(epoch, batch);
  EXPECT_EQ(limited_after_a_lease(epoch), 0u);
}

TEST_F(FullRegistrySessionTest, TheLimitsThatNamespacesMetAreTold) {
  SessionOpening opening = OpeningOf(Agent("web1"));
  opening.namespaces = {Owned({"10.0.0.9"}, "1"), Owned({"10.0.0.8"}, "2")};
  const SessionWelcome welcome = Open(opening);
  ASSERT_THAT(welcome.limits, SizeIs(1));
  EXPECT_EQ(welcome.limits[0].limit, RowLimit::kNamespacesPerReporter);
  EXPECT_EQ(Lookup("10.0.0.9:9").coverage.hosts.limited_reporters, 1u);
}

}  // namespace
}  // namespace connreg
