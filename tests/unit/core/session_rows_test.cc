// What batches of rows do.

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

class SessionRowsTest : public SessionFixture {
 protected:
  explicit SessionRowsTest(const Limits& limits = {})
      : SessionFixture(OptionsWith(limits)) {}

  const ConnectionFacts a_ = Tcp("10.0.0.9:51000", "10.0.0.5:22", 1);
  const ConnectionFacts b_ = Tcp("10.0.0.9:51001", "10.0.0.5:22", 2);
  const ConnectionFacts c_ = Tcp("10.0.0.9:51002", "10.0.0.5:22", 3);
};

TEST_F(SessionRowsTest, ADeltaAddsChangesAndTakesAway) {
  const Epoch epoch = OpenWith(Agent("web1"), {a_, b_});
  RowBatch batch = Delta({InState(ConnectionState::kCloseWait, a_), c_});
  batch.gone_connections = {NameOf(b_)};
  batch.listeners = {TcpListener("0.0.0.0:80", 9)};
  EXPECT_EQ(Say(epoch, batch).seq, 2u);
  EXPECT_THAT(List(), SizeIs(2));
  EXPECT_EQ(ConnectionsOf(Lookup("10.0.0.9:51000", "10.0.0.5:22"))[0]
                .first.facts.state,
            ConnectionState::kCloseWait);
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.9:51001", "10.0.0.5:22")),
            AbsentReason::kClosed);
  RowBatch gone;
  gone.gone_listeners = {NameOf(TcpListener("0.0.0.0:80", 9))};
  Say(epoch, gone);
  EXPECT_EQ(registry_.GetStatus().listeners, 0u);
}

TEST_F(SessionRowsTest, WhatIsGoneGoesFirst) {
  const Epoch epoch = OpenWith(Agent("web1"), {a_});
  ConnectionFacts next = a_;
  next.socket.cookie = 11;
  RowBatch batch = Delta({next});
  batch.gone_connections = {NameOf(a_)};
  Say(epoch, batch);
  ASSERT_THAT(List(), SizeIs(1));
  EXPECT_EQ(List()[0].first.facts.socket.cookie, 11u);
}

TEST_F(SessionRowsTest, ALateCloseOfOneLifeSparesTheNext) {
  const Epoch epoch = OpenWith(Agent("web1"), {a_});
  ConnectionFacts next = a_;
  next.socket.cookie = 11;
  Say(epoch, Delta({next}));
  Say(epoch, Gone(a_));
  EXPECT_THAT(List(), SizeIs(1));
}

TEST_F(SessionRowsTest, TheCloseOfWhatWasNeverSeenIsNothing) {
  const Epoch epoch = OpenWith(Agent("web1"), {a_});
  const uint64_t before = revision();
  EXPECT_THAT(TrySay(epoch, Gone(b_)), IsOk());
  EXPECT_EQ(revision(), before);
}

TEST_F(SessionRowsTest, NamespacesAndGapsFollowTheDeltas) {
  const Epoch epoch = OpenWith(Agent("web1"), {});
  RowBatch batch;
  batch.namespaces = {Owned({"10.0.0.9"}, "1"), Owned({"10.0.0.8"}, "2")};
  batch.gaps = {{GapKind::kSockets, "no permission"}};
  Say(epoch, batch);
  EXPECT_EQ(Hosts()[0].namespaces, 2u);
  EXPECT_THAT(Hosts()[0].gaps, SizeIs(1));
  RowBatch next;
  next.gone_namespaces = {"2"};
  Say(epoch, next);
  EXPECT_EQ(Hosts()[0].namespaces, 1u);
  EXPECT_THAT(Hosts()[0].gaps, SizeIs(1));
}

TEST_F(SessionRowsTest, ASnapshotClosesWhatItLacksAndTouchesNothingElse) {
  registry_.LoseSession(OpenWith(Agent("web1"), {a_, b_, c_}));
  const uint64_t before = revision();
  clock_.Advance(absl::Seconds(1));
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({a_, b_})).epoch;
  Say(epoch, Snapshot({a_, b_}));
  EXPECT_EQ(revision(), before + 1);
  ASSERT_THAT(List(), SizeIs(2));
  for (const Connection& connection : List()) {
    EXPECT_EQ(connection.first.provenance.first_seen, start_);
    EXPECT_LE(connection.first.provenance.revision, before);
  }
  ASSERT_THAT(Closed(), SizeIs(1));
  EXPECT_EQ(Closed()[0].first.facts.tuple, c_.tuple);
  EXPECT_EQ(Closed()[0].first.closure->reason, CloseReason::kNotInSnapshot);
}

TEST_F(SessionRowsTest, ASnapshotTakesListenersThatItLacksAway) {
  const Epoch epoch = Open(Agent("web1")).epoch;
  RowBatch batch;
  batch.listeners = {TcpListener("0.0.0.0:80", 1),
                     TcpListener("0.0.0.0:81", 2)};
  Say(epoch, batch);
  RowBatch snapshot = Snapshot({});
  snapshot.listeners = {TcpListener("0.0.0.0:80", 1)};
  Say(epoch, snapshot);
  EXPECT_EQ(registry_.GetStatus().listeners, 1u);
  EXPECT_THAT(ListenersOf(Lookup("10.0.0.9:80")), SizeIs(1));
}

TEST_F(SessionRowsTest, NothingGoesBeforeTheSnapshotsLastBatch) {
  registry_.LoseSession(OpenWith(Agent("web1"), {a_, b_}));
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({a_})).epoch;
  Say(epoch, Snapshot({a_}, /*first=*/true, /*last=*/false));
  Say(epoch, Snapshot({}, /*first=*/false, /*last=*/false));
  EXPECT_THAT(List(), SizeIs(2));
  Say(epoch, Snapshot({}, /*first=*/false, /*last=*/true));
  EXPECT_THAT(List(), SizeIs(1));
}

TEST_F(SessionRowsTest, WhatADeltaSaidAmidTheSnapshotStays) {
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({a_})).epoch;
  Say(epoch, Snapshot({a_}, /*first=*/true, /*last=*/false));
  Say(epoch, Delta({b_}));
  Say(epoch, Snapshot({}, /*first=*/false, /*last=*/true));
  EXPECT_THAT(List(), SizeIs(2));
}

TEST_F(SessionRowsTest, ACloseAmidTheSnapshotThatSaidTheRowIsNotUndone) {
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({a_})).epoch;
  Say(epoch, Snapshot({a_, b_}, /*first=*/true, /*last=*/false));
  Say(epoch, Gone(a_));
  Say(epoch, Snapshot({}, /*first=*/false, /*last=*/true));
  ASSERT_THAT(List(), SizeIs(1));
  EXPECT_EQ(List()[0].first.facts.tuple, b_.tuple);
}

TEST_F(SessionRowsTest, ASnapshotThatBreaksOffRemovesNothing) {
  registry_.LoseSession(OpenWith(Agent("web1"), {a_, b_}));
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({c_})).epoch;
  Say(epoch, Snapshot({c_}, /*first=*/true, /*last=*/false));
  registry_.LoseSession(epoch);
  EXPECT_THAT(List(), SizeIs(3));
  EXPECT_EQ(StateOf("web1"), HostState::kStale);
}

TEST_F(SessionRowsTest, ASnapshotThatBeginsAnewForgetsTheOneThatDidNotEnd) {
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({a_})).epoch;
  Say(epoch, Snapshot({b_}, /*first=*/true, /*last=*/false));
  Say(epoch, Snapshot({a_}));
  ASSERT_THAT(List(), SizeIs(1));
  EXPECT_EQ(List()[0].first.facts.tuple, a_.tuple);
}

TEST_F(SessionRowsTest, ASnapshotLeavesOtherReportersRowsAlone) {
  Register(Program("web1"), {a_});
  OpenWith(SecondAgent("web1"), {b_});
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({c_})).epoch;
  Say(epoch, Snapshot({c_}));
  EXPECT_THAT(List(), SizeIs(3));
}

TEST_F(SessionRowsTest, AnotherLifeInTheSnapshotTakesThePlaceOfTheOneBefore) {
  registry_.LoseSession(OpenWith(Agent("web1"), {a_}));
  ConnectionFacts next = a_;
  next.socket.cookie = 11;
  OpenWith(Agent("web1"), {next});
  ASSERT_THAT(Closed(), SizeIs(1));
  EXPECT_EQ(Closed()[0].first.closure->reason, CloseReason::kReplaced);
}

TEST_F(SessionRowsTest, AllThatALargeSnapshotLacksGoes) {
  RowBatch all = Snapshot({});
  RowBatch half = Snapshot({});
  for (int i = 1; i <= 20'000; ++i) {
    all.connections.push_back(
        Tcp(absl::StrCat("10.0.0.9:", i), "10.0.0.5:80", i));
    if (i % 2 == 0) half.connections.push_back(all.connections.back());
  }
  for (int i = 1; i <= 1200; ++i) {
    all.listeners.push_back(TcpListener(absl::StrCat("0.0.0.0:", i), i));
    if (i % 2 == 0) half.listeners.push_back(all.listeners.back());
  }
  const Epoch epoch = Open(Agent("web1")).epoch;
  Say(epoch, all);
  Say(epoch, half);
  EXPECT_FALSE(Claim(epoch, DigestOfRows(half.connections, half.listeners))
                   .snapshot_wanted);
  EXPECT_EQ(registry_.GetStatus().observations, 10'000u);
  EXPECT_EQ(registry_.GetStatus().listeners, 600u);
}

TEST_F(SessionRowsTest, WhatEndedUnseenIsRememberedAsClosed) {
  const Epoch epoch = OpenWith(Agent("web1"), {});
  Say(epoch, Ended(a_));
  EXPECT_THAT(List(), IsEmpty());
  ASSERT_THAT(Closed(), SizeIs(1));
  EXPECT_EQ(Closed()[0].first.closure->time, clock_.Now());
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.9:51000", "10.0.0.5:22")),
            AbsentReason::kClosed);
  EXPECT_FALSE(Claim(epoch, {}).snapshot_wanted);
}

TEST_F(SessionRowsTest, WhatEndedIsRememberedOnce) {
  const Epoch epoch = OpenWith(Agent("web1"), {a_});
  Say(epoch, Gone(a_));
  const uint64_t before = revision();
  Say(epoch, Ended(a_));
  EXPECT_THAT(Closed(), SizeIs(1));
  EXPECT_EQ(revision(), before);
}

TEST_F(SessionRowsTest, WhatEndedIsNotClosedWhileAnotherReporterSeesIt) {
  OpenWith(SecondAgent("web1"), {a_});
  const Epoch epoch = OpenWith(Agent("web1"), {});
  const uint64_t before = revision();
  Say(epoch, Ended(a_));
  EXPECT_THAT(List(), SizeIs(1));
  EXPECT_THAT(Closed(), IsEmpty());
  EXPECT_EQ(revision(), before);
}

TEST_F(SessionRowsTest, WhatEndedAndIsThereGoes) {
  const Epoch epoch = OpenWith(Agent("web1"), {a_});
  Say(epoch, Ended(a_));
  EXPECT_THAT(List(), IsEmpty());
  EXPECT_THAT(Closed(), SizeIs(1));
}

TEST_F(SessionRowsTest, ABatchOutOfOrderIsNotApplied) {
  const Epoch epoch = OpenWith(Agent("web1"), {a_});
  RowBatch batch = Gone(a_);
  for (const uint64_t seq : {0u, 1u, 3u}) {
    batch.seq = seq;
    EXPECT_THAT(registry_.Apply(epoch, batch), IsInvalid("SEQ_OUT_OF_ORDER"));
  }
  EXPECT_THAT(List(), SizeIs(1));
  batch.seq = 2;
  EXPECT_EQ(registry_.Apply(epoch, batch).value().seq, 2u);
}

TEST_F(SessionRowsTest, ASnapshotCannotGoOnThatHasNotBegun) {
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({a_})).epoch;
  EXPECT_THAT(TrySay(epoch, Snapshot({a_}, /*first=*/false, /*last=*/true)),
              IsInvalid("NO_SNAPSHOT"));
  EXPECT_THAT(List(), IsEmpty());
}

class SessionLimitsTest : public SessionRowsTest {
 protected:
  SessionLimitsTest()
      : SessionRowsTest(
            {.rows = 3, .rows_per_reporter = 2, .listeners_per_endpoint = 1}) {}

  size_t LimitedReporters() {
    return registry_.GetStatus().coverage.hosts.limited_reporters;
  }
};

TEST_F(SessionLimitsTest, ThePlacesOfRowsWithoutRoomAreTold) {
  const Epoch epoch = Open(Agent("web1")).epoch;
  const std::vector<ConnectionFacts> rows = {a_, b_, c_};
  const Ack ack = Say(epoch, Delta(rows));
  ASSERT_THAT(ack.refused_connections, SizeIs(1));
  ASSERT_THAT(ack.limits, SizeIs(1));
  EXPECT_EQ(ack.limits[0].limit, RowLimit::kRowsPerReporter);
  EXPECT_THAT(List(), SizeIs(2));
  for (const Connection& connection : List())
    EXPECT_NE(connection.first.facts.tuple,
              rows[ack.refused_connections[0]].tuple);
}

TEST_F(SessionLimitsTest, ThePlacesOfListenersWithoutRoomAreTold) {
  const Epoch epoch = Open(Agent("web1")).epoch;
  RowBatch batch;
  batch.listeners = {TcpListener("0.0.0.0:80", 1),
                     TcpListener("0.0.0.0:80", 2)};
  EXPECT_THAT(Say(epoch, batch).refused_listeners, ElementsAre(1));
}

TEST_F(SessionLimitsTest, RefusedRowsDoNotCountInTheClaim) {
  const Epoch epoch = Open(Agent("web1")).epoch;
  std::vector<ConnectionFacts> rows = {a_, b_, c_};
  const Ack ack = Say(epoch, Delta(rows));
  rows.erase(rows.begin() + ack.refused_connections[0]);
  EXPECT_FALSE(Claim(epoch, DigestOfRows(rows)).snapshot_wanted);
}

TEST_F(SessionLimitsTest, RoomThatComesBackIsTold) {
  const Epoch epoch = Open(Agent("web1")).epoch;
  EXPECT_FALSE(Say(epoch, Delta({a_, b_})).has_room);
  EXPECT_FALSE(Say(epoch, Delta({c_})).has_room);
  EXPECT_FALSE(KeepAliveOf(epoch).value().has_room);
  EXPECT_TRUE(Say(epoch, Gone(a_)).has_room);
  EXPECT_FALSE(KeepAliveOf(epoch).value().has_room);
  EXPECT_THAT(Say(epoch, Delta({c_})).refused_connections, IsEmpty());
}

TEST_F(SessionLimitsTest, RoomThatAnotherReporterMakesIsTold) {
  Register(Agent("db1"),
           {Tcp("10.0.0.5:1", "10.0.0.9:1"), Tcp("10.0.0.5:2", "10.0.0.9:2")});
  const Epoch epoch = Open(Agent("web1")).epoch;
  EXPECT_THAT(Say(epoch, Delta({a_, b_})).refused_connections, SizeIs(1));
  DeregisterAll(Agent("db1"));
  EXPECT_TRUE(KeepAliveOf(epoch).value().has_room);
}

TEST_F(SessionLimitsTest, RoomThatTheEndOfASnapshotMakesIsTold) {
  registry_.LoseSession(OpenWith(Agent("web1"), {a_, b_}));
  const Epoch epoch = Open(Agent("web1"), DigestOfRows({c_})).epoch;
  const Ack ack = Say(epoch, Snapshot({c_}));
  EXPECT_THAT(ack.refused_connections, ElementsAre(0));
  EXPECT_TRUE(ack.has_room);
}

TEST_F(SessionLimitsTest, AConnectionThatGoesMakesRoomForAListener) {
  const Epoch epoch = OpenWith(Agent("web1"), {a_, b_});
  RowBatch batch = Gone(a_);
  batch.listeners = {TcpListener("0.0.0.0:80", 1)};
  EXPECT_THAT(Say(epoch, batch).refused_listeners, IsEmpty());
}

TEST_F(SessionLimitsTest, RoomIsToldAgainToAnAgentThatMayNotHaveHeard) {
  const Epoch epoch = Open(Agent("web1")).epoch;
  Say(epoch, Delta({a_, b_}));
  Say(epoch, Delta({c_}));
  EXPECT_TRUE(Say(epoch, Gone(a_)).has_room);
  registry_.LoseSession(epoch);
  const SessionWelcome welcome = Open(Agent("web1"), DigestOfRows({b_}));
  ASSERT_FALSE(welcome.snapshot_wanted);
  EXPECT_TRUE(KeepAliveOf(welcome.epoch).value().has_room);
}

TEST_F(SessionLimitsTest, AnAgentWithRefusedRowsIsLimitedForAsLongAsItReports) {
  const Epoch epoch = Open(Agent("web1")).epoch;
  Say(epoch, Delta({a_, b_}));
  Say(epoch, Delta({c_}));
  for (int i = 0; i < 5; ++i) {
    Pass(kTtl / 2);
    EXPECT_THAT(KeepAliveOf(epoch), IsOk());
  }
  EXPECT_EQ(LimitedReporters(), 1u);
}

TEST_F(SessionLimitsTest, AnAgentThatAlwaysHasNewsIsLimitedForAsLong) {
  const Epoch epoch = Open(Agent("web1")).epoch;
  Say(epoch, Delta({a_, b_}));
  Say(epoch, Delta({c_}));
  for (int i = 0; i < 5; ++i) {
    Pass(kTtl / 2);
    Say(epoch, Delta({a_}));
  }
  EXPECT_EQ(LimitedReporters(), 1u);
}

TEST_F(SessionLimitsTest, AnAgentIsLimitedNoLongerOnceItsRowsAreTaken) {
  const Epoch epoch = Open(Agent("web1")).epoch;
  Say(epoch, Delta({a_, b_}));
  Say(epoch, Delta({c_}));
  // This makes room and takes it.
  RowBatch batch = Delta({c_});
  batch.gone_connections = {NameOf(a_)};
  EXPECT_THAT(Say(epoch, batch).refused_connections, IsEmpty());
  for (int i = 0; i < 2; ++i) {
    Pass(kTtl / 2);
    Say(epoch, Delta({c_}));
  }
  EXPECT_EQ(LimitedReporters(), 0u);
}

TEST_F(SessionLimitsTest, AnAgentThatDoesNotOfferItsRowsAgainLacksNone) {
  const Epoch epoch = Open(Agent("web1")).epoch;
  Say(epoch, Delta({a_, b_}));
  Say(epoch, Delta({c_}));
  EXPECT_TRUE(Say(epoch, Gone(a_)).has_room);
  for (int i = 0; i < 2; ++i) {
    Pass(RefusedRows::kOfferedWithin / 2);
    EXPECT_THAT(KeepAliveOf(epoch), IsOk());
    EXPECT_EQ(LimitedReporters(), 1u);
  }
  Pass(kTtl / 2);
  EXPECT_EQ(LimitedReporters(), 0u);
}

TEST_F(SessionLimitsTest, ClosesAreTakenWhenThereIsNoRoom) {
  const Epoch epoch = Open(Agent("web1")).epoch;
  Say(epoch, Delta({a_, b_}));
  RowBatch batch = Delta({c_});
  batch.gone_connections = {NameOf(a_)};
  EXPECT_THAT(Say(epoch, batch).refused_connections, IsEmpty());
}

}  // namespace
}  // namespace connreg
