#include "gmock/gmock.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kServer[] = "10.0.0.5:80";
constexpr char kClient[] = "10.0.0.9:51000";

class LeaseTest : public ServiceTest {
 protected:
  // One listener and one connection, for half a minute.
  static v1::RegisterRequest ReportOf(const v1::Reporter& reporter) {
    return Report(reporter,
                  {.listeners = {Listening(kServer)},
                   .connections = {Accepted(kServer, kClient)},
                   .addresses = {"10.0.0.5"}},
                  /*ttl_seconds=*/30);
  }

  const v1::Reporter web_ = Program("web-1");
};

TEST_F(LeaseTest, RowsOfAProgramGoWhenItLapses) {
  Register(ReportOf(web_));
  AdvanceAndExpire(absl::Seconds(30));
  EXPECT_THAT(ListListeners().listeners(), IsEmpty());
  EXPECT_THAT(ListConnections().connections(), IsEmpty());
  EXPECT_EQ(GetStatus().reporter_count(), 0u);
  EXPECT_TRUE(Lookup(Asking(kServer)).has_absent());
}

TEST_F(LeaseTest, RowsStayUntilItLapses) {
  Register(ReportOf(web_));
  AdvanceAndExpire(absl::Seconds(29));
  EXPECT_THAT(ListListeners().listeners(), SizeIs(1));
  EXPECT_THAT(ListConnections().connections(), SizeIs(1));
}

TEST_F(LeaseTest, LapseIsAChange) {
  Register(ReportOf(web_));
  const uint64_t before = GetStatus().coverage().revision();
  AdvanceAndExpire(absl::Seconds(30));
  EXPECT_GT(GetStatus().coverage().revision(), before);
}

TEST_F(LeaseTest, RenewalKeepsAllRows) {
  Register(ReportOf(web_));
  for (int i = 0; i < 4; ++i) {
    AdvanceAndExpire(absl::Seconds(20));
    // Without rows: those that it said before stay.
    Register(Report(web_, {}, /*ttl_seconds=*/30));
  }
  EXPECT_THAT(ListListeners().listeners(), SizeIs(1));
  EXPECT_THAT(ListConnections().connections(), SizeIs(1));
}

TEST_F(LeaseTest, RenewalMayShortenIt) {
  Register(ReportOf(web_));
  Register(Report(web_, {}, /*ttl_seconds=*/5));
  AdvanceAndExpire(absl::Seconds(5));
  EXPECT_THAT(ListConnections().connections(), IsEmpty());
}

TEST_F(LeaseTest, WithdrawalOfRowsLeavesItAsItWas) {
  Register(ReportOf(web_));
  AdvanceAndExpire(absl::Seconds(20));
  Deregister(Withdrawal(web_, {.listeners = {Listening(kServer)}}));
  EXPECT_THAT(ListConnections().connections(), SizeIs(1));
}

TEST_F(LeaseTest, LapseOfOneReporterLeavesAnothersRows) {
  Register(ReportOf(web_));
  v1::RegisterRequest other = ReportOf(Program("web-1", "sidecar"));
  other.mutable_ttl()->set_seconds(60);
  Register(other);
  AdvanceAndExpire(absl::Seconds(30));

  const v1::ListConnectionsResponse listed = ListConnections();
  ASSERT_THAT(listed.connections(), SizeIs(1));
  EXPECT_EQ(
      listed.connections(0).observations(0).provenance().reporter().name(),
      "sidecar");
  EXPECT_THAT(Texts(ListListeners().listeners()),
              ElementsAre("web-1 10.0.0.5:80"));
}

TEST_F(LeaseTest, HostIsLiveWhileItsAgentHasOneAndStaleAfter) {
  Register(ReportOf(Agent("web-1")));
  EXPECT_EQ(GetStatus().coverage().live_host_count(), 1u);
  AdvanceAndExpire(absl::Seconds(30));
  EXPECT_EQ(GetStatus().coverage().live_host_count(), 0u);
  EXPECT_EQ(GetStatus().coverage().stale_host_count(), 1u);
}

TEST_F(LeaseTest, ReporterThatComesBackBeginsAnew) {
  Register(ReportOf(web_));
  AdvanceAndExpire(absl::Seconds(30));
  Register(ReportOf(web_));
  const v1::ListConnectionsResponse listed = ListConnections();
  ASSERT_THAT(listed.connections(), SizeIs(1));
  EXPECT_EQ(listed.connections(0)
                .observations(0)
                .provenance()
                .first_seen_time()
                .seconds(),
            GetStatus().start_time().seconds() + 30);
}

TEST_F(LeaseTest, SteppingTheTimeOfDayChangesNothing) {
  Register(ReportOf(web_));
  for (const absl::Duration step : {absl::Hours(24), -absl::Hours(48)}) {
    clock_.StepTimeOfDay(step);
    AdvanceAndExpire(absl::Seconds(5));
    EXPECT_THAT(ListConnections().connections(), SizeIs(1));
    EXPECT_THAT(ListListeners().listeners(), SizeIs(1));
  }
  AdvanceAndExpire(absl::Seconds(20));
  EXPECT_THAT(ListConnections().connections(), IsEmpty());
}

TEST_F(LeaseTest, IsGrantedOnceAndAfterItsEndAnew) {
  const v1::RegisterRequest request =
      Report(Program("web-1"), {}, /*ttl_seconds=*/30);
  EXPECT_TRUE(Register(request).lease_granted());
  EXPECT_FALSE(Register(request).lease_granted());
  AdvanceAndExpire(absl::Seconds(30));
  EXPECT_TRUE(Register(request).lease_granted());
}

TEST_F(LeaseTest, OfAStaleHostIsTheOldOne) {
  const v1::RegisterRequest request =
      Report(Agent("web-1"), {}, /*ttl_seconds=*/30);
  EXPECT_TRUE(Register(request).lease_granted());
  AdvanceAndExpire(absl::Seconds(30));
  EXPECT_FALSE(Register(request).lease_granted());
}

}  // namespace
}  // namespace connreg
