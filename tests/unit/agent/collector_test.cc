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
    return Collector(namespaces_, processes_, "4101").Collect();
  }

  FakeKernel kernel_;
  FakeNamespaces namespaces_{kernel_};
  FakeProcesses processes_;
};

TEST_F(CollectorTest, PutsSocketsOwnersAndRolesTogether) {
  const Process postgres{812, absl::UnixEpoch(), "postgres"};
  kernel_.sockets = {ListenerV4(Transport::kTcp, 5432, 1),
                     ConnectionV4(Transport::kTcp, 5432, 51000, 2)};
  SocketHolders holders;
  holders.by_inode[1001] = Owners::Known({postgres});
  processes_.holders = holders;

  const Snapshot snapshot = Collect();
  EXPECT_EQ(snapshot.namespaces[0].netns, "4101");
  EXPECT_THAT(snapshot.failures, IsEmpty());
  ASSERT_THAT(snapshot.namespaces[0].listeners, SizeIs(1));
  EXPECT_THAT(snapshot.namespaces[0].listeners[0].socket.owners.processes(),
              ElementsAre(postgres));
  ASSERT_THAT(snapshot.namespaces[0].connections, SizeIs(1));
  EXPECT_EQ(snapshot.namespaces[0].connections[0].socket.netns, "4101");
  EXPECT_EQ(snapshot.namespaces[0].connections[0].listener_cookie, 1u);
  EXPECT_EQ(
      snapshot.namespaces[0].connections[0].socket.owners.unknown_reason(),
      OwnerUnknownReason::kNoHolder);
}

TEST_F(CollectorTest, SocketsWhoseOwnersAreNotAllToldAreCounted) {
  kernel_.sockets = {ListenerV4(Transport::kTcp, 80, 1),
                     ListenerV4(Transport::kTcp, 81, 2)};
  SocketHolders holders;
  for (const uint64_t inode : {1001, 1002})
    holders.by_inode[inode] = Owners::Known({Process{.pid = 7}});
  // The other one is of no socket here.
  holders.abridged = {1001, 4711};
  processes_.holders = holders;

  EXPECT_EQ(Collect().crowded_count, 1u);
}

TEST_F(CollectorTest, AddressesBelongToTheNamespace) {
  const Prefix loopback = Prefix::Parse("127.0.0.0/8").value();
  kernel_.prefixes = {{loopback}};
  EXPECT_EQ(Collect().namespaces[0].addresses,
            (NetworkNamespace{"4101", {{loopback}}}));
}

TEST_F(CollectorTest, ConnectionsWithoutAnInodeStayTwo) {
  kernel_.sockets = {ConnectionV4(Transport::kTcp, 443, 51000, 1),
                     ConnectionV4(Transport::kTcp, 443, 51001, 2)};
  for (DiagSocket& socket : kernel_.sockets) socket.inode = 0;
  EXPECT_THAT(Collect().namespaces[0].connections, SizeIs(2));
}

TEST_F(CollectorTest, SocketsBeyondTheModelAreCountedWithTheirReason) {
  kernel_.sockets = {ConnectionV4(Transport::kUdp, 40000, 0, 1),
                     ConnectionV4(Transport::kUdp, 40001, 0, 2)};
  const Snapshot snapshot = Collect();
  EXPECT_THAT(snapshot.namespaces[0].connections, IsEmpty());
  EXPECT_EQ(snapshot.inexpressible_count, 2u);
  EXPECT_THAT(snapshot.inexpressible_reason, testing::HasSubstr("port 0"));
}

TEST_F(CollectorTest, IdleSocketsAreLeftOutSilently) {
  kernel_.sockets = {ListenerV4(Transport::kUdp, 0, 1)};
  const Snapshot snapshot = Collect();
  EXPECT_THAT(snapshot.namespaces[0].listeners, IsEmpty());
  EXPECT_EQ(snapshot.inexpressible_count, 0u);
}

TEST_F(CollectorTest, TableThatCannotBeReadIsAGapAndTheOthersStay) {
  kernel_.sockets = {ListenerV4(Transport::kTcp, 22, 1),
                     ListenerV4(Transport::kUdp, 53, 2)};
  kernel_.refusal = absl::NotFoundError("no udp_diag");
  SocketHolders holders;
  holders.by_inode[1001] =
      Owners::Known({Process{7, absl::UnixEpoch(), "sshd"}});
  processes_.holders = holders;
  const Snapshot snapshot = Collect();
  EXPECT_THAT(snapshot.namespaces[0].listeners, SizeIs(1));
  EXPECT_TRUE(IsPartial(snapshot));
  EXPECT_THAT(snapshot.namespaces[0].unread_tables, SizeIs(2));
  EXPECT_THAT(snapshot.gaps, SizeIs(2));
}

TEST_F(CollectorTest, UnknownAddressesAreNotNone) {
  kernel_.prefixes = absl::PermissionDeniedError("no rtnetlink");
  const Snapshot snapshot = Collect();
  EXPECT_EQ(snapshot.namespaces[0].addresses, std::nullopt);
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
  EXPECT_THAT(snapshot.namespaces[0].listeners, IsEmpty());
  EXPECT_EQ(snapshot.inexpressible_count, 1u);
  EXPECT_THAT(snapshot.inexpressible_reason, testing::HasSubstr("link-local"));
}

TEST_F(CollectorTest, WithoutProcessesSocketsStay) {
  kernel_.sockets = {ListenerV4(Transport::kTcp, 22, 1)};
  processes_.holders = absl::NotFoundError("/proc");
  const Snapshot snapshot = Collect();
  ASSERT_THAT(snapshot.namespaces[0].listeners, SizeIs(1));
  EXPECT_EQ(snapshot.namespaces[0].listeners[0].socket.owners.unknown_reason(),
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

// ---- Several network namespaces ----

TEST_F(CollectorTest, EachNamespaceHasItsOwnSocketsAddressesAndName) {
  kernel_.sockets = {ListenerV4(Transport::kTcp, 22, 1)};
  FakeKernel& blue = namespaces_.Add(4200, "blue");
  blue.sockets = {ListenerV4(Transport::kTcp, 80, 2)};
  const LocalPrefix address{Prefix::Parse("10.0.0.5").value(), "eth0"};
  blue.prefixes = {{address}};
  const Snapshot snapshot = Collect();
  ASSERT_THAT(snapshot.namespaces, SizeIs(2));
  EXPECT_EQ(snapshot.namespaces[0].listeners[0].local.port(), 22);
  const NetnsSnapshot& other = snapshot.namespaces[1];
  EXPECT_EQ(other.netns, "4200");
  EXPECT_EQ(other.inode, 4200u);
  EXPECT_EQ(other.addresses, (NetworkNamespace{"4200", {address}, "blue"}));
  ASSERT_THAT(other.listeners, SizeIs(1));
  EXPECT_EQ(other.listeners[0].socket.netns, "4200");
}

TEST_F(CollectorTest, ListenersServeTheConnectionsOfTheirNamespaceAlone) {
  kernel_.sockets = {ListenerV4(Transport::kTcp, 80, 1)};
  namespaces_.Add(4200).sockets = {ConnectionV4(Transport::kTcp, 80, 51000, 2)};
  namespaces_.Add(4300).sockets = {ListenerV4(Transport::kTcp, 80, 3),
                                   ConnectionV4(Transport::kTcp, 80, 51000, 4)};
  const Snapshot snapshot = Collect();
  EXPECT_EQ(snapshot.namespaces[1].connections[0].role, Role::kUnknown);
  EXPECT_EQ(snapshot.namespaces[2].connections[0].listener_cookie, 3u);
}

TEST_F(CollectorTest, ProcessesAreScannedOnceForAllNamespaces) {
  class CountedProcesses : public FakeProcesses {
   public:
    absl::StatusOr<std::shared_ptr<const SocketHolders>> FindSocketHolders(
        absl::Span<const uint64_t> inodes) const override {
      ++scans;
      return FakeProcesses::FindSocketHolders(inodes);
    }
    mutable int scans = 0;
  };
  CountedProcesses processes;
  namespaces_.Add(4200);
  Collector(namespaces_, processes, "4101").Collect();
  EXPECT_EQ(processes.scans, 1);
}

TEST_F(CollectorTest, NamespaceThatIsMetTwiceIsOne) {
  namespaces_.Add(4200);
  namespaces_.Add(4200);
  EXPECT_THAT(Collect().namespaces, SizeIs(2));
}

TEST_F(CollectorTest, NamespaceThatMayNotBeEnteredIsAGapThatNamesIt) {
  namespaces_.AddClosed(4200, "blue");
  const Snapshot snapshot = Collect();
  EXPECT_THAT(snapshot.unread_inodes, ElementsAre(4200));
  EXPECT_THAT(
      snapshot.gaps,
      ElementsAre(CoverageGap{
          GapKind::kSockets,
          "cannot look into network namespace blue: setns: no; that takes "
          "CAP_SYS_ADMIN (inode 4200, process 7)"}));
}

TEST_F(CollectorTest, NamespaceThatDoesNotTellItsNameIsUnread) {
  namespaces_.Add(4200).netns = absl::ResourceExhaustedError("no descriptor");
  const Snapshot snapshot = Collect();
  EXPECT_THAT(snapshot.namespaces, SizeIs(1));
  EXPECT_THAT(snapshot.unread_inodes, ElementsAre(4200));
  EXPECT_EQ(snapshot.gaps[0].description,
            "cannot look into network namespace inode 4200: no descriptor "
            "(process 7)");
}

TEST_F(CollectorTest, ManyNamespacesThatMayNotBeEnteredAreNotMoreThanFit) {
  for (uint64_t inode = 1; inode <= 200; ++inode) namespaces_.AddClosed(inode);
  const Snapshot snapshot = Collect();
  EXPECT_THAT(snapshot.gaps, SizeIs(16));
  EXPECT_THAT(snapshot.unread_inodes, SizeIs(200));
}

TEST_F(CollectorTest, GapOfANamespaceSaysOfWhich) {
  FakeKernel& blue = namespaces_.Add(4200, "blue");
  blue.refusal = absl::NotFoundError("no udp_diag");
  const Snapshot snapshot = Collect();
  ASSERT_THAT(snapshot.gaps, SizeIs(2));
  EXPECT_EQ(snapshot.gaps[0].description,
            "cannot read the UDP sockets of IPv4, in network namespace blue: "
            "no udp_diag");
}

TEST_F(CollectorTest, NamespacesThatCannotBeListedMayBeThere) {
  namespaces_.missed.listing = absl::ResourceExhaustedError("no descriptor");
  const Snapshot snapshot = Collect();
  EXPECT_TRUE(snapshot.may_lack_namespaces);
  EXPECT_TRUE(IsPartial(snapshot));
}

TEST_F(CollectorTest,
       NamespacesThatOnlyHiddenProcessesAreInMakeNothingPartial) {
  namespaces_.missed.hidden_processes = 3;
  const Snapshot snapshot = Collect();
  EXPECT_FALSE(IsPartial(snapshot));
  ASSERT_THAT(snapshot.gaps, SizeIs(1));
  EXPECT_THAT(
      snapshot.gaps[0].description,
      testing::StartsWith("some processes of other users and the "
                          "network namespaces that only they are in: "));
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
  holders.by_inode[1001] =
      Owners::Known({Process{7, absl::UnixEpoch(), "sshd"}});
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
  holders.by_inode[1002] =
      Owners::Known({Process{7, absl::UnixEpoch(), "connreg-agent"}});
  processes_.holders = holders;
  EXPECT_THAT(Collect().gaps,
              ElementsAre(IsGapOfProcesses("process namespace")));
  kernel_.sockets.clear();
  EXPECT_THAT(Collect().gaps, IsEmpty());
}

}  // namespace
}  // namespace connreg
