// What becomes of a session, and of its host's state.

#include <optional>
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

class SessionLifeTest : public SessionFixture {
 protected:
  explicit SessionLifeTest(const Registry::Options& options = OptionsWith())
      : SessionFixture(options) {}

  // Lets a session's agent speak through that time.
  void KeepAliveFor(Epoch epoch, absl::Duration duration) {
    for (absl::Duration passed; passed < duration; passed += kTtl / 3) {
      Pass(kTtl / 3);
      ASSERT_THAT(KeepAliveOf(epoch), IsOk());
    }
  }
  std::optional<absl::Time> StaleSince(const ConnectionFacts& facts) {
    for (const Connection& connection : List())
      if (connection.first.facts.tuple == facts.tuple)
        return connection.first.provenance.stale_since;
    ADD_FAILURE() << "no such row";
    return std::nullopt;
  }
  HostCounts Counts() { return registry_.GetStatus().coverage.hosts; }

  const ConnectionFacts ssh_ = Tcp("10.0.0.9:51000", "10.0.0.5:22", 7);
  const ConnectionFacts web_ = Tcp("10.0.0.9:51001", "10.0.0.5:80", 8);
};

TEST_F(SessionLifeTest, EveryMessageRenewsTheLease) {
  const Epoch epoch = OpenWith(Agent("web1"), {ssh_});
  KeepAliveFor(epoch, absl::Hours(9));
  EXPECT_THAT(List(), SizeIs(1));
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  Pass(kTtl / 2);
  Say(epoch, Delta({web_}));
  EXPECT_THAT(Pass(kTtl / 2).stale, IsEmpty());
}

TEST_F(SessionLifeTest, ALostStreamMakesTheHostStaleAtOnce) {
  const Epoch epoch = OpenWith(Agent("web1"), {ssh_});
  clock_.Advance(absl::Seconds(1));
  registry_.LoseSession(epoch);
  EXPECT_EQ(StateOf("web1"), HostState::kStale);
  EXPECT_EQ(StaleSince(ssh_), start_ + absl::Seconds(1));
  EXPECT_FALSE(Hosts()[0].session->attached);
  EXPECT_EQ(registry_.GetStatus().sessions, 0u);
  const Registry::Changes changes = registry_.Advance();
  EXPECT_THAT(changes.stale, ElementsAre(Agent("web1")));
  EXPECT_THAT(changes.lapsed_sessions, IsEmpty());
  EXPECT_EQ(ReasonIn(KeepAliveOf(epoch)), "SESSION_ENDED");
}

TEST_F(SessionLifeTest, ALostStreamsRowsStayForTheGrace) {
  registry_.LoseSession(OpenWith(Agent("web1"), {ssh_}));
  EXPECT_THAT(Pass(kGrace - absl::Seconds(1)).expired, IsEmpty());
  EXPECT_THAT(List(), SizeIs(1));
  EXPECT_THAT(Pass(absl::Seconds(1)).expired, ElementsAre(Agent("web1")));
  EXPECT_THAT(List(), IsEmpty());
  EXPECT_EQ(StateOf("web1"), HostState::kExpired);
  EXPECT_EQ(Hosts()[0].session, std::nullopt);
}

TEST_F(SessionLifeTest, AnAgentThatComesBackInTimeFindsItsRowsAsTheyWere) {
  registry_.LoseSession(OpenWith(Agent("web1"), {ssh_}));
  Pass(kGrace / 2);
  OpenWith(Agent("web1"), {ssh_});
  EXPECT_THAT(registry_.Advance().live, ElementsAre(Agent("web1")));
  ASSERT_THAT(List(), SizeIs(1));
  EXPECT_EQ(List()[0].first.provenance.first_seen, start_);
  EXPECT_EQ(StaleSince(ssh_), std::nullopt);
}

TEST_F(SessionLifeTest, AStreamThatComesBackBeforeAnybodyLooksWasNeverStale) {
  registry_.LoseSession(OpenWith(Agent("web1"), {ssh_}));
  OpenWith(Agent("web1"), {ssh_});
  EXPECT_THAT(registry_.Advance().stale, IsEmpty());
}

TEST_F(SessionLifeTest, AnAgentThatFallsSilentLosesItsSessionWithItsLease) {
  const Epoch epoch = OpenWith(Agent("web1"), {ssh_});
  const Registry::Changes changes = Pass(kTtl);
  EXPECT_THAT(changes.stale, ElementsAre(Agent("web1")));
  EXPECT_THAT(changes.lapsed_sessions, ElementsAre(epoch));
  const auto late = TrySay(epoch, Gone(ssh_));
  EXPECT_THAT(late, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(ReasonIn(late), "SESSION_ENDED");
  EXPECT_THAT(List(), SizeIs(1));
}

TEST_F(SessionLifeTest, BesideAnotherAgentALapsedSessionsRowsGo) {
  const Epoch other = OpenWith(SecondAgent("web1"), {web_});
  const Epoch silent = OpenWith(Agent("web1"), {ssh_});
  clock_.Advance(kTtl / 2);
  KeepAliveOf(other).IgnoreError();
  const Registry::Changes changes = Pass(kTtl / 2);
  EXPECT_THAT(changes.lapsed_sessions, ElementsAre(silent));
  EXPECT_THAT(changes.ended, ElementsAre(Agent("web1")));
  EXPECT_THAT(List(), SizeIs(1));
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
}

TEST_F(SessionLifeTest, BesideAnotherAgentALostStreamsRowsStayForALease) {
  const Epoch other = OpenWith(SecondAgent("web1"), {web_});
  registry_.LoseSession(OpenWith(Agent("web1"), {ssh_}));
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  EXPECT_EQ(StaleSince(ssh_), start_);
  Pass(kTtl / 2);
  KeepAliveOf(other).IgnoreError();
  EXPECT_THAT(List(), SizeIs(2));
  Pass(kTtl / 2);
  EXPECT_THAT(List(), SizeIs(1));
}

TEST_F(SessionLifeTest, AHostIsSyncingUntilItsSnapshotEnds) {
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({ssh_, web_})).epoch;
  EXPECT_EQ(StateOf("web1"), HostState::kSyncing);
  EXPECT_EQ(Counts().syncing, 1u);
  Say(epoch, Snapshot({ssh_}, /*first=*/true, /*last=*/false));
  EXPECT_EQ(StateOf("web1"), HostState::kSyncing);
  EXPECT_THAT(List(), SizeIs(1));
  EXPECT_THAT(registry_.Advance().live, IsEmpty());
  Say(epoch, Snapshot({web_}, /*first=*/false, /*last=*/true));
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  EXPECT_EQ(Counts().syncing, 0u);
  EXPECT_THAT(registry_.Advance().live, ElementsAre(Agent("web1")));
}

TEST_F(SessionLifeTest, AmidASnapshotOnlyWhatItHasSaidIsNoLongerStale) {
  registry_.LoseSession(OpenWith(Agent("web1"), {ssh_, web_}));
  clock_.Advance(absl::Seconds(1));
  const Epoch epoch = Open(Agent("web1"), {}).epoch;
  EXPECT_EQ(StaleSince(ssh_), start_);
  Say(epoch, Snapshot({ssh_}, /*first=*/true, /*last=*/false));
  EXPECT_EQ(StaleSince(ssh_), std::nullopt);
  EXPECT_EQ(StaleSince(web_), start_);
  Say(epoch, Snapshot({web_}, /*first=*/false, /*last=*/true));
  EXPECT_EQ(StaleSince(web_), std::nullopt);
}

TEST_F(SessionLifeTest, AHostWithAnotherAgentInStepIsLiveAllTheSame) {
  OpenWith(SecondAgent("web1"), {web_});
  Open(Agent("web1"), DigestOfRows({ssh_}));
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
}

TEST_F(SessionLifeTest, ASyncingHostThatFallsSilentIsStale) {
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({ssh_})).epoch;
  EXPECT_THAT(Pass(kTtl).lapsed_sessions, ElementsAre(epoch));
  EXPECT_EQ(StateOf("web1"), HostState::kStale);
}

TEST_F(SessionLifeTest, AClaimThatIsRightIsConfirmed) {
  const Epoch epoch = OpenWith(Agent("web1"), {ssh_});
  Say(epoch, Delta({web_, InState(ConnectionState::kFinWait2, ssh_)}));
  Say(epoch, Gone(web_));
  EXPECT_FALSE(
      Claim(epoch, DigestOfRows({InState(ConnectionState::kFinWait2, ssh_)}))
          .snapshot_wanted);
  EXPECT_EQ(registry_.GetStatus().divergences, 0u);
}

TEST_F(SessionLifeTest, AClaimThatIsWrongAsksForASnapshotAndCounts) {
  const Epoch epoch = OpenWith(Agent("web1"), {ssh_});
  EXPECT_TRUE(Claim(epoch, DigestOfRows({web_})).snapshot_wanted);
  EXPECT_EQ(registry_.GetStatus().divergences, 1u);
  EXPECT_EQ(Hosts()[0].session->divergences, 1u);
  EXPECT_EQ(StateOf("web1"), HostState::kSyncing);
  EXPECT_EQ(StaleSince(ssh_), std::nullopt);
  Say(epoch, Snapshot({web_}));
  EXPECT_EQ(StateOf("web1"), HostState::kLive);
  EXPECT_FALSE(Claim(epoch, DigestOfRows({web_})).snapshot_wanted);
}

TEST_F(SessionLifeTest, AWrongClaimIsCountedOnceUntilItsSnapshot) {
  const Epoch epoch = OpenWith(Agent("web1"), {ssh_});
  EXPECT_TRUE(Claim(epoch, DigestOfRows({web_})).diverges);
  const Ack again = Claim(epoch, DigestOfRows({web_}));
  EXPECT_TRUE(again.snapshot_wanted);
  EXPECT_FALSE(again.diverges);
  EXPECT_EQ(registry_.GetStatus().divergences, 1u);
}

TEST_F(SessionLifeTest, AClaimBeforeTheFirstSnapshotDivergesFromNothing) {
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({ssh_})).epoch;
  const Ack ack = Claim(epoch, DigestOfRows({ssh_}));
  EXPECT_TRUE(ack.snapshot_wanted);
  EXPECT_FALSE(ack.diverges);
  EXPECT_EQ(registry_.GetStatus().divergences, 0u);
}

TEST_F(SessionLifeTest, AClaimAmidASnapshotIsAnError) {
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({ssh_})).epoch;
  Say(epoch, Snapshot({ssh_}, /*first=*/true, /*last=*/false));
  EXPECT_THAT(TryClaim(epoch, DigestOfRows({ssh_})),
              IsInvalid("CLAIM_AMID_SNAPSHOT"));
}

TEST_F(SessionLifeTest, AKeepAliveTellsTheAgentsClockAndInterval) {
  const Epoch epoch = OpenWith(Agent("web1"), {});
  EXPECT_THAT(
      registry_.Apply(epoch, KeepAlive{.time = clock_.Now() + absl::Minutes(10),
                                       .interval = absl::Seconds(7)}),
      IsOk());
  EXPECT_EQ(Hosts()[0].session->clock_offset, absl::Minutes(10));
  EXPECT_EQ(Hosts()[0].session->interval, absl::Seconds(7));
}

TEST_F(SessionLifeTest, AGoodbyeForNowIsALoss) {
  const Epoch epoch = OpenWith(Agent("web1"), {ssh_});
  registry_.EndSession(epoch, {.remove = false});
  EXPECT_EQ(StateOf("web1"), HostState::kStale);
  EXPECT_THAT(List(), SizeIs(1));
}

TEST_F(SessionLifeTest, AGoodbyeForGoodTakesEverythingAway) {
  const Epoch epoch = OpenWith(Agent("web1"), {ssh_});
  registry_.EndSession(epoch, {.remove = true});
  EXPECT_THAT(Hosts(), IsEmpty());
  ASSERT_THAT(Closed(), SizeIs(1));
  EXPECT_EQ(Closed()[0].first.closure->reason, CloseReason::kDeregistered);
  EXPECT_EQ(registry_.GetStatus().sessions, 0u);
}

TEST_F(SessionLifeTest, WhoHasASessionCannotRegister) {
  const Epoch epoch = OpenWith(Agent("web1"), {ssh_});
  const auto refused = registry_.Register(
      {.reporter = Agent("web1"), .ttl = kTtl, .connections = {web_}});
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReasonIn(refused), "SESSION_OPEN");
  EXPECT_THAT(List(), SizeIs(1));
  registry_.LoseSession(epoch);
  EXPECT_EQ(Register(Agent("web1"), {web_}).accepted, 1u);
}

TEST_F(SessionLifeTest, WhoHasASessionCannotTakeSomeRowsBack) {
  OpenWith(Agent("web1"), {ssh_});
  const auto refused = registry_.Deregister(
      {.reporter = Agent("web1"), .connections = {NameOf(ssh_)}});
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(ReasonIn(refused), "SESSION_OPEN");
  EXPECT_THAT(List(), SizeIs(1));
}

TEST_F(SessionLifeTest, TakingEverythingBackEndsTheSession) {
  const Epoch epoch = OpenWith(Agent("web1"), {ssh_});
  EXPECT_EQ(DeregisterAll(Agent("web1")).removed, 1u);
  EXPECT_THAT(registry_.Advance().lapsed_sessions, ElementsAre(epoch));
  EXPECT_EQ(ReasonIn(KeepAliveOf(epoch)), "SESSION_ENDED");
  EXPECT_THAT(Hosts(), IsEmpty());
}

TEST_F(SessionLifeTest, AProgramOfTheSameNameIsAnotherReporter) {
  const Epoch epoch = OpenWith(Agent("web1"), {ssh_});
  Reporter program = Program("web1", "agent");
  Register(program, {web_});
  EXPECT_EQ(DeregisterAll(program).removed, 1u);
  EXPECT_THAT(KeepAliveOf(epoch), IsOk());
}

TEST_F(SessionLifeTest, LeasesLastLongerByTheTimeThatTheServiceStoodStill) {
  const Epoch epoch = OpenWith(Agent("web1"), {ssh_});
  clock_.Advance(absl::Minutes(5));
  registry_.NoteStall(absl::Minutes(5));
  EXPECT_THAT(registry_.Advance().stale, IsEmpty());
  EXPECT_THAT(KeepAliveOf(epoch), IsOk());
  EXPECT_THAT(Pass(kTtl).stale, ElementsAre(Agent("web1")));
}

TEST_F(SessionLifeTest, AStalledServiceGivesStaleHostsTheirWholeGrace) {
  registry_.LoseSession(OpenWith(Agent("web1"), {ssh_}));
  clock_.Advance(absl::Hours(1));
  registry_.NoteStall(absl::Hours(1));
  EXPECT_THAT(registry_.Advance().expired, IsEmpty());
  EXPECT_THAT(Pass(kGrace).expired, ElementsAre(Agent("web1")));
}

TEST_F(SessionLifeTest, WhatASyncingHostWouldKnowMayNotHaveBeenSaidYet) {
  SessionOpening opening = OpeningOf(Agent("web1"), DigestOfRows({ssh_}));
  opening.namespaces = {Owned({"10.0.0.9"})};
  const Epoch epoch = Open(opening).epoch;
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.9:51000", "10.0.0.5:22")),
            AbsentReason::kSyncing);
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.7:1", {.host = "web1"})),
            AbsentReason::kSyncing);
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.7:1")), AbsentReason::kNotSeenSince);
  Say(epoch, Snapshot({ssh_}));
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.9:1", "10.0.0.5:22")),
            AbsentReason::kNotSeenSince);
}

class SessionSyncTest : public SessionLifeTest {
 protected:
  static Registry::Options Options(uint32_t expected_hosts) {
    Registry::Options options = OptionsWith();
    options.sync_time = absl::Seconds(40);
    options.expected_hosts = expected_hosts;
    return options;
  }
  explicit SessionSyncTest(uint32_t expected_hosts = 0)
      : SessionLifeTest(Options(expected_hosts)) {}
};

TEST_F(SessionSyncTest, LastsWhileAHostIsAmidItsFirstSnapshot) {
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({ssh_})).epoch;
  Pass(absl::Seconds(40));
  EXPECT_TRUE(registry_.syncing());
  Say(epoch, Snapshot({ssh_}));
  EXPECT_FALSE(registry_.syncing());
}

TEST_F(SessionSyncTest, LastsTwiceItsTimeForAHostThatSaysNothing) {
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({ssh_})).epoch;
  Pass(absl::Seconds(40));
  EXPECT_THAT(KeepAliveOf(epoch), IsOk());
  Pass(absl::Seconds(40) - absl::Nanoseconds(1));
  EXPECT_TRUE(registry_.syncing());
  Pass(absl::Nanoseconds(1));
  EXPECT_FALSE(registry_.syncing());
  EXPECT_EQ(StateOf("web1"), HostState::kSyncing);
  EXPECT_EQ(Counts().syncing, 1u);
}

TEST_F(SessionSyncTest, LastsTwiceItsTimeForHostsThatComeOneAfterAnother) {
  for (int i = 0; i < 8; ++i) {
    EXPECT_TRUE(registry_.syncing()) << i;
    Open(Agent(absl::StrCat("web", i)), DigestOfRows({ssh_}));
    Pass(absl::Seconds(10));
  }
  EXPECT_FALSE(registry_.syncing());
}

TEST_F(SessionSyncTest, EndsWhenTheHostThatWasAmidItGoesSilent) {
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({ssh_})).epoch;
  Pass(absl::Seconds(40));
  registry_.LoseSession(epoch);
  EXPECT_FALSE(registry_.syncing());
}

TEST_F(SessionSyncTest, DoesNotLastForAHostThatHasBeenInStep) {
  const Epoch epoch = OpenWith(Agent("web1"), {ssh_});
  Claim(epoch, {});
  Pass(absl::Seconds(40));
  EXPECT_FALSE(registry_.syncing());
}

TEST_F(SessionSyncTest, DoesNotBeginAgain) {
  Pass(absl::Seconds(40));
  EXPECT_FALSE(registry_.syncing());
  Open(Agent("web1"), DigestOfRows({ssh_}));
  EXPECT_FALSE(registry_.syncing());
}

TEST_F(SessionSyncTest, LastsLongerByTheTimeThatTheServiceStoodStill) {
  clock_.Advance(absl::Seconds(40));
  registry_.NoteStall(absl::Seconds(10));
  EXPECT_TRUE(registry_.syncing());
  clock_.Advance(absl::Seconds(10));
  EXPECT_FALSE(registry_.syncing());
}

class ExpectingOneHostSyncTest : public SessionSyncTest {
 protected:
  ExpectingOneHostSyncTest() : SessionSyncTest(1) {}
};

TEST_F(ExpectingOneHostSyncTest, EndsWhenTheHostIsInStepAndNotBefore) {
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({ssh_})).epoch;
  EXPECT_TRUE(registry_.syncing());
  Say(epoch, Snapshot({ssh_}));
  EXPECT_FALSE(registry_.syncing());
}

}  // namespace
}  // namespace connreg
