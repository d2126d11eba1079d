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
    snapshot_.listeners = {Listening("10.0.0.5:22", 1)};
    snapshot_.connections = {Connected("10.0.0.5:22", "10.0.0.9:51000", 2)};
    snapshot_.addresses = {"1", {{Prefix::Parse("10.0.0.5").value()}}};
  }

  Delta Compare() const { return differ_.Compare(snapshot_); }
  void Tell() { differ_.NoteTold(snapshot_); }

  static void ExpectEverything(const Delta& delta) {
    EXPECT_THAT(delta.listeners, SizeIs(1));
    EXPECT_THAT(delta.connections, SizeIs(1));
    EXPECT_TRUE(delta.addresses.has_value());
    EXPECT_TRUE(delta.gaps.has_value());
    EXPECT_THAT(delta.gone_listeners, IsEmpty());
    EXPECT_THAT(delta.gone_connections, IsEmpty());
  }
  static void ExpectNothing(const Delta& delta) {
    EXPECT_THAT(delta.listeners, IsEmpty());
    EXPECT_THAT(delta.connections, IsEmpty());
    EXPECT_FALSE(delta.addresses.has_value());
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
  snapshot_.connections[0].state = ConnectionState::kCloseWait;
  const Delta delta = Compare();
  EXPECT_THAT(delta.connections, ElementsAre(snapshot_.connections[0]));
  EXPECT_THAT(delta.gone_connections, IsEmpty());
  EXPECT_THAT(delta.listeners, IsEmpty());
}

TEST_F(DifferTest, TakesBackWhatIsGoneByItsNameAlone) {
  Tell();
  snapshot_.connections.clear();
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
  snapshot_.connections[0].socket.cookie = 3;
  const Delta delta = Compare();
  EXPECT_THAT(delta.connections, SizeIs(1));
  ASSERT_THAT(delta.gone_connections, SizeIs(1));
  EXPECT_EQ(delta.gone_connections[0].socket.cookie, 2u);
}

TEST_F(DifferTest, TellsSocketsWithoutCookiesApartByTheirInodes) {
  snapshot_.listeners = {Listening("10.0.0.5:22", 0),
                         Listening("10.0.0.5:22", 0)};
  snapshot_.listeners[1].socket.inode = 7;
  EXPECT_THAT(Compare().listeners, SizeIs(2));
  Tell();
  snapshot_.listeners.pop_back();
  const Delta delta = Compare();
  EXPECT_THAT(delta.listeners, IsEmpty());
  ASSERT_THAT(delta.gone_listeners, SizeIs(1));
  EXPECT_EQ(delta.gone_listeners[0].socket.inode, 7u);
}

TEST_F(DifferTest, KnowsASocketThatGotItsInodeOrLostIt) {
  Socket& socket = snapshot_.connections[0].socket;
  socket.cookie = 0;
  for (const uint64_t inode : {0, 7, 0}) {
    socket.inode = inode;
    const Delta delta = Compare();
    EXPECT_THAT(delta.connections, SizeIs(1));
    EXPECT_THAT(delta.gone_connections, IsEmpty());
    Tell();
  }
  EXPECT_EQ(differ_.size(), 2u);
}

TEST_F(DifferTest, KeepsOneSocketOfTwoNamespacesApart) {
  snapshot_.listeners.push_back(snapshot_.listeners[0]);
  snapshot_.listeners[1].socket.netns = "2";
  EXPECT_THAT(Compare().listeners, SizeIs(2));
  Tell();
  snapshot_.listeners.pop_back();
  const Delta delta = Compare();
  ASSERT_THAT(delta.gone_listeners, SizeIs(1));
  EXPECT_EQ(delta.gone_listeners[0].socket.netns, "2");
}

TEST_F(DifferTest, TellsAgainWhatIsDoubtedAndForgetsWhatIsGone) {
  Tell();
  differ_.Doubt();
  EXPECT_FALSE(differ_.is_sure());
  ExpectEverything(Compare());
  snapshot_.connections.clear();
  Tell();
  EXPECT_EQ(differ_.size(), 1u);
}

TEST_F(DifferTest, LeavesRowsOfATableThatCouldNotBeReadAsTheyWere) {
  snapshot_.listeners.push_back(Listening("[::]:80", 4, SocketFamily::kIpv6));
  Tell();
  snapshot_.listeners.clear();
  snapshot_.unread_tables = {{SocketFamily::kIpv6, Transport::kTcp}};
  Delta delta = Compare();
  ASSERT_THAT(delta.gone_listeners, SizeIs(1));
  EXPECT_EQ(delta.gone_listeners[0].local.port(), 22);
  Tell();
  snapshot_.unread_tables.clear();
  delta = Compare();
  ASSERT_THAT(delta.gone_listeners, SizeIs(1));
  EXPECT_EQ(delta.gone_listeners[0].local.port(), 80);
}

TEST_F(DifferTest, TellsNothingOfAddressesThatCouldNotBeRead) {
  Tell();
  snapshot_.addresses.reset();
  EXPECT_FALSE(Compare().addresses.has_value());
  Tell();
  snapshot_.addresses = {"1", {{Prefix::Parse("10.0.0.5").value()}}};
  EXPECT_FALSE(Compare().addresses.has_value());
  snapshot_.addresses = {"1", {}};
  EXPECT_TRUE(Compare().addresses.has_value());
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
  snapshot_.connections.clear();
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
