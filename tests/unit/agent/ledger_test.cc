#include "client/agent/ledger.h"

#include <cstdint>
#include <random>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "gmock/gmock.h"
#include "tests/unit/agent/ledger_fixture.h"

// What a ledger takes from looks.
namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

TEST_F(LedgerTest, KnowsOfNothingBeforeItsFirstLook) {
  EXPECT_FALSE(ledger_.has_looked());
  Look();
  EXPECT_TRUE(ledger_.has_looked());
  EXPECT_EQ(ledger_.listener_count(), 1u);
  EXPECT_EQ(ledger_.connection_count(), 1u);
}

TEST_F(LedgerTest, TellsNothingThatTheSessionBeganWith) {
  LookAndBegin();
  EXPECT_FALSE(NextBatch().has_value());
  EXPECT_TRUE(ledger_.in_step());
}

TEST_F(LedgerTest, TellsNothingTwice) {
  LookAndBegin();
  ExpectNothing(LookAndTell());
}

TEST_F(LedgerTest, TellsNothingWithoutASession) {
  Look();
  EXPECT_FALSE(NextBatch().has_value());
}

TEST_F(LedgerTest, TellsWhatIsNew) {
  ledger_.BeginSession();
  const RowBatch batch = LookAndTell();
  EXPECT_EQ(batch.seq, 1u);
  EXPECT_THAT(batch.listeners, ElementsAre(own().listeners[0]));
  EXPECT_THAT(batch.connections, ElementsAre(connection()));
  EXPECT_THAT(batch.namespaces, ElementsAre(*own().addresses));
}

TEST_F(LedgerTest, TellsARowThatChanged) {
  LookAndBegin();
  connection().state = ConnectionState::kCloseWait;
  const RowBatch batch = LookAndTell();
  EXPECT_THAT(batch.connections, ElementsAre(connection()));
  EXPECT_THAT(batch.gone_connections, IsEmpty());
  EXPECT_THAT(batch.listeners, IsEmpty());
}

TEST_F(LedgerTest, TellsOnlyTheLastStateOfARow) {
  LookAndBegin();
  for (const auto state :
       {ConnectionState::kCloseWait, ConnectionState::kLastAck}) {
    connection().state = state;
    Look();
  }
  EXPECT_THAT(Tell().connections, ElementsAre(connection()));
}

TEST_F(LedgerTest, TellsNothingOfARowThatIsAsItWasToldAgain) {
  LookAndBegin();
  const ConnectionFacts told = connection();
  connection().state = ConnectionState::kCloseWait;
  Look();
  connection() = told;
  ExpectNothing(LookAndTell());
}

TEST_F(LedgerTest, TakesBackWhatIsGoneByItsNameAlone) {
  LookAndBegin();
  own().connections.clear();
  const RowBatch batch = LookAndTell();
  ASSERT_THAT(batch.gone_connections, SizeIs(1));
  EXPECT_EQ(batch.gone_connections[0].socket.cookie, 2u);
  EXPECT_EQ(batch.gone_connections[0].socket.netns, "1");
  EXPECT_EQ(batch.gone_connections[0].tuple.ToString(),
            "10.0.0.5:22 > 10.0.0.9:51000");
  ExpectNothing(LookAndTell());
}

TEST_F(LedgerTest, DoesNotNameWhatIsGoneBeforeItWasTold) {
  ledger_.BeginSession();
  Look();
  own().connections.clear();
  const RowBatch batch = LookAndTell();
  EXPECT_THAT(batch.connections, IsEmpty());
  EXPECT_THAT(batch.gone_connections, IsEmpty());
}

TEST_F(LedgerTest, TellsNothingOfARowThatWasMissingBetweenTwoBatches) {
  LookAndBegin();
  const ConnectionFacts there = connection();
  own().connections.clear();
  Look();
  own().connections = {there};
  ExpectNothing(LookAndTell());
  EXPECT_EQ(ledger_.connection_count(), 1u);
}

TEST_F(LedgerTest, TellsAnotherIncarnationAndTakesTheOldOneBack) {
  LookAndBegin();
  connection().socket.cookie = 3;
  const RowBatch batch = LookAndTell();
  EXPECT_THAT(batch.connections, SizeIs(1));
  ASSERT_THAT(batch.gone_connections, SizeIs(1));
  EXPECT_EQ(batch.gone_connections[0].socket.cookie, 2u);
}

TEST_F(LedgerTest, HasTheSameConnectionOfAPlaceInWhateverOrderALookShowsTwo) {
  ConnectionFacts other = connection();
  other.socket.cookie = 3;
  own().connections.push_back(other);
  LookAndBegin();
  EXPECT_EQ(ledger_.connection_count(), 1u);
  for (int i = 0; i < 2; ++i) {
    std::swap(own().connections[0], own().connections[1]);
    ExpectNothing(LookAndTell());
  }
  // The kernel tells the end of both.
  EXPECT_TRUE(ledger_.End("1", 2));
  EXPECT_EQ(ledger_.connection_count(), 1u);
  EXPECT_TRUE(ledger_.End("1", 3));
  EXPECT_EQ(ledger_.connection_count(), 0u);
}

TEST_F(LedgerTest, HasAllListenersOfAPlace) {
  ledger_.BeginSession();
  own().listeners.push_back(Listening("10.0.0.5:22", 3));
  EXPECT_THAT(LookAndTell().listeners, SizeIs(2));
}

TEST_F(LedgerTest, TellsSocketsWithoutCookiesApartByTheirInodes) {
  own().listeners = {Listening("10.0.0.5:22", 0), Listening("10.0.0.5:22", 0)};
  own().listeners[1].socket.inode = 7;
  LookAndBegin();
  EXPECT_EQ(ledger_.listener_count(), 2u);
  own().listeners.pop_back();
  const RowBatch batch = LookAndTell();
  EXPECT_THAT(batch.listeners, IsEmpty());
  ASSERT_THAT(batch.gone_listeners, SizeIs(1));
  EXPECT_EQ(batch.gone_listeners[0].socket.inode, 7u);
}

TEST_F(LedgerTest, KnowsASocketThatGotItsInodeOrLostIt) {
  Socket& socket = connection().socket;
  socket.cookie = socket.inode = 0;
  LookAndBegin();
  socket.inode = 7;
  RowBatch batch = LookAndTell();
  EXPECT_THAT(batch.connections, ElementsAre(connection()));
  EXPECT_THAT(batch.gone_connections, IsEmpty());
  socket.inode = 0;
  ExpectNothing(LookAndTell());
  EXPECT_EQ(ledger_.connection_count(), 1u);
}

TEST_F(LedgerTest, CountsASocketOnceThatTurnsOutToBeAnother) {
  ListenerFacts by_inode = Listening("10.0.0.5:22", 0);
  by_inode.socket.inode = 7;
  ListenerFacts by_cookie = Listening("10.0.0.5:22", 5);
  by_cookie.socket.inode = 8;
  own().listeners = {by_inode, by_cookie};
  LookAndBegin();
  EXPECT_EQ(ledger_.listener_count(), 2u);
  by_inode.socket.cookie = 5;
  own().listeners = {by_inode};
  Look();
  EXPECT_EQ(ledger_.listener_count(), 1u);
  EXPECT_EQ(ledger_.digest().rows, 2u);
}

TEST_F(LedgerTest, DigestIsThatOfTheRowsThatAreThere) {
  RowDigest expected;
  EXPECT_EQ(ledger_.digest(), expected);
  Look();
  expected.Add(DigestOf(own().listeners[0]));
  expected.Add(DigestOf(connection()));
  EXPECT_EQ(ledger_.digest(), expected);
  expected.Remove(DigestOf(connection()));
  connection().state = ConnectionState::kCloseWait;
  Look();
  expected.Add(DigestOf(connection()));
  EXPECT_EQ(ledger_.digest(), expected);
  own().listeners.clear();
  own().connections.clear();
  Look();
  EXPECT_EQ(ledger_.digest(), RowDigest());
}

// ---- Several network namespaces ----

TEST_F(LedgerTest, KnowsRowsInWhateverOrderALookShowsThem) {
  std::mt19937 random(7);
  std::set<uint64_t> told = {connection().socket.cookie};
  LookAndBegin();
  for (int look = 0; look < 300; ++look) {
    std::set<uint64_t> there;
    own().connections.clear();
    for (uint16_t number = 0; number < 20; ++number) {
      // Now and then another one is in its place.
      const uint64_t cookie = number + 100 * (1 + random() % 8 / 7);
      if (random() % 4 == 0) continue;
      own().connections.push_back(Connected(number, cookie));
      there.insert(cookie);
    }
    if (look % 3 == 0) absl::c_shuffle(own().connections, random);
    const RowBatch batch = LookAndTell();
    for (const ConnectionName& gone : batch.gone_connections)
      EXPECT_EQ(told.erase(gone.socket.cookie), 1u);
    for (const ConnectionFacts& row : batch.connections)
      EXPECT_TRUE(told.insert(row.socket.cookie).second);
    EXPECT_EQ(told, there);
    EXPECT_EQ(ledger_.digest(), ledger_.told_digest());
  }
}

TEST_F(LedgerTest, KeepsOneEndpointOfTwoNamespacesApart) {
  AddOther();
  LookAndBegin();
  EXPECT_EQ(ledger_.listener_count(), 2u);
  snapshot_.namespaces[1].listeners.clear();
  const RowBatch later = LookAndTell();
  ASSERT_THAT(later.gone_listeners, SizeIs(1));
  EXPECT_EQ(later.gone_listeners[0].socket.netns, "2");
  EXPECT_THAT(later.gone_namespaces, IsEmpty());
}

TEST_F(LedgerTest, TakesANamespaceBackWithItsRowsOnceItIsMissedTwice) {
  AddOther();
  LookAndBegin();
  snapshot_.namespaces.pop_back();
  ExpectNothing(LookAndTell());
  const RowBatch batch = LookAndTell();
  EXPECT_THAT(batch.gone_namespaces, ElementsAre("2"));
  ASSERT_THAT(batch.gone_listeners, SizeIs(1));
  EXPECT_EQ(batch.gone_listeners[0].socket.netns, "2");
  ExpectNothing(LookAndTell());
  EXPECT_EQ(ledger_.listener_count(), 1u);
}

TEST_F(LedgerTest, DoesNotTakeANamespaceBackThatIsBackItself) {
  const NetnsSnapshot other = AddOther();
  LookAndBegin();
  snapshot_.namespaces.pop_back();
  Look();
  Look();
  snapshot_.namespaces.push_back(other);
  const RowBatch batch = LookAndTell();
  EXPECT_THAT(batch.gone_namespaces, IsEmpty());
  EXPECT_THAT(batch.gone_listeners, IsEmpty());
  EXPECT_EQ(ledger_.listener_count(), 2u);
}

TEST_F(LedgerTest, TakesWhatWasToldOfANamespaceBackThatIsBackUnread) {
  NetnsSnapshot other = AddOther();
  LookAndBegin();
  snapshot_.namespaces.pop_back();
  Look();
  Look();
  other.addresses.reset();
  snapshot_.namespaces.push_back(other);
  EXPECT_THAT(LookAndTell().gone_namespaces, ElementsAre("2"));
  EXPECT_THAT(ledger_.namespaces(), SizeIs(1));
}

TEST_F(LedgerTest, DoesNotTakeANamespaceBackThatWasNotTold) {
  ledger_.BeginSession();
  AddOther();
  Look();
  snapshot_.namespaces.pop_back();
  Look();
  EXPECT_THAT(LookAndTell().gone_namespaces, IsEmpty());
}

TEST_F(LedgerTest, LeavesANamespaceThatCannotBeLookedIntoAsItWas) {
  AddOther();
  LookAndBegin();
  snapshot_.namespaces.pop_back();
  snapshot_.unread_inodes = {200};
  for (int i = 0; i < 3; ++i) ExpectNothing(LookAndTell());
  snapshot_.unread_inodes.clear();
  Look();
  EXPECT_THAT(LookAndTell().gone_namespaces, ElementsAre("2"));
}

TEST_F(LedgerTest, TakesNoNamespaceBackWhileSomeMayNotBeFound) {
  AddOther();
  LookAndBegin();
  snapshot_.namespaces.pop_back();
  snapshot_.may_lack_namespaces = true;
  for (int i = 0; i < 3; ++i) ExpectNothing(LookAndTell());
}

TEST_F(LedgerTest, TakesANamespaceForAnotherWhereItsInodeIsUsedAgain) {
  AddOther();
  LookAndBegin();
  NetnsSnapshot& another = snapshot_.namespaces[1];
  another.netns = "3";
  another.addresses->netns = "3";
  another.listeners.clear();
  EXPECT_THAT(LookAndTell().namespaces, ElementsAre(*another.addresses));
  const RowBatch batch = LookAndTell();
  EXPECT_THAT(batch.gone_namespaces, ElementsAre("2"));
  EXPECT_THAT(batch.gone_listeners, SizeIs(1));
}

TEST_F(LedgerTest, TellsTheNameThatANamespaceWasGiven) {
  NetnsSnapshot& other = AddOther();
  LookAndBegin();
  other.addresses->name = "green";
  EXPECT_THAT(LookAndTell().namespaces, ElementsAre(*other.addresses));
}

TEST_F(LedgerTest, TellsNothingOfAddressesThatCouldNotBeRead) {
  LookAndBegin();
  own().addresses.reset();
  ExpectNothing(LookAndTell());
  own().addresses = {"1", {{Prefix::Parse("10.0.0.5").value()}}};
  ExpectNothing(LookAndTell());
  own().addresses = {"1", {}};
  EXPECT_THAT(LookAndTell().namespaces, SizeIs(1));
}

TEST_F(LedgerTest, OpensASessionWithAsManyNamespacesAsOneMessageTakes) {
  for (int i = 0; i < 5000; ++i) {
    NetnsSnapshot& other = snapshot_.namespaces.emplace_back();
    other.netns = "n" + std::to_string(i);
    other.addresses = {other.netns, {}};
  }
  Look();
  EXPECT_THAT(ledger_.BeginSession(), SizeIs(kMaxNamespaces));
  EXPECT_FALSE(ledger_.in_step());
  EXPECT_THAT(Tell().namespaces, SizeIs(5001 - kMaxNamespaces));
  EXPECT_TRUE(ledger_.in_step());
}

// ---- What a look does not show ----

TEST_F(LedgerTest, LeavesRowsOfATableThatCouldNotBeReadAsTheyWere) {
  own().listeners.push_back(Listening("[::]:80", 4, SocketFamily::kIpv6));
  LookAndBegin();
  own().listeners.clear();
  own().unread_tables = {{SocketFamily::kIpv6, Transport::kTcp}};
  RowBatch batch = LookAndTell();
  ASSERT_THAT(batch.gone_listeners, SizeIs(1));
  EXPECT_EQ(batch.gone_listeners[0].local.port(), 22);
  own().unread_tables.clear();
  batch = LookAndTell();
  ASSERT_THAT(batch.gone_listeners, SizeIs(1));
  EXPECT_EQ(batch.gone_listeners[0].local.port(), 80);
}

TEST_F(LedgerTest, RecallsWhatALaterLookNoLongerShows) {
  connection().role = Role::kServer;
  connection().evidence = RoleEvidence::kListener;
  connection().listener_cookie = 1;
  connection().socket.owners = Owners::Known({Process{.pid = 7}});
  LookAndBegin();
  // Its listener and its process are gone, and the kernel finishes it alone.
  connection().role = Role::kUnknown;
  connection().evidence = RoleEvidence::kUnknown;
  connection().listener_cookie = 0;
  connection().socket.owners =
      Owners::Unknown(OwnerUnknownReason::kKernelOrphan);
  ExpectNothing(LookAndTell());
}

TEST_F(LedgerTest, RecallsNothingOfAnotherIncarnation) {
  connection().role = Role::kClient;
  connection().evidence = RoleEvidence::kInitiated;
  LookAndBegin();
  connection() = Connected("10.0.0.5:22", "10.0.0.9:51000", 3);
  EXPECT_THAT(LookAndTell().connections, ElementsAre(connection()));
}

TEST_F(LedgerTest, TellsGapsThatCameAndWent) {
  LookAndBegin();
  snapshot_.gaps = {{GapKind::kSockets, "no udp_diag"}};
  EXPECT_EQ(LookAndTell().gaps, snapshot_.gaps);
  EXPECT_EQ(ledger_.gaps(), snapshot_.gaps);
  snapshot_.gaps.clear();
  EXPECT_THAT(LookAndTell().gaps, Optional(IsEmpty()));
}

// ---- Owners ----

class LedgerOwnersTest : public LedgerTest {
 protected:
  static Owners Held(int32_t pid) {
    return Owners::Known({Process{.pid = pid}});
  }
  // The owners that the ledger has of a connection of which a look shows this.
  Owners Seen(const Owners& owners, uint64_t inode = 7, uint64_t cookie = 9) {
    connection().socket.owners = owners;
    connection().socket.inode = inode;
    connection().socket.cookie = cookie;
    Look();
    ledger_.BeginSession();
    ledger_.BeginSnapshot();
    return Tell().connections.at(0).socket.owners;
  }

  const Owners nobody_ = Owners::Unknown(OwnerUnknownReason::kNoHolder);
};

TEST_F(LedgerOwnersTest, WhoHeldASocketAMomentAgoIsNamedOnceMore) {
  EXPECT_EQ(Seen(Held(1)), Held(1));
  EXPECT_EQ(Seen(nobody_), Held(1));
  EXPECT_EQ(Seen(nobody_), nobody_);
}

TEST_F(LedgerOwnersTest, WhatMayNotBeSeenWasSeenAMomentAgo) {
  Seen(Held(1));
  EXPECT_EQ(Seen(Owners::Unknown(OwnerUnknownReason::kNotPermitted)), Held(1));
}

TEST_F(LedgerOwnersTest, AnotherOwnerTakesTheFirstOnesPlace) {
  Seen(Held(1));
  EXPECT_EQ(Seen(Held(2)), Held(2));
  EXPECT_EQ(Seen(nobody_), Held(2));
}

TEST_F(LedgerOwnersTest, AnotherSocketIsNobodysThoughItsInodeIsUsedAgain) {
  Seen(Held(1), 7, 9);
  EXPECT_EQ(Seen(nobody_, 7, 10), nobody_);
}

TEST_F(LedgerOwnersTest, WhatTheKernelFinishesAloneIsNamedAfterWhoHeldIt) {
  Seen(Held(1));
  EXPECT_EQ(Seen(Owners::Unknown(OwnerUnknownReason::kKernelOrphan)), Held(1));
}

TEST_F(LedgerOwnersTest, SocketsWithoutAnInodeAreNotTakenForEachOther) {
  Seen(Held(1), 0, 0);
  EXPECT_EQ(Seen(nobody_, 0, 0), nobody_);
}

}  // namespace
}  // namespace connreg
