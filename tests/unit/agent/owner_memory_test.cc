#include "client/agent/owner_memory.h"

#include "gtest/gtest.h"

namespace connreg {
namespace {

const Owners kNobody = Owners::Unknown(OwnerUnknownReason::kNoHolder);

Owners Held(int32_t pid) { return Owners::Known({Process{.pid = pid}}); }

// A snapshot of one connection.
Snapshot Of(const Owners& owners, uint64_t inode = 7, uint64_t cookie = 9) {
  ConnectionFacts row{
      .socket = {.cookie = cookie, .inode = inode, .owners = owners},
      .tuple = FourTuple::Create(Endpoint::Parse("10.0.0.5:22").value(),
                                 Endpoint::Parse("10.0.0.9:5000").value())
                   .value()};
  return {.namespaces = {{.netns = "1", .connections = {row}}}};
}

class OwnerMemoryTest : public testing::Test {
 protected:
  Owners Recalled(Snapshot snapshot) {
    memory_.Recall(&snapshot);
    return snapshot.namespaces[0].connections[0].socket.owners;
  }

  OwnerMemory memory_;
};

TEST_F(OwnerMemoryTest, WhoHeldASocketAMomentAgoIsNamedOnceMore) {
  EXPECT_EQ(Recalled(Of(Held(1))), Held(1));
  EXPECT_EQ(Recalled(Of(kNobody)), Held(1));
  EXPECT_EQ(Recalled(Of(kNobody)), kNobody);
}

TEST_F(OwnerMemoryTest, WhatMayNotBeSeenWasSeenAMomentAgo) {
  Recalled(Of(Held(1)));
  EXPECT_EQ(Recalled(Of(Owners::Unknown(OwnerUnknownReason::kNotPermitted))),
            Held(1));
}

TEST_F(OwnerMemoryTest, AnotherOwnerTakesTheFirstOnesPlace) {
  Recalled(Of(Held(1)));
  EXPECT_EQ(Recalled(Of(Held(2))), Held(2));
  EXPECT_EQ(Recalled(Of(kNobody)), Held(2));
}

TEST_F(OwnerMemoryTest, AnotherSocketIsNobodysThoughItsInodeIsUsedAgain) {
  Recalled(Of(Held(1), 7, 9));
  EXPECT_EQ(Recalled(Of(kNobody, 7, 10)), kNobody);
}

TEST_F(OwnerMemoryTest, WhatTheKernelFinishesAloneIsItsOwn) {
  const Owners orphan = Owners::Unknown(OwnerUnknownReason::kKernelOrphan);
  Recalled(Of(Held(1)));
  EXPECT_EQ(Recalled(Of(orphan)), orphan);
}

TEST_F(OwnerMemoryTest, SocketsWithoutAnInodeAreNotTakenForEachOther) {
  Recalled(Of(Held(1), 0, 0));
  EXPECT_EQ(Recalled(Of(kNobody, 0, 0)), kNobody);
}

}  // namespace
}  // namespace connreg
