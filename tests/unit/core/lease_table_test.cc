#include "service/core/lease_table.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/facts.h"
#include "tests/support/fake_clock.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

class LeaseTableTest : public testing::Test {
 protected:
  FakeClock clock_;
  LeaseTable leases_{clock_};
};

TEST_F(LeaseTableTest, ALeaseEndsWhenItsTimeIsOverAndNotBefore) {
  const Lease lease = leases_.Renew(Agent("web1"), absl::Seconds(10));

  clock_.Advance(absl::Seconds(10) - absl::Nanoseconds(1));
  EXPECT_THAT(leases_.EndLapsed(), IsEmpty());
  EXPECT_TRUE(leases_.InForce(lease.id));

  clock_.Advance(absl::Nanoseconds(1));
  EXPECT_THAT(leases_.EndLapsed(), ElementsAre(Field(&Lease::id, lease.id)));
  EXPECT_FALSE(leases_.InForce(lease.id));
}

TEST_F(LeaseTableTest, RenewingKeepsTheLeaseAndCountsFromNow) {
  const Lease lease = leases_.Renew(Agent("web1"), absl::Seconds(10));
  clock_.Advance(absl::Seconds(9));
  EXPECT_EQ(leases_.Renew(Agent("web1"), absl::Seconds(10)).id, lease.id);

  clock_.Advance(absl::Seconds(9));
  EXPECT_THAT(leases_.EndLapsed(), IsEmpty());
  EXPECT_EQ(leases_.size(), 1u);
}

TEST_F(LeaseTableTest, AShorterTimeTakesTheLongerOnesPlace) {
  leases_.Renew(Agent("web1"), absl::Hours(1));
  leases_.Renew(Agent("web1"), absl::Seconds(1));
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(leases_.EndLapsed().size(), 1u);
}

TEST_F(LeaseTableTest, AReporterThatComesBackGetsAnotherLease) {
  const Lease first = leases_.Renew(Agent("web1"), absl::Seconds(1));
  clock_.Advance(absl::Seconds(1));
  leases_.EndLapsed();
  const Lease second = leases_.Renew(Agent("web1"), absl::Seconds(1));
  EXPECT_NE(first.id, second.id);
  EXPECT_FALSE(leases_.InForce(first.id));
}

TEST_F(LeaseTableTest, TheTimeOfDayEndsNothing) {
  leases_.Renew(Agent("web1"), absl::Seconds(10));
  clock_.StepTimeOfDay(absl::Hours(24));
  EXPECT_THAT(leases_.EndLapsed(), IsEmpty());
  clock_.StepTimeOfDay(-absl::Hours(48));
  clock_.Advance(absl::Seconds(10));
  EXPECT_EQ(leases_.EndLapsed().size(), 1u);
}

TEST_F(LeaseTableTest, ReportersOfOneNameOnTwoHostsAreTwo) {
  leases_.Renew(Program("web1"), absl::Seconds(10));
  EXPECT_FALSE(leases_.Find(Program("web2")).has_value());
  EXPECT_FALSE(leases_.Find(Program("web1", "app", "other")).has_value());
  EXPECT_TRUE(leases_.Find(Program("web1")).has_value());
}

TEST_F(LeaseTableTest, OnlyAgentsMakeAHostLive) {
  leases_.Renew(Program("web1"), absl::Seconds(10));
  EXPECT_TRUE(leases_.HasHost("web1"));
  EXPECT_EQ(leases_.agent_host_count(), 0u);

  leases_.Renew(Agent("web1"), absl::Seconds(10));
  leases_.Renew(Agent("web1", "other"), absl::Seconds(10));
  EXPECT_EQ(leases_.agent_host_count(), 1u);

  leases_.End(Agent("web1"));
  EXPECT_EQ(leases_.agent_host_count(), 1u);
  leases_.End(Agent("web1", "other"));
  EXPECT_EQ(leases_.agent_host_count(), 0u);
  EXPECT_TRUE(leases_.HasHost("web1"));

  leases_.End(Program("web1"));
  EXPECT_FALSE(leases_.HasHost("web1"));
}

TEST_F(LeaseTableTest, EndingWhatIsNotThereIsNothing) {
  EXPECT_FALSE(leases_.End(Agent("web1")).has_value());
}

}  // namespace
}  // namespace connreg
