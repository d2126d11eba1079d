#include "client/agent/collector.h"

#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/agent/fake_host.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CollectorTest : public testing::Test {
 protected:
  Snapshot Collect() const {
    return Collector(kernel_, processes_, "4101").Collect();
  }

  FakeKernel kernel_;
  FakeProcesses processes_;
};

TEST_F(CollectorTest, PutsSocketsOwnersAndRolesTogether) {
  const Process postgres{812, absl::UnixEpoch(), "postgres"};
  kernel_.sockets = {ListenerV4(Transport::kTcp, 5432, 1),
                     ConnectionV4(Transport::kTcp, 5432, 51000, 2)};
  SocketHolders holders;
  holders.by_inode[1001] = {postgres};
  processes_.holders = holders;

  const Snapshot snapshot = Collect();
  EXPECT_EQ(snapshot.netns, "4101");
  EXPECT_THAT(snapshot.failures, IsEmpty());
  ASSERT_THAT(snapshot.listeners, SizeIs(1));
  EXPECT_THAT(snapshot.listeners[0].socket.owners.processes(),
              ElementsAre(postgres));
  ASSERT_THAT(snapshot.connections, SizeIs(1));
  EXPECT_EQ(snapshot.connections[0].socket.netns, "4101");
  EXPECT_EQ(snapshot.connections[0].listener_cookie, 1u);
  EXPECT_EQ(snapshot.connections[0].socket.owners.unknown_reason(),
            OwnerUnknownReason::kNoHolder);
}

TEST_F(CollectorTest, AddressesBelongToTheNamespace) {
  const Prefix loopback = Prefix::Parse("127.0.0.0/8").value();
  kernel_.prefixes = {{loopback}};
  EXPECT_EQ(Collect().addresses, (NetworkNamespace{"4101", {{loopback}}}));
}

TEST_F(CollectorTest, ConnectionsWithoutAnInodeStayTwo) {
  kernel_.sockets = {ConnectionV4(Transport::kTcp, 443, 51000, 1),
                     ConnectionV4(Transport::kTcp, 443, 51001, 2)};
  for (DiagSocket& socket : kernel_.sockets) socket.inode = 0;
  EXPECT_THAT(Collect().connections, SizeIs(2));
}

TEST_F(CollectorTest, SocketsBeyondTheModelAreCountedWithTheirReason) {
  kernel_.sockets = {ConnectionV4(Transport::kUdp, 40000, 0, 1),
                     ConnectionV4(Transport::kUdp, 40001, 0, 2)};
  const Snapshot snapshot = Collect();
  EXPECT_THAT(snapshot.connections, IsEmpty());
  EXPECT_EQ(snapshot.inexpressible_count, 2u);
  EXPECT_THAT(snapshot.inexpressible_reason, testing::HasSubstr("port 0"));
}

TEST_F(CollectorTest, IdleSocketsAreLeftOutSilently) {
  kernel_.sockets = {ListenerV4(Transport::kUdp, 0, 1)};
  const Snapshot snapshot = Collect();
  EXPECT_THAT(snapshot.listeners, IsEmpty());
  EXPECT_EQ(snapshot.inexpressible_count, 0u);
}

TEST_F(CollectorTest, TableThatCannotBeReadIsAGapAndTheOthersStay) {
  kernel_.sockets = {ListenerV4(Transport::kTcp, 22, 1),
                     ListenerV4(Transport::kUdp, 53, 2)};
  kernel_.refusal = absl::NotFoundError("no udp_diag");
  SocketHolders holders;
  holders.by_inode[1001] = {Process{7, absl::UnixEpoch(), "sshd"}};
  processes_.holders = holders;
  const Snapshot snapshot = Collect();
  EXPECT_THAT(snapshot.listeners, SizeIs(1));
  EXPECT_TRUE(IsPartial(snapshot));
  EXPECT_THAT(snapshot.unread_tables, SizeIs(2));
  EXPECT_THAT(snapshot.gaps, SizeIs(2));
}

TEST_F(CollectorTest, UnknownAddressesAreNotNone) {
  kernel_.prefixes = absl::PermissionDeniedError("no rtnetlink");
  const Snapshot snapshot = Collect();
  EXPECT_EQ(snapshot.addresses, std::nullopt);
  EXPECT_THAT(snapshot.gaps, SizeIs(1));
}

TEST_F(CollectorTest, LinkLocalSocketsWithoutAZoneAreLeftOutWithTheirReason) {
  kernel_.refusal = absl::PermissionDeniedError("no netlink");
  kernel_.proc_refusal = absl::OkStatus();
  DiagSocket socket = ListenerV4(Transport::kUdp, 546, 0);
  socket.family = SocketFamily::kIpv6;
  socket.local_address = {0xfe, 0x80};
  kernel_.proc_table.sockets = {socket};
  const Snapshot snapshot = Collect();
  EXPECT_THAT(snapshot.listeners, IsEmpty());
  EXPECT_EQ(snapshot.inexpressible_count, 1u);
  EXPECT_THAT(snapshot.inexpressible_reason, testing::HasSubstr("link-local"));
}

TEST_F(CollectorTest, WithoutProcessesSocketsStay) {
  kernel_.sockets = {ListenerV4(Transport::kTcp, 22, 1)};
  processes_.holders = absl::NotFoundError("/proc");
  const Snapshot snapshot = Collect();
  ASSERT_THAT(snapshot.listeners, SizeIs(1));
  EXPECT_EQ(snapshot.listeners[0].socket.owners.unknown_reason(),
            OwnerUnknownReason::kNotReported);
  EXPECT_THAT(snapshot.failures,
              ElementsAre("cannot read the processes: /proc"));
}

TEST_F(CollectorTest, UnreadableProcessesAreCounted) {
  SocketHolders holders;
  holders.unreadable_count = 3;
  processes_.holders = holders;
  EXPECT_EQ(Collect().unreadable_process_count, 3u);
}

// ---- Processes that are not seen ----

MATCHER_P(IsGapOfProcesses, words, "") {
  *result_listener << arg.description;
  return arg.kind == GapKind::kProcesses &&
         absl::StrContains(arg.description, words);
}

TEST_F(CollectorTest, ProcessesThatMayNotBeLookedIntoAreAGap) {
  kernel_.sockets = {ListenerV4(Transport::kTcp, 22, 1),
                     ListenerV4(Transport::kTcp, 80, 2)};
  SocketHolders holders;
  holders.by_inode[1001] = {Process{7, absl::UnixEpoch(), "sshd"}};
  processes_.holders = holders;
  EXPECT_THAT(Collect().gaps, IsEmpty());
  holders.unreadable_count = 1;
  processes_.holders = holders;
  EXPECT_THAT(Collect().gaps, ElementsAre(IsGapOfProcesses("CAP_SYS_PTRACE")));
}

TEST_F(CollectorTest, ListenersOfWhichNoneHasAHolderAreAGap) {
  kernel_.sockets = {ListenerV4(Transport::kTcp, 22, 1),
                     ConnectionV4(Transport::kTcp, 7878, 51000, 2)};
  SocketHolders holders;
  holders.by_inode[1002] = {Process{7, absl::UnixEpoch(), "connreg-agent"}};
  processes_.holders = holders;
  EXPECT_THAT(Collect().gaps,
              ElementsAre(IsGapOfProcesses("process namespace")));
  kernel_.sockets.clear();
  EXPECT_THAT(Collect().gaps, IsEmpty());
}

}  // namespace
}  // namespace connreg
