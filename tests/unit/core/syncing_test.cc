// How a registry that has just started says that it may not know all yet.

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/core/registry_fixture.h"

namespace connreg {
namespace {

using ::testing::SizeIs;

constexpr absl::Duration kSyncTime = absl::Minutes(5);

Registry::Options Syncing(uint32_t expected_hosts) {
  Registry::Options options = OptionsWith();
  options.sync_time = kSyncTime;
  options.expected_hosts = expected_hosts;
  return options;
}

class SyncingTest : public RegistryFixture {
 protected:
  explicit SyncingTest(uint32_t expected_hosts = 0)
      : RegistryFixture(Syncing(expected_hosts)) {}
};

TEST_F(SyncingTest, EndsWithItsTime) {
  EXPECT_TRUE(registry_.syncing());
  EXPECT_TRUE(registry_.GetStatus().coverage.syncing);
  clock_.Advance(kSyncTime - absl::Nanoseconds(1));
  EXPECT_TRUE(registry_.syncing());
  clock_.Advance(absl::Nanoseconds(1));
  EXPECT_FALSE(registry_.syncing());
  EXPECT_FALSE(registry_.GetStatus().coverage.syncing);
}

TEST_F(SyncingTest, DoesNotEndByTheTimeOfDay) {
  clock_.StepTimeOfDay(absl::Hours(24));
  EXPECT_TRUE(registry_.syncing());
}

TEST_F(SyncingTest, DoesNotEndWithHostsWhereNoneAreExpected) {
  Register(Agent("web1"), {});
  EXPECT_TRUE(registry_.syncing());
}

TEST_F(SyncingTest, WhatIsAbsentMayNotHaveBeenReportedAgainYet) {
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.5:80")), AbsentReason::kSyncing);
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.5:80", {.host = "web1"})),
            AbsentReason::kSyncing);
  EXPECT_TRUE(Lookup("10.0.0.5:80").coverage.syncing);
  clock_.Advance(kSyncTime);
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.5:80")), AbsentReason::kNotSeenSince);
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.5:80", {.host = "web1"})),
            AbsentReason::kNoSuchHost);
}

TEST_F(SyncingTest, WhatIsThereOrHasEndedIsFoundAllTheSame) {
  const ConnectionFacts facts = Tcp("10.0.0.9:51000", "10.0.0.5:80");
  Register(Agent("web1"), {facts});
  EXPECT_THAT(ConnectionsOf(Lookup("10.0.0.9:51000", "10.0.0.5:80")),
              SizeIs(1));
  Deregister(Agent("web1"), {facts});
  EXPECT_EQ(ReasonOf(Lookup("10.0.0.9:51000", "10.0.0.5:80")),
            AbsentReason::kClosed);
}

class ExpectingTwoHostsTest : public SyncingTest {
 protected:
  ExpectingTwoHostsTest() : SyncingTest(2) {}
};

TEST_F(ExpectingTwoHostsTest, SyncingEndsWhenTheyAreBack) {
  EXPECT_EQ(registry_.GetStatus().coverage.expected_hosts, 2u);
  Register(Agent("web1"), {});
  Register(SecondAgent("web1"), {});
  Register(Program("web2"), {});
  EXPECT_TRUE(registry_.syncing());
  Register(Agent("web2"), {});
  EXPECT_FALSE(registry_.syncing());
}

TEST_F(ExpectingTwoHostsTest, SyncingDoesNotBeginAgainWhenOneGoes) {
  Register(Agent("web1"), {});
  Register(Agent("web2"), {});
  EXPECT_FALSE(registry_.syncing());
  DeregisterAll(Agent("web1"));
  EXPECT_FALSE(registry_.syncing());
}

TEST_F(ExpectingTwoHostsTest, SyncingEndsWithItsTimeAllTheSame) {
  Register(Agent("web1"), {});
  clock_.Advance(kSyncTime);
  EXPECT_FALSE(registry_.syncing());
}

}  // namespace
}  // namespace connreg
