#include <cstdint>
#include <string>
#include <vector>

#include "client/agent/ledger.h"
#include "gmock/gmock.h"
#include "tests/unit/agent/ledger_fixture.h"

// What a ledger takes from the kernel's events, and how it tells what it has.
namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// ---- Ends ----

TEST_F(LedgerTest, NamesASocketThatEnded) {
  LookAndBegin();
  EXPECT_TRUE(ledger_.End("1", 2));
  const RowBatch batch = Tell();
  ASSERT_THAT(batch.gone_connections, SizeIs(1));
  EXPECT_EQ(batch.gone_connections[0].socket.cookie, 2u);
  EXPECT_EQ(ledger_.connection_count(), 0u);
  EXPECT_EQ(ledger_.digest().rows, 1u);
}

TEST_F(LedgerTest, NamesAListenerThatEnded) {
  LookAndBegin();
  EXPECT_TRUE(ledger_.End("1", 1));
  EXPECT_THAT(Tell().gone_listeners, SizeIs(1));
}

TEST_F(LedgerTest, KnowsCookiesInTheirNamespaceOnly) {
  LookAndBegin();
  EXPECT_FALSE(ledger_.End("2", 2));
  EXPECT_FALSE(ledger_.End("1", 3));
  EXPECT_EQ(ledger_.connection_count(), 1u);
}

TEST_F(LedgerTest, KnowsAnEndThatALookHasShownAlready) {
  LookAndBegin();
  own().connections.clear();
  Look();
  EXPECT_TRUE(ledger_.End("1", 2));
  EXPECT_TRUE(ledger_.End("1", 2));
}

TEST_F(LedgerTest, ForgetsAnEndAfterAFewLooks) {
  LookAndBegin();
  own().connections.clear();
  for (int i = 0; i < 5; ++i) Look();
  EXPECT_FALSE(ledger_.End("1", 2));
}

TEST_F(LedgerTest, BringsNothingBackThatEndedAfterTheLookHadReadIt) {
  LookAndBegin();
  ledger_.End("1", 2);
  EXPECT_THAT(LookAndTell().connections, IsEmpty());
  EXPECT_EQ(ledger_.connection_count(), 0u);
}

TEST_F(LedgerTest, BringsNothingBackThoughVeryManyHaveEnded) {
  for (uint16_t i = 0; i < 20'000; ++i)
    own().connections.push_back(Connected(i, 10'000 + i));
  Look();
  Look();
  for (uint16_t i = 0; i < 20'000; ++i) ledger_.End("1", 10'000 + i);
  Look();
  EXPECT_EQ(ledger_.connection_count(), 1u);
}

TEST_F(LedgerTest, ShowsASocketAgainThatALookHadMissed) {
  LookAndBegin();
  const ConnectionFacts there = connection();
  own().connections.clear();
  LookAndTell();
  own().connections = {there};
  EXPECT_THAT(LookAndTell().connections, ElementsAre(there));
}

TEST_F(LedgerTest, FindsASocketThatMovedByItsCookie) {
  LookAndBegin();
  connection() = Connected("10.0.0.5:22", "10.0.0.9:52000", 2);
  Look();
  EXPECT_TRUE(ledger_.End("1", 2));
  EXPECT_EQ(ledger_.connection_count(), 0u);
}

// ---- States ----

TEST_F(LedgerTest, TellsTheStateThatAConnectionHasNow) {
  LookAndBegin();
  ledger_.SetState("1", 2, ConnectionState::kFinWait2);
  connection().state = ConnectionState::kFinWait2;
  EXPECT_THAT(Tell().connections, ElementsAre(connection()));
  RowDigest digest;
  digest.Add(DigestOf(own().listeners[0]));
  digest.Add(DigestOf(connection()));
  EXPECT_EQ(ledger_.digest(), digest);
}

TEST_F(LedgerTest, PassesOverTheStateOfAConnectionThatItDoesNotKnow) {
  LookAndBegin();
  ledger_.SetState("1", 3, ConnectionState::kFinWait2);
  ledger_.SetState("1", 1, ConnectionState::kFinWait2);
  ExpectNothing(Tell());
}

TEST_F(LedgerTest, KeepsAnEndOfWhatWasMissingForAWhileBefore) {
  Look();
  const std::vector<ConnectionFacts> there = own().connections;
  own().connections.clear();
  Look();
  own().connections = there;
  for (int i = 0; i < 3; ++i) Look();
  EXPECT_TRUE(ledger_.End("1", 2));
  Look();
  EXPECT_EQ(ledger_.connection_count(), there.size() - 1);
}

TEST_F(LedgerTest, KeepsAStateThatTheNextLookMayHaveMissed) {
  LookAndBegin();
  ledger_.SetState("1", 2, ConnectionState::kFinWait2);
  Look();
  EXPECT_EQ(Tell().connections.at(0).state, ConnectionState::kFinWait2);
  EXPECT_EQ(LookAndTell().connections.at(0).state,
            ConnectionState::kEstablished);
}

TEST_F(LedgerTest, KeepsTheOwnersOfWhatIsLeftOfAConnection) {
  connection().socket.owners = Owners::Known({Process{.pid = 7}});
  LookAndBegin();
  const uint64_t inode = connection().socket.inode;
  connection().state = ConnectionState::kFinWait2;
  connection().socket.inode = 0;
  connection().socket.owners =
      Owners::Unknown(OwnerUnknownReason::kKernelOrphan);
  const RowBatch batch = LookAndTell();
  ASSERT_THAT(batch.connections, SizeIs(1));
  EXPECT_TRUE(batch.connections[0].socket.owners.known());
  EXPECT_EQ(batch.connections[0].socket.inode, inode);
}

// ---- Connections that were never seen ----

TEST_F(LedgerTest, TellsAConnectionOnceThatEndedUnseen) {
  LookAndBegin();
  const ConnectionFacts ended = Connected(1, 9);
  ledger_.AddEnded(ended);
  ledger_.AddEnded(ended);
  EXPECT_FALSE(ledger_.in_step());
  EXPECT_THAT(Tell().ended, ElementsAre(ended));
  ExpectNothing(Tell());
  EXPECT_TRUE(ledger_.End("1", 9));
}

TEST_F(LedgerTest, DoesNotBringBackWhatEndedUnseen) {
  LookAndBegin();
  ledger_.AddEnded(Connected(1, 9));
  own().connections.push_back(Connected(1, 9));
  EXPECT_THAT(LookAndTell().connections, IsEmpty());
}

TEST_F(LedgerTest, KeepsWhatEndedUnseenForTheNextSession) {
  Look();
  ledger_.AddEnded(Connected(1, 9));
  EXPECT_FALSE(NextBatch().has_value());
  ledger_.BeginSession();
  EXPECT_THAT(Tell().ended, SizeIs(1));
}

TEST_F(LedgerTest, TellsWhatEndedAgainIfItsBatchMayBeLost) {
  LookAndBegin();
  ledger_.AddEnded(Connected(1, 9));
  const RowBatch batch = Tell();
  ledger_.EndSession();
  ledger_.AddEnded(Connected(2, 10));
  ledger_.TellEndedAgain(batch.ended);
  ledger_.BeginSession();
  EXPECT_THAT(Tell().ended, ElementsAre(Connected(1, 9), Connected(2, 10)));
}

TEST_F(LedgerTest, DropsTheOldestOfVeryManyThatEndedUnseenAndCountsThem) {
  Look();
  for (uint16_t i = 0; i < 1500; ++i) ledger_.AddEnded(Connected(i, 100 + i));
  EXPECT_EQ(ledger_.dropped_ended(), 500u);
  ledger_.BeginSession();
  const RowBatch batch = Tell();
  ASSERT_THAT(batch.ended, SizeIs(1000));
  EXPECT_EQ(batch.ended[0].socket.cookie, 600u);
}

TEST_F(LedgerTest, KeepsAsManyThatEndedAsThereAreRows) {
  for (uint16_t i = 0; i < 2000; ++i)
    own().connections.push_back(Connected(i, 10'000 + i));
  Look();
  for (uint16_t i = 0; i < 2002; ++i) ledger_.AddEnded(Connected(i, 100 + i));
  EXPECT_EQ(ledger_.dropped_ended(), 0u);
}

// ---- Sessions and snapshots ----

TEST_F(LedgerTest, ForgetsWhatWasToldWithTheSession) {
  LookAndBegin();
  own().connections.clear();
  Look();
  ledger_.EndSession();
  EXPECT_TRUE(ledger_.in_step());
  ledger_.BeginSession();
  EXPECT_FALSE(NextBatch().has_value());
}

TEST_F(LedgerTest, NumbersTheBatchesOfEachSession) {
  for (int i = 0; i < 2; ++i) {
    LookAndBegin();
    for (uint64_t seq = 1; seq <= 3; ++seq) {
      ledger_.SetState("1", 2, static_cast<ConnectionState>(seq));
      EXPECT_EQ(NextBatch()->seq, seq);
    }
  }
}

TEST_F(LedgerTest, SnapshotTellsEverythingOnceFromItsFirstBatchToItsLast) {
  for (uint16_t i = 0; i < 25; ++i)
    own().connections.push_back(Connected(i, 100 + i));
  LookAndBegin();
  ledger_.BeginSnapshot();
  EXPECT_FALSE(ledger_.in_step());
  size_t rows = 0;
  for (int i = 0; i < 3; ++i) {
    const RowBatch batch = ledger_.NextBatch(9, kAll).value();
    EXPECT_EQ(batch.kind, RowBatch::Kind::kSnapshot);
    EXPECT_EQ(batch.first, i == 0);
    EXPECT_EQ(batch.last, i == 2);
    rows += RowCount(batch);
  }
  EXPECT_EQ(rows, 27u);
  EXPECT_TRUE(ledger_.in_step());
}

TEST_F(LedgerTest, SnapshotOfNothingIsOneBatch) {
  own().listeners.clear();
  own().connections.clear();
  LookAndBegin();
  ledger_.BeginSnapshot();
  const RowBatch batch = NextBatch().value();
  EXPECT_TRUE(batch.first);
  EXPECT_TRUE(batch.last);
  EXPECT_EQ(RowCount(batch), 0u);
  EXPECT_FALSE(NextBatch().has_value());
}

TEST_F(LedgerTest, NamesWhatEndsAfterTheSnapshotHasToldIt) {
  LookAndBegin();
  ledger_.BeginSnapshot();
  EXPECT_THAT(ledger_.NextBatch(1, kAll)->listeners, SizeIs(1));
  ledger_.End("1", 1);
  const RowBatch batch = NextBatch().value();
  EXPECT_THAT(batch.gone_listeners, SizeIs(1));
  EXPECT_THAT(batch.connections, SizeIs(1));
  EXPECT_TRUE(batch.last);
}

TEST_F(LedgerTest, DoesNotNameWhatEndsBeforeTheSnapshotHasToldIt) {
  LookAndBegin();
  ledger_.BeginSnapshot();
  EXPECT_FALSE(ledger_.NextBatch(1, kAll)->last);
  ledger_.End("1", 2);
  const RowBatch batch = NextBatch().value();
  EXPECT_EQ(RowCount(batch), 0u);
  EXPECT_TRUE(batch.last);
  EXPECT_FALSE(batch.first);
}

TEST_F(LedgerTest, TellsWhatChangesAfterTheSnapshotHasToldItAgain) {
  for (uint16_t i = 0; i < 2; ++i)
    own().connections.push_back(Connected(i, 100 + i));
  LookAndBegin();
  ledger_.BeginSnapshot();
  EXPECT_EQ(RowCount(*ledger_.NextBatch(3, kAll)), 3u);
  ledger_.SetState("1", 2, ConnectionState::kCloseWait);
  const RowBatch batch = Tell();
  EXPECT_THAT(batch.connections, SizeIs(2));
  EXPECT_TRUE(ledger_.in_step());
}

TEST_F(LedgerTest, SnapshotEndsThoughRowsKeepChanging) {
  for (uint16_t i = 0; i < 20; ++i)
    own().connections.push_back(Connected(i, 100 + i));
  LookAndBegin();
  ledger_.BeginSnapshot();
  int batches = 0;
  for (bool is_last = false; !is_last; ++batches) {
    ASSERT_LT(batches, 12);
    is_last = ledger_.NextBatch(2, kAll)->last;
    ledger_.SetState("1", 2, static_cast<ConnectionState>(1 + batches % 4));
  }
}

TEST_F(LedgerTest, BeginsASnapshotAnewThatIsWantedAgain) {
  own().connections.push_back(Connected(1, 100));
  LookAndBegin();
  ledger_.BeginSnapshot();
  EXPECT_TRUE(ledger_.NextBatch(2, kAll)->first);
  ledger_.BeginSnapshot();
  const RowBatch batch = NextBatch().value();
  EXPECT_TRUE(batch.first);
  EXPECT_TRUE(batch.last);
  EXPECT_EQ(RowCount(batch), 3u);
}

// ---- Order and size ----

TEST_F(LedgerTest, TellsWhatHasEndedFirst) {
  AddOther();
  LookAndBegin();
  connection().state = ConnectionState::kCloseWait;
  own().listeners[0].v6_only = true;
  own().addresses->name = "green";
  snapshot_.namespaces[1].listeners.clear();
  Look();
  ledger_.AddEnded(Connected(1, 9));
  EXPECT_THAT(ledger_.NextBatch(1, kAll)->gone_listeners, SizeIs(1));
  EXPECT_THAT(ledger_.NextBatch(1, kAll)->ended, SizeIs(1));
  EXPECT_THAT(ledger_.NextBatch(1, kAll)->listeners, SizeIs(1));
  EXPECT_THAT(ledger_.NextBatch(1, kAll)->connections, SizeIs(1));
  EXPECT_TRUE(ledger_.in_step());
}

TEST_F(LedgerTest, TellsNamespacesNoLaterThanTheirRows) {
  ledger_.BeginSession();
  Look();
  const RowBatch batch = ledger_.NextBatch(1, kAll).value();
  EXPECT_THAT(batch.namespaces, SizeIs(1));
  EXPECT_THAT(batch.listeners, SizeIs(1));
}

TEST_F(LedgerTest, NoBatchIsAboveItsLimits) {
  const Process process{.pid = 7,
                        .executable = std::string(4096, 'e'),
                        .cgroup = std::string(4096, 'c')};
  own().connections.clear();
  for (uint16_t i = 0; i < 100; ++i) {
    own().connections.push_back(Connected(i, 100 + i));
    own().connections.back().socket.owners = Owners::Known({process});
  }
  ledger_.BeginSession();
  Look();
  size_t rows = 0;
  while (const auto batch = ledger_.NextBatch(1000, 100'000)) {
    rows += RowCount(*batch);
    EXPECT_LE(RowCount(*batch), 12u);
  }
  EXPECT_EQ(rows, 101u);
}

TEST_F(LedgerTest, SharedOwnersTakeRoomOnce) {
  const Owners owners =
      Owners::Known({{.pid = 7, .cgroup = std::string(4096, 'c')}});
  for (uint16_t i = 0; i < 100; ++i) {
    own().connections.push_back(Connected(i, 100 + i));
    own().connections.back().socket.owners = owners;
  }
  ledger_.BeginSession();
  Look();
  EXPECT_EQ(RowCount(*ledger_.NextBatch(1000, 100'000)), 102u);
}

TEST_F(LedgerTest, ARowThatIsLargerThanABatchGoesAlone) {
  ledger_.BeginSession();
  own().addresses.reset();
  Look();
  EXPECT_EQ(RowCount(*ledger_.NextBatch(10, 1)), 1u);
  EXPECT_EQ(RowCount(*ledger_.NextBatch(10, 1)), 1u);
}

// ---- What the registry has ----

TEST_F(LedgerTest, KnowsWhatTheRegistryHasThoughItIsNotInStep) {
  EXPECT_FALSE(ledger_.told_digest().has_value());
  LookAndBegin();
  const RowDigest told = ledger_.digest();
  ledger_.SetState("1", 2, ConnectionState::kCloseWait);
  ledger_.End("1", 1);
  EXPECT_EQ(ledger_.told_digest(), told);
  Tell();
  EXPECT_EQ(ledger_.told_digest(), ledger_.digest());
}

TEST_F(LedgerTest, DoesNotKnowWhatTheRegistryHasAmidASnapshot) {
  LookAndBegin();
  ledger_.BeginSnapshot();
  ledger_.NextBatch(1, kAll);
  EXPECT_FALSE(ledger_.told_digest().has_value());
  ledger_.NextBatch(1, kAll);
  EXPECT_EQ(ledger_.told_digest(), ledger_.digest());
}

// ---- Refusals ----

class LedgerRefusalTest : public LedgerTest {
 protected:
  LedgerRefusalTest() {
    ledger_.BeginSession();
    Look();
    const RowBatch batch = NextBatch().value();
    ledger_.NoteRefused(batch.seq, {}, batch.connections);
  }

  // Without the connection.
  RowDigest DigestWithout() {
    RowDigest digest;
    digest.Add(DigestOf(own().listeners[0]));
    return digest;
  }
};

TEST_F(LedgerRefusalTest, DoesNotCount) {
  EXPECT_EQ(ledger_.digest(), DigestWithout());
  EXPECT_EQ(ledger_.told_digest(), DigestWithout());
  EXPECT_EQ(ledger_.connection_count(), 1u);
  EXPECT_TRUE(ledger_.in_step());
}

TEST_F(LedgerRefusalTest, IsToldAgainIfItChanges) {
  ExpectNothing(LookAndTell());
  connection().state = ConnectionState::kCloseWait;
  EXPECT_THAT(LookAndTell().connections, ElementsAre(connection()));
  EXPECT_EQ(ledger_.digest().rows, 2u);
}

TEST_F(LedgerRefusalTest, IsToldAgainIfItIsOffered) {
  ledger_.OfferAgain();
  EXPECT_FALSE(ledger_.in_step());
  EXPECT_THAT(Tell().connections, ElementsAre(connection()));
  EXPECT_EQ(ledger_.digest().rows, 2u);
}

TEST_F(LedgerRefusalTest, IsToldAgainBySnapshots) {
  ledger_.BeginSnapshot();
  EXPECT_THAT(Tell().connections, ElementsAre(connection()));
}

TEST_F(LedgerRefusalTest, IsNotNamedWhenItEnds) {
  ledger_.End("1", 2);
  ExpectNothing(Tell());
  EXPECT_EQ(ledger_.digest(), DigestWithout());
}

TEST_F(LedgerRefusalTest, DoesNotCountInTheNextSessionEither) {
  ledger_.EndSession();
  ledger_.BeginSession();
  EXPECT_EQ(ledger_.digest(), DigestWithout());
  EXPECT_TRUE(ledger_.in_step());
}

TEST_F(LedgerTest, NamesTheEarlierVersionOfARowThatIsRefused) {
  LookAndBegin();
  ledger_.SetState("1", 2, ConnectionState::kCloseWait);
  const RowBatch batch = NextBatch().value();
  ledger_.NoteRefused(batch.seq, {}, batch.connections);
  EXPECT_FALSE(ledger_.told_digest().has_value());
  const RowBatch next = Tell();
  EXPECT_THAT(next.gone_connections, SizeIs(1));
  EXPECT_THAT(next.connections, IsEmpty());
  EXPECT_EQ(ledger_.digest().rows, 1u);
}

TEST_F(LedgerTest, ARefusedVersionDoesNotKeepTheNextFromBeingTold) {
  ledger_.BeginSession();
  Look();
  const RowBatch batch = NextBatch().value();
  ledger_.SetState("1", 2, ConnectionState::kCloseWait);
  ledger_.NoteRefused(batch.seq, {}, batch.connections);
  EXPECT_THAT(Tell().connections, SizeIs(1));
  EXPECT_EQ(ledger_.digest().rows, 2u);
}

TEST_F(LedgerTest, ARefusalOfWhatWasToldAgainSinceIsPassedOver) {
  ledger_.BeginSession();
  Look();
  const RowBatch batch = NextBatch().value();
  ledger_.SetState("1", 2, ConnectionState::kCloseWait);
  ASSERT_TRUE(NextBatch().has_value());
  ledger_.NoteRefused(batch.seq, {}, batch.connections);
  EXPECT_EQ(ledger_.digest().rows, 2u);
  EXPECT_TRUE(ledger_.in_step());
}

TEST_F(LedgerTest, ARowThatEndedBeforeItWasRefusedIsNamedNoMore) {
  ledger_.BeginSession();
  Look();
  const RowBatch batch = NextBatch().value();
  ledger_.End("1", 2);
  ledger_.NoteRefused(batch.seq, {}, batch.connections);
  ExpectNothing(Tell());
}

TEST_F(LedgerTest, TellsTheRowsOfASnapshotInTheOrderInWhichTheyCame) {
  for (uint16_t i = 0; i < 100; ++i)
    own().connections.push_back(Connected(i, 10'000 + i));
  LookAndBegin();
  ledger_.BeginSnapshot();
  EXPECT_EQ(Tell().connections, own().connections);
}

}  // namespace
}  // namespace connreg
