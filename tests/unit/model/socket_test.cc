#include "service/model/socket.h"

#include "gmock/gmock.h"
#include "tests/unit/model/rows.h"

namespace connreg {
namespace {

using testing::Optional;

Owners Held(int32_t pid) {
  return Owners::Known({Process{
      .pid = pid, .start_time = absl::FromUnixSeconds(1), .name = "postgres"}});
}

Owners Gone(OwnerUnknownReason reason) { return Owners::Unknown(reason); }

ConnectionFacts Facts() {
  return {.tuple = Tuple("10.0.0.5:5432", "10.0.0.9:51000")};
}

ConnectionFacts Facts(Role role, RoleEvidence evidence,
                      uint64_t listener_cookie = 0) {
  ConnectionFacts facts = Facts();
  facts.role = role;
  facts.evidence = evidence;
  facts.listener_cookie = listener_cookie;
  return facts;
}

// ---- SameIncarnation ----

bool Same(const Socket& a, const Socket& b) {
  EXPECT_EQ(SameIncarnation(a, b), SameIncarnation(b, a));
  return SameIncarnation(a, b);
}

TEST(SameIncarnationTest, GoesByCookieIfBothHaveOne) {
  EXPECT_TRUE(Same({.cookie = 1, .inode = 7}, {.cookie = 1, .inode = 8}));
  EXPECT_FALSE(Same({.cookie = 1, .inode = 7}, {.cookie = 2, .inode = 7}));
}

TEST(SameIncarnationTest, GoesByInodeIfACookieIsMissing) {
  EXPECT_TRUE(Same({.inode = 7}, {.inode = 7}));
  EXPECT_FALSE(Same({.inode = 7}, {.inode = 8}));
  EXPECT_TRUE(Same({.cookie = 1, .inode = 7}, {.inode = 7}));
  EXPECT_FALSE(Same({.cookie = 1, .inode = 7}, {.inode = 8}));
}

TEST(SameIncarnationTest, DoesNotTakeInode0ForAnIdentity) {
  EXPECT_FALSE(Same({.cookie = 1}, {.cookie = 2}));
}

TEST(SameIncarnationTest, HoldsWhereNothingTellsThemApart) {
  EXPECT_TRUE(Same({}, {}));
  EXPECT_TRUE(Same({.cookie = 1}, {.inode = 7}));
  EXPECT_TRUE(Same({.cookie = 1, .inode = 7}, {}));
}

// ---- Succeed: the role ----

TEST(SucceedTest, KeepsTheServerRoleWhenTheListenerIsGone) {
  const ConnectionFacts known =
      Facts(Role::kServer, RoleEvidence::kListener, 77);

  EXPECT_EQ(Succeed(known, Facts()), known);
}

TEST(SucceedTest, KeepsTheLinkToTheFirstListenerWhenAnotherTakesItsPlace) {
  const ConnectionFacts known =
      Facts(Role::kServer, RoleEvidence::kListener, 77);

  EXPECT_EQ(Succeed(known, Facts(Role::kServer, RoleEvidence::kListener, 99)),
            known);
  EXPECT_EQ(Succeed(known, Facts(Role::kServer, RoleEvidence::kListener)),
            known);
}

TEST(SucceedTest, TakesTheListenerOfSeveralOnceTheSocketIsAccepted) {
  ConnectionFacts waiting = Facts(Role::kServer, RoleEvidence::kListener, 0);
  waiting.socket.owners = Owners::Unknown(OwnerUnknownReason::kNotAccepted);
  ConnectionFacts accepted = Facts(Role::kServer, RoleEvidence::kListener, 77);
  accepted.socket.owners = Owners::Known({Process{.pid = 7}});

  EXPECT_EQ(Succeed(waiting, accepted).listener_cookie, 77u);
  // Where the others went, the one that is left proves nothing.
  ConnectionFacts later = Facts(Role::kServer, RoleEvidence::kListener, 77);
  later.socket.owners = waiting.socket.owners;
  EXPECT_EQ(Succeed(waiting, later).listener_cookie, 0u);
}

TEST(SucceedTest, KeepsTheClientRolePastSynSent) {
  ConnectionFacts known = Facts(Role::kClient, RoleEvidence::kInitiated);
  known.state = ConnectionState::kSynSent;

  const ConnectionFacts successor = Succeed(known, Facts());

  EXPECT_EQ(successor.role, Role::kClient);
  EXPECT_EQ(successor.evidence, RoleEvidence::kInitiated);
  EXPECT_EQ(successor.state, ConnectionState::kEstablished);
}

TEST(SucceedTest,
     DoesNotMakeAServerOfAClientThatConnectedFromItsListenersPort) {
  const ConnectionFacts known = Facts(Role::kClient, RoleEvidence::kInitiated);

  EXPECT_EQ(Succeed(known, Facts(Role::kServer, RoleEvidence::kListener, 77)),
            known);
}

TEST(SucceedTest, TakesARoleWhereNoneWasKnown) {
  const ConnectionFacts reported =
      Facts(Role::kServer, RoleEvidence::kDeclared);

  EXPECT_EQ(Succeed(Facts(), reported), reported);
}

TEST(SucceedTest, TakesAListenerThatCameLaterForNoEvidence) {
  EXPECT_EQ(Succeed(Facts(), Facts(Role::kServer, RoleEvidence::kListener, 77)),
            Facts());
}

TEST(SucceedTest, TakesAnotherDeclaration) {
  const ConnectionFacts reported =
      Facts(Role::kServer, RoleEvidence::kDeclared);

  EXPECT_EQ(Succeed(Facts(Role::kClient, RoleEvidence::kDeclared), reported),
            reported);
}

TEST(SucceedTest, TakesEvidenceInPlaceOfADeclaration) {
  const ConnectionFacts reported =
      Facts(Role::kServer, RoleEvidence::kListener, 77);

  EXPECT_EQ(Succeed(Facts(Role::kClient, RoleEvidence::kDeclared), reported),
            reported);
}

// ---- Succeed: the socket ----

TEST(SucceedTest, KeepsWhatTheKernelNoLongerShowsOfAnOrphan) {
  ConnectionFacts known = Facts();
  known.socket.cookie = 5;
  known.socket.inode = 1234;
  known.socket.uid = 1000;
  known.socket.owners = Held(42);
  ConnectionFacts reported = Facts();
  reported.state = ConnectionState::kFinWait2;
  reported.socket.cookie = 5;
  reported.socket.owners = Gone(OwnerUnknownReason::kKernelOrphan);

  const ConnectionFacts successor = Succeed(known, reported);

  EXPECT_EQ(successor.state, ConnectionState::kFinWait2);
  EXPECT_EQ(successor.socket.owners, Held(42));
  EXPECT_EQ(successor.socket.inode, 1234);
  EXPECT_THAT(successor.socket.uid, Optional(1000));
}

TEST(SucceedTest, GivesAnOrphanNoProcessThatGotThePidOfItsOwner) {
  const Process owner{
      .pid = 42, .start_time = absl::FromUnixSeconds(1), .name = "postgres"};
  const Process later{
      .pid = 42, .start_time = absl::FromUnixSeconds(9), .name = "bash"};
  ConnectionFacts known = Facts();
  known.socket.owners = Owners::Known({owner});
  ConnectionFacts reported = Facts();
  reported.state = ConnectionState::kFinWait1;
  reported.socket.owners = Gone(OwnerUnknownReason::kKernelOrphan);

  const ConnectionFacts successor = Succeed(known, reported);

  EXPECT_EQ(successor.socket.owners, Owners::Known({owner}));
  EXPECT_NE(successor.socket.owners, Owners::Known({later}));
}

TEST(SucceedTest, KeepsTheOwnersOfASocketThatEndedBeforeTheScan) {
  ConnectionFacts known = Facts();
  known.socket.owners = Held(42);
  ConnectionFacts reported = Facts();
  reported.socket.owners = Gone(OwnerUnknownReason::kEndedBeforeScan);

  EXPECT_EQ(Succeed(known, reported), known);
}

TEST(SucceedTest, SaysOrphanWhereNoOwnerWasKnown) {
  ConnectionFacts known = Facts();
  known.socket.owners = Gone(OwnerUnknownReason::kNotPermitted);
  ConnectionFacts reported = Facts();
  reported.socket.owners = Gone(OwnerUnknownReason::kKernelOrphan);

  EXPECT_EQ(Succeed(known, reported), reported);
}

TEST(SucceedTest, DropsOwnersThatTheReporterLookedForAndDidNotFind) {
  for (const OwnerUnknownReason reason :
       {OwnerUnknownReason::kNotReported, OwnerUnknownReason::kNotPermitted,
        OwnerUnknownReason::kNotAccepted, OwnerUnknownReason::kNoHolder}) {
    ConnectionFacts known = Facts();
    known.socket.owners = Held(42);
    ConnectionFacts reported = Facts();
    reported.socket.owners = Gone(reason);

    EXPECT_EQ(Succeed(known, reported), reported);
  }
}

TEST(SucceedTest, TakesTheNewOwnerOfAPassedDescriptor) {
  ConnectionFacts known = Facts();
  known.socket.owners = Held(42);
  ConnectionFacts reported = Facts();
  reported.socket.owners = Held(43);

  EXPECT_EQ(Succeed(known, reported).socket.owners, Held(43));
}

TEST(SucceedTest, TakesTheInodeAndOwnerOfASocketOnceItIsAccepted) {
  ConnectionFacts known = Facts();
  known.socket.cookie = 5;
  known.socket.owners = Gone(OwnerUnknownReason::kNotAccepted);
  ConnectionFacts reported = known;
  reported.socket.inode = 1234;
  reported.socket.uid = 1000;
  reported.socket.owners = Held(42);

  EXPECT_EQ(Succeed(known, reported), reported);
}

TEST(SucceedTest, KeepsTheCookieForAReportWithoutOne) {
  ConnectionFacts known = Facts();
  known.socket.cookie = 5;

  EXPECT_EQ(Succeed(known, Facts()).socket.cookie, 5);
}

TEST(SucceedTest, ChangesNothingWhenTheSameIsReportedAgain) {
  ConnectionFacts known = Facts(Role::kServer, RoleEvidence::kListener, 77);
  known.socket.cookie = 5;
  known.socket.inode = 1234;
  known.socket.uid = 1000;
  known.socket.owners = Held(42);

  EXPECT_EQ(Succeed(known, known), known);
}

}  // namespace
}  // namespace connreg
