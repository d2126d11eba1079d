#include "client/agent/owners.h"

#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

constexpr uint32_t kInode = 4711;

DiagSocket TcpSocket(KernelState state, uint32_t inode) {
  DiagSocket socket;
  socket.state = state;
  socket.inode = inode;
  return socket;
}

OwnerUnknownReason ReasonOf(const DiagSocket& socket,
                            const SocketHolders* holders) {
  const Owners owners = OwnersOf(socket, holders);
  EXPECT_FALSE(owners.known());
  return owners.unknown_reason();
}

OwnerUnknownReason ReasonWithoutInode(KernelState state) {
  const SocketHolders holders;
  return ReasonOf(TcpSocket(state, 0), &holders);
}

TEST(OwnersTest, HoldersOfTheInodeWithTheServiceManagerLast) {
  const Process manager{1, absl::UnixEpoch(), "systemd"};
  const Process service{812, absl::UnixEpoch(), "sshd"};
  SocketHolders holders;
  holders.by_inode[kInode] = Owners::Known({manager, service});
  const Owners owners =
      OwnersOf(TcpSocket(KernelState::kListen, kInode), &holders);
  EXPECT_THAT(owners.processes(), testing::ElementsAre(service, manager));
}

TEST(OwnersTest, ConnectionBeforeItsAcceptIsNotAccepted) {
  for (const KernelState state :
       {KernelState::kSynReceived, KernelState::kNewSynReceived,
        KernelState::kEstablished, KernelState::kCloseWait})
    EXPECT_EQ(ReasonWithoutInode(state), OwnerUnknownReason::kNotAccepted);
}

TEST(OwnersTest, ConnectionAfterItsCloseIsTheKernels) {
  for (const KernelState state :
       {KernelState::kFinWait1, KernelState::kFinWait2, KernelState::kClosing,
        KernelState::kLastAck})
    EXPECT_EQ(ReasonWithoutInode(state), OwnerUnknownReason::kKernelOrphan);
}

TEST(OwnersTest, OtherSocketsWithoutAFileHaveNoHolder) {
  EXPECT_EQ(ReasonWithoutInode(KernelState::kSynSent),
            OwnerUnknownReason::kNoHolder);
  EXPECT_EQ(ReasonWithoutInode(KernelState::kListen),
            OwnerUnknownReason::kNoHolder);
  DiagSocket udp = TcpSocket(KernelState::kEstablished, 0);
  udp.transport = Transport::kUdp;
  const SocketHolders holders;
  EXPECT_EQ(ReasonOf(udp, &holders), OwnerUnknownReason::kNoHolder);
}

TEST(OwnersTest, InodeThatNobodyHoldsHasNoHolder) {
  const SocketHolders holders;
  EXPECT_EQ(ReasonOf(TcpSocket(KernelState::kListen, kInode), &holders),
            OwnerUnknownReason::kNoHolder);
}

TEST(OwnersTest, InodeThatSomeoneUnseenMayHoldIsNotPermitted) {
  SocketHolders unreadable;
  unreadable.unreadable_count = 1;
  SocketHolders hidden;
  hidden.some_hidden = true;
  for (const SocketHolders& holders : {unreadable, hidden}) {
    EXPECT_EQ(ReasonOf(TcpSocket(KernelState::kListen, kInode), &holders),
              OwnerUnknownReason::kNotPermitted);
  }
}

// The state alone tells this much, whoever may look into processes.
TEST(OwnersTest, UnreadableProcessesDoNotHideThatNothingIsAccepted) {
  SocketHolders holders;
  holders.unreadable_count = 1;
  EXPECT_EQ(ReasonOf(TcpSocket(KernelState::kEstablished, 0), &holders),
            OwnerUnknownReason::kNotAccepted);
}

TEST(OwnersTest, WithoutAScanNothingIsReported) {
  EXPECT_EQ(ReasonOf(TcpSocket(KernelState::kListen, kInode), nullptr),
            OwnerUnknownReason::kNotReported);
}

}  // namespace
}  // namespace connreg
