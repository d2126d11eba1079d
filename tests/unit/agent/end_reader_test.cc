#include "client/agent/end_reader.h"

#include <string>
#include <utility>
#include <vector>

#include "client/agent/collector.h"
#include "gmock/gmock.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/agent/fake_host.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

DiagSocket InState(DiagSocket socket, KernelState state) {
  socket.state = state;
  if (state == KernelState::kFinWait2 || state == KernelState::kTimeWait)
    socket.inode = 0;
  return socket;
}

class EndReaderTest : public testing::Test {
 protected:
  EndReaderTest() {
    kernel_.sockets = {ListenerV4(Transport::kTcp, 22, 1), connection_};
    Look();
    ledger_.BeginSession();
  }

  void Look() {
    EndsTable::Search search = table_.Begin();
    Snapshot snapshot =
        collector_.Collect([&](const std::string& netns,
                               const FoundNetns& found, const Kernel& kernel) {
          return search.NoteNetns(netns, found, kernel);
        });
    table_.Take(std::move(search));
    reader_.Note(snapshot);
    ledger_.Take(std::move(snapshot));
  }

  // What is told next; an empty batch if nothing is.
  RowBatch Told() {
    return ledger_.NextBatch(1000, 1 << 20).value_or(RowBatch());
  }
  // The kernel keeps a remainder of the connection.
  void LeaveRemainder() {
    ends().left[2] = InState(connection_, KernelState::kFinWait2);
  }

  FakeEnds& ends() { return *kernel_.ends; }

  const DiagSocket connection_ = ConnectionV4(Transport::kTcp, 22, 51000, 2);
  FakeKernel kernel_;
  FakeProcesses processes_;
  FakeNamespaces namespaces_{kernel_};
  const Collector collector_{namespaces_, processes_, "4101"};
  FakeClock clock_;
  EndsTable table_;
  Ledger ledger_;
  EndReader reader_{table_, ledger_, clock_};
};

TEST_F(EndReaderTest, ConnectionOfWhichNothingIsLeftHasEnded) {
  ends().HearEnd(connection_);
  EXPECT_FALSE(reader_.Read());
  EXPECT_THAT(ends().asked, ElementsAre(0));
  EXPECT_THAT(Told().gone_connections, SizeIs(1));
}

TEST_F(EndReaderTest, ConnectionInTimeWaitHasEnded) {
  ends().left[2] = InState(connection_, KernelState::kTimeWait);
  ends().HearEnd(connection_);
  reader_.Read();
  EXPECT_THAT(Told().gone_connections, SizeIs(1));
}

TEST_F(EndReaderTest, ConnectionOfWhichARemainderIsLeftIsHalfClosed) {
  LeaveRemainder();
  ends().HearEnd(connection_);
  reader_.Read();
  const RowBatch told = Told();
  EXPECT_THAT(told.gone_connections, IsEmpty());
  ASSERT_THAT(told.connections, SizeIs(1));
  EXPECT_EQ(told.connections[0].state, ConnectionState::kFinWait2);
}

TEST_F(EndReaderTest, RemainderIsAskedForUntilItHasEnded) {
  LeaveRemainder();
  ends().HearEnd(connection_);
  reader_.Read();
  Told();
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(reader_.WaitForQuestion().value());
    reader_.Read();
  }
  EXPECT_EQ(ledger_.NextBatch(1000, 1 << 20), std::nullopt);
  ends().left.clear();
  clock_.Advance(absl::Milliseconds(25));
  reader_.Read();
  EXPECT_THAT(Told().gone_connections, SizeIs(1));
  EXPECT_EQ(reader_.WaitForQuestion(), std::nullopt);
}

TEST_F(EndReaderTest, RemainderThatALookShowsIsAskedFor) {
  kernel_.sockets[1] = InState(connection_, KernelState::kFinWait2);
  LeaveRemainder();
  Look();
  reader_.Read();
  EXPECT_THAT(ends().asked, ElementsAre(2));
}

TEST_F(EndReaderTest, HalfClosedConnectionThatAProcessHasOpenIsNotAskedFor) {
  kernel_.sockets[1].state = KernelState::kFinWait2;
  Look();
  EXPECT_EQ(reader_.WaitForQuestion(), std::nullopt);
}

TEST_F(EndReaderTest, LookThatBeganBeforeAnEndDoesNotUndoIt) {
  ends().HearEnd(connection_);
  reader_.Read();
  Look();
  EXPECT_EQ(ledger_.connection_count(), 0u);
}

TEST_F(EndReaderTest, ConnectionThatNoLookHasShownIsToldAsEnded) {
  ends().HearEnd(ConnectionV4(Transport::kTcp, 22, 51001, 3));
  reader_.Read();
  const RowBatch told = Told();
  ASSERT_THAT(told.ended, SizeIs(1));
  EXPECT_EQ(told.ended[0].socket.cookie, 3u);
  EXPECT_EQ(told.ended[0].socket.netns, "4101");
  EXPECT_EQ(told.ended[0].socket.owners.unknown_reason(),
            OwnerUnknownReason::kEndedBeforeScan);
  EXPECT_EQ(told.ended[0].tuple.remote().port(), 51001);
}

TEST_F(EndReaderTest, RemainderThatNoLookHasShownIsToldOnceItHasEnded) {
  const DiagSocket unseen = ConnectionV4(Transport::kTcp, 22, 51001, 3);
  ends().left[3] = InState(unseen, KernelState::kFinWait2);
  ends().HearEnd(unseen);
  reader_.Read();
  EXPECT_THAT(Told().ended, IsEmpty());
  ends().left.clear();
  clock_.Advance(absl::Milliseconds(25));
  reader_.Read();
  EXPECT_THAT(Told().ended, SizeIs(1));
}

TEST_F(EndReaderTest, RemainderMayHaveACookieOfItsOwnIfNoLookHasShownIt) {
  const DiagSocket unseen = ConnectionV4(Transport::kTcp, 22, 51001, 3);
  DiagSocket remainder = InState(unseen, KernelState::kFinWait2);
  remainder.cookie = 4;
  ends().left[4] = remainder;
  ends().HearEnd(unseen);
  reader_.Read();
  EXPECT_THAT(Told().ended, IsEmpty());
  // Of a look that had read it before.
  kernel_.sockets.push_back(unseen);
  Look();
  EXPECT_FALSE(ledger_.HasConnection("4101", 3));
  kernel_.sockets.pop_back();
  ends().left.clear();
  clock_.Advance(absl::Milliseconds(25));
  reader_.Read();
  EXPECT_THAT(ends().asked, ElementsAre(0, 4, 4));
  const RowBatch told = Told();
  ASSERT_THAT(told.ended, SizeIs(1));
  EXPECT_EQ(told.ended[0].socket.cookie, 4u);
}

TEST_F(EndReaderTest, ConnectionWhoseTupleALaterOneHasHasEnded) {
  for (const KernelState state :
       {KernelState::kEstablished, KernelState::kFinWait2}) {
    Look();
    DiagSocket later = InState(connection_, state);
    later.cookie = 4;
    ends().left = {{4, later}};
    ends().HearEnd(connection_);
    reader_.Read();
    EXPECT_FALSE(ledger_.HasConnection("4101", 2));
  }
}

TEST_F(EndReaderTest, ConnectionOfWhichAListenerIsLeftHasEnded) {
  ends().left[1] = kernel_.sockets[0];
  ends().left[1].remote_port = connection_.remote_port;
  ends().left[1].state = KernelState::kListen;
  ends().HearEnd(connection_);
  reader_.Read();
  EXPECT_THAT(Told().gone_connections, SizeIs(1));
}

TEST_F(EndReaderTest, AttemptThatWasRefusedIsNotTold) {
  ends().HearEnd(ConnectionV4(Transport::kTcp, 40000, 1, 3),
                 /*was_connected=*/false);
  reader_.Read();
  EXPECT_EQ(ledger_.NextBatch(1000, 1 << 20), std::nullopt);
}

TEST_F(EndReaderTest, ListenerThatWasKnownHasEnded) {
  ends().HearEnd(kernel_.sockets[0], /*was_connected=*/false);
  reader_.Read();
  EXPECT_THAT(ends().asked, IsEmpty());
  EXPECT_THAT(Told().gone_listeners, SizeIs(1));
}

TEST_F(EndReaderTest, ConnectionThatWasResetHasEndedThoughItsRemoteEndIsLost) {
  DiagSocket reset = connection_;
  reset.remote_port = 0;
  ends().HearEnd(reset, /*was_connected=*/false);
  reader_.Read();
  EXPECT_THAT(Told().gone_connections, SizeIs(1));
}

TEST_F(EndReaderTest, LostEventsAndLostAnswersAreSaid) {
  ends().news.is_lossy = true;
  EXPECT_TRUE(reader_.Read());
  EXPECT_FALSE(reader_.Read());
  ends().HearEnd(connection_);
  ends().refusal = absl::InternalError("no");
  EXPECT_TRUE(reader_.Read());
}

TEST_F(EndReaderTest, LinkLocalConnectionHasItsZone) {
  DiagSocket socket = ConnectionV4(Transport::kTcp, 22, 51001, 3);
  socket.family = SocketFamily::kIpv6;
  socket.local_address = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5};
  socket.remote_address = socket.local_address;
  socket.interface = 2;
  ends().HearEnd(socket);
  reader_.Read();
  const RowBatch told = Told();
  ASSERT_THAT(told.ended, SizeIs(1));
  EXPECT_EQ(told.ended[0].tuple.local().address().ToString(), "fe80::5%eth0");
}

}  // namespace
}  // namespace connreg
