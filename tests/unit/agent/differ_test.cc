#include "client/agent/differ.h"

#include <string>

#include "gmock/gmock.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

ListenerFacts Listening(const std::string& local, uint64_t cookie,
                        SocketFamily family = SocketFamily::kIpv4) {
  return {.socket = {.netns = "1",
                     .transport = Transport::kTcp,
                     .family = family,
                     .cookie = cookie,
                     .inode = 1000 + cookie},
          .local = Endpoint::Parse(local).value()};
}

ConnectionFacts Connected(const std::string& local, const std::string& remote,
                          uint64_t cookie) {
  return {.socket = Listening(local, cookie).socket,
          .tuple = FourTuple::Create(Endpoint::Parse(local).value(),
                                     Endpoint::Parse(remote).value())
                       .value()};
}

class DifferTest : public testing::Test {
 protected:
  DifferTest() {
    snapshot_.namespaces = {{.netns = "1", .inode = 100}};
    own().listeners = {Listening("10.0.0.5:22", 1)};
    own().connections = {Connected("10.0.0.5:22", "10.0.0.9:51000", 2)};
    own().addresses = {"1", {{Prefix::Parse("10.0.0.5").value()}}};
  }

  NetnsSnapshot& own() { return snapshot_.namespaces[0]; }
  // Adds another network namespace, with a listener.
  NetnsSnapshot& AddOther() {
    NetnsSnapshot& other = snapshot_.namespaces.emplace_back();
    other = {.netns = "2", .inode = 200};
    other.addresses = {"2", {}, "blue"};
    other.listeners = {Listening("10.0.0.5:22", 7)};
    other.listeners[0].socket.netns = "2";
    return other;
  }

  Delta Compare() const { return differ_.Compare(snapshot_); }
  void Tell() { differ_.NoteTold(snapshot_); }

  static void ExpectEverything(const Delta& delta) {
    EXPECT_THAT(delta.listeners, SizeIs(1));
    EXPECT_THAT(delta.connections, SizeIs(1));
    EXPECT_THAT(delta.namespaces, SizeIs(1));
    EXPECT_TRUE(delta.gaps.has_value());
    EXPECT_THAT(delta.gone_listeners, IsEmpty());
    EXPECT_THAT(delta.gone_connections, IsEmpty());
  }
  static void ExpectNothing(const Delta& delta) {
    EXPECT_THAT(delta.listeners, IsEmpty());
    EXPECT_THAT(delta.connections, IsEmpty());
    EXPECT_THAT(delta.namespaces, IsEmpty());
    EXPECT_FALSE(delta.gaps.has_value());
    EXPECT_THAT(delta.gone_listeners, IsEmpty());
    EXPECT_THAT(delta.gone_connections, IsEmpty());
  }

  Differ differ_;
  Snapshot snapshot_;
};

TEST_F(DifferTest, TellsEverythingAtFirst) { ExpectEverything(Compare()); }

TEST_F(DifferTest, TellsNothingTwice) {
  Tell();
  ExpectNothing(Compare());
}

TEST_F(DifferTest, TellsARowThatChanged) {
  Tell();
  own().connections[0].state = ConnectionState::kCloseWait;
  const Delta delta = Compare();
  EXPECT_THAT(delta.connections, ElementsAre(own().connections[0]));
  EXPECT_THAT(delta.gone_connections, IsEmpty());
  EXPECT_THAT(delta.listeners, IsEmpty());
}

TEST_F(DifferTest, TakesBackWhatIsGoneByItsNameAlone) {
  Tell();
  own().connections.clear();
  const Delta delta = Compare();
  ASSERT_THAT(delta.gone_connections, SizeIs(1));
  EXPECT_EQ(delta.gone_connections[0].socket.cookie, 2u);
  EXPECT_EQ(delta.gone_connections[0].socket.netns, "1");
  EXPECT_EQ(delta.gone_connections[0].tuple.ToString(),
            "10.0.0.5:22 > 10.0.0.9:51000");
  Tell();
  ExpectNothing(Compare());
}

TEST_F(DifferTest, TellsAnotherIncarnationAndTakesTheOldOneBack) {
  Tell();
  own().connections[0].socket.cookie = 3;
  const Delta delta = Compare();
  EXPECT_THAT(delta.connections, SizeIs(1));
  ASSERT_THAT(delta.gone_connections, SizeIs(1));
  EXPECT_EQ(delta.gone_connections[0].socket.cookie, 2u);
}

TEST_F(DifferTest, TellsSocketsWithoutCookiesApartByTheirInodes) {
  own().listeners = {Listening("10.0.0.5:22", 0), Listening("10.0.0.5:22", 0)};
  own().listeners[1].socket.inode = 7;
  EXPECT_THAT(Compare().listeners, SizeIs(2));
  Tell();
  own().listeners.pop_back();
  const Delta delta = Compare();
  EXPECT_THAT(delta.listeners, IsEmpty());
  ASSERT_THAT(delta.gone_listeners, SizeIs(1));
  EXPECT_EQ(delta.gone_listeners[0].socket.inode, 7u);
}

TEST_F(DifferTest, KnowsASocketThatGotItsInodeOrLostIt) {
  Socket& socket = own().connections[0].socket;
  socket.cookie = 0;
  for (const uint64_t inode : {0, 7, 0}) {
    socket.inode = inode;
    const Delta delta = Compare();
    EXPECT_THAT(delta.connections, SizeIs(1));
    EXPECT_THAT(delta.gone_connections, IsEmpty());
    Tell();
  }
  EXPECT_EQ(differ_.size(), 3u);
}

// ---- Several network namespaces ----

TEST_F(DifferTest, KeepsOneEndpointOfTwoNamespacesApart) {
  AddOther();
  const Delta delta = Compare();
  EXPECT_THAT(delta.listeners, SizeIs(2));
  EXPECT_THAT(delta.namespaces, SizeIs(2));
  Tell();
  snapshot_.namespaces[1].listeners.clear();
  const Delta later = Compare();
  ASSERT_THAT(later.gone_listeners, SizeIs(1));
  EXPECT_EQ(later.gone_listeners[0].socket.netns, "2");
  EXPECT_THAT(later.gone_namespaces, IsEmpty());
}

TEST_F(DifferTest, TakesANamespaceThatIsGoneBackWithItsRows) {
  AddOther();
  Tell();
  snapshot_.namespaces.pop_back();
  const Delta delta = Compare();
  EXPECT_THAT(delta.gone_namespaces, ElementsAre("2"));
  ASSERT_THAT(delta.gone_listeners, SizeIs(1));
  EXPECT_EQ(delta.gone_listeners[0].socket.netns, "2");
  Tell();
  ExpectNothing(Compare());
  EXPECT_EQ(differ_.size(), 3u);
}

TEST_F(DifferTest, LeavesANamespaceThatCannotBeLookedIntoAsItWas) {
  AddOther();
  Tell();
  snapshot_.namespaces.pop_back();
  snapshot_.unread_inodes = {200};
  ExpectNothing(Compare());
  Tell();
  snapshot_.unread_inodes.clear();
  EXPECT_THAT(Compare().gone_namespaces, ElementsAre("2"));
}

TEST_F(DifferTest, TakesNoNamespaceBackWhileSomeMayNotBeFound) {
  AddOther();
  Tell();
  snapshot_.namespaces.pop_back();
  snapshot_.may_lack_namespaces = true;
  ExpectNothing(Compare());
}

TEST_F(DifferTest, TakesANamespaceForAnotherWhereItsInodeIsUsedAgain) {
  AddOther();
  Tell();
  NetnsSnapshot& another = snapshot_.namespaces[1];
  another.netns = "3";
  another.addresses->netns = "3";
  another.listeners.clear();
  const Delta delta = Compare();
  EXPECT_THAT(delta.gone_namespaces, ElementsAre("2"));
  EXPECT_THAT(delta.gone_listeners, SizeIs(1));
  EXPECT_THAT(delta.namespaces, ElementsAre(*another.addresses));
}

TEST_F(DifferTest, TakesANamespaceBackThatTheServiceMayKnow) {
  AddOther();
  differ_.NoteUnsure(snapshot_);
  snapshot_.namespaces.pop_back();
  EXPECT_THAT(Compare().gone_namespaces, ElementsAre("2"));
}

TEST_F(DifferTest, TellsTheNameThatANamespaceWasGiven) {
  NetnsSnapshot& other = AddOther();
  Tell();
  other.addresses->name = "green";
  EXPECT_THAT(Compare().namespaces, ElementsAre(*other.addresses));
}

// ---- Doubt ----

TEST_F(DifferTest, TellsAgainWhatIsDoubtedAndForgetsWhatIsGone) {
  Tell();
  differ_.Doubt();
  EXPECT_FALSE(differ_.is_sure());
  ExpectEverything(Compare());
  own().connections.clear();
  Tell();
  EXPECT_EQ(differ_.size(), 2u);
}

TEST_F(DifferTest, LeavesRowsOfATableThatCouldNotBeReadAsTheyWere) {
  own().listeners.push_back(Listening("[::]:80", 4, SocketFamily::kIpv6));
  Tell();
  own().listeners.clear();
  own().unread_tables = {{SocketFamily::kIpv6, Transport::kTcp}};
  Delta delta = Compare();
  ASSERT_THAT(delta.gone_listeners, SizeIs(1));
  EXPECT_EQ(delta.gone_listeners[0].local.port(), 22);
  Tell();
  own().unread_tables.clear();
  delta = Compare();
  ASSERT_THAT(delta.gone_listeners, SizeIs(1));
  EXPECT_EQ(delta.gone_listeners[0].local.port(), 80);
}

TEST_F(DifferTest, RecallsWhatALaterLookNoLongerShows) {
  auto& connections = snapshot_.namespaces[0].connections;
  connections[0].role = Role::kServer;
  connections[0].evidence = RoleEvidence::kListener;
  connections[0].listener_cookie = 1;
  connections[0].socket.owners = Owners::Known({Process{.pid = 7}});
  const ConnectionFacts known = connections[0];
  Tell();
  // Its listener and its process are gone, and the kernel finishes it alone.
  connections[0].role = Role::kUnknown;
  connections[0].evidence = RoleEvidence::kUnknown;
  connections[0].listener_cookie = 0;
  connections[0].socket.owners =
      Owners::Unknown(OwnerUnknownReason::kKernelOrphan);
  differ_.Recall(&snapshot_);
  EXPECT_EQ(connections[0], known);
}

TEST_F(DifferTest, RecallsNothingOfAnotherIncarnation) {
  auto& connections = snapshot_.namespaces[0].connections;
  connections[0].role = Role::kClient;
  connections[0].evidence = RoleEvidence::kInitiated;
  Tell();
  connections[0] = Connected("10.0.0.5:22", "10.0.0.9:51000", 3);
  const ConnectionFacts another = connections[0];
  differ_.Recall(&snapshot_);
  EXPECT_EQ(connections[0], another);
}

TEST_F(DifferTest, TakesANamespaceForGoneOnceItIsMissedTwice) {
  snapshot_.namespaces.push_back({.netns = "2", .inode = 9});
  Tell();
  snapshot_.namespaces.pop_back();
  differ_.Recall(&snapshot_);
  EXPECT_THAT(Compare().gone_namespaces, IsEmpty());
  Tell();
  snapshot_.unread_inodes.clear();
  differ_.Recall(&snapshot_);
  EXPECT_THAT(Compare().gone_namespaces, ElementsAre("2"));
}

TEST_F(DifferTest, TellsNothingOfAddressesThatCouldNotBeRead) {
  Tell();
  own().addresses.reset();
  EXPECT_THAT(Compare().namespaces, IsEmpty());
  Tell();
  own().addresses = {"1", {{Prefix::Parse("10.0.0.5").value()}}};
  EXPECT_THAT(Compare().namespaces, IsEmpty());
  own().addresses = {"1", {}};
  EXPECT_THAT(Compare().namespaces, SizeIs(1));
}

TEST_F(DifferTest, TellsGapsThatCameAndWent) {
  Tell();
  snapshot_.gaps = {{GapKind::kSockets, "no udp_diag"}};
  EXPECT_EQ(Compare().gaps, snapshot_.gaps);
  Tell();
  snapshot_.gaps.clear();
  EXPECT_THAT(Compare().gaps, testing::Optional(IsEmpty()));
}

TEST_F(DifferTest, TellsAgainWhatTheServiceMayNotHave) {
  Tell();
  EXPECT_TRUE(differ_.is_sure());
  differ_.NoteUnsure(snapshot_);
  EXPECT_FALSE(differ_.is_sure());
  ExpectEverything(Compare());
}

TEST_F(DifferTest, TakesBackWhatTheServiceMayHave) {
  differ_.NoteUnsure(snapshot_);
  own().connections.clear();
  EXPECT_THAT(Compare().gone_connections, SizeIs(1));
  // Nor is it sure that this came there.
  differ_.NoteUnsure(snapshot_);
  EXPECT_THAT(Compare().gone_connections, SizeIs(1));
  Tell();
  EXPECT_THAT(Compare().gone_connections, IsEmpty());
}

TEST_F(DifferTest, StartsAnewWithAServiceThatKnowsNothing) {
  Tell();
  differ_.Forget();
  ExpectEverything(Compare());
}

}  // namespace
}  // namespace connreg
