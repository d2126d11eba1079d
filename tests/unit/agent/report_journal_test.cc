#include "client/agent/report_journal.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "service/base/error.h"
#include "tests/unit/agent/loop_fixture.h"

namespace connreg {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

// What a loop that uses it writes.
class ReportJournalTest : public LoopFixture {
 protected:
  // Streams end so, from now on.
  void Fail(const absl::Status& status) {
    registry_.failure = status;
    if (registry_.is_open()) registry_.Lose(status);
    Pass(absl::Minutes(1));
  }
  void Recover() {
    registry_.failure = absl::OkStatus();
    Pass(absl::Minutes(1));
  }
};

TEST_F(ReportJournalTest, SaysWhatIsReportedOnceTheRegistryHasIt) {
  Settle();
  EXPECT_THAT(log_,
              ElementsAre("reporting host=web1 network=default "
                          "netns=4101 namespaces=1 listeners=1 connections=1"));
}

TEST_F(ReportJournalTest, SaysOnceThatTheServiceIsAwayAndOnceThatItIsBack) {
  Fail(absl::UnavailableError("no connregd answers"));
  Fail(absl::DeadlineExceededError("slow"));
  EXPECT_THAT(log_, ElementsAre("cannot report; trying again "
                                "error=no connregd answers"));
  Recover();
  Fail(absl::UnavailableError("gone"));
  Recover();
  ASSERT_THAT(log_, SizeIs(4));
  EXPECT_THAT(log_[1], StartsWith("reporting"));
  EXPECT_THAT(log_[2], HasSubstr("error=gone"));
  EXPECT_THAT(log_[3], StartsWith("the service answers again after="));
}

TEST_F(ReportJournalTest, SaysOnceOfEachOtherThingThatIsWrong) {
  Fail(absl::UnavailableError("no connregd answers"));
  Fail(absl::InvalidArgumentError("no such host"));
  Fail(absl::UnavailableError("no connregd answers"));
  Fail(absl::InvalidArgumentError("no such host"));
  ASSERT_THAT(log_, SizeIs(2));
  EXPECT_THAT(log_[1], HasSubstr("error=no such host"));
}

TEST_F(ReportJournalTest, SaysWhatToDoAboutAnotherMachineOfThisName) {
  Fail(WithDetail(absl::FailedPreconditionError("web1 is another machine"),
                  {.reason = "HOST_NAME_TAKEN"}));
  EXPECT_THAT(log_, ElementsAre("cannot report; trying again error=web1 is "
                                "another machine; give one of the two machines "
                                "another name with --host"));
}

TEST_F(ReportJournalTest, SaysOnceThatAnotherAgentHasTakenItsPlace) {
  Settle();
  const size_t before = log_.size();
  registry_.failure =
      WithDetail(absl::FailedPreconditionError("another run reports"),
                 {.reason = "RUN_SUPERSEDED"});
  registry_.Lose(WithDetail(absl::AbortedError("session 1: another one"),
                            {.reason = "SESSION_SUPERSEDED"}));
  Settle();
  Pass(absl::Minutes(1));
  ASSERT_THAT(log_, SizeIs(before + 1));
  EXPECT_THAT(log_.back(), HasSubstr("error=another run reports; stop"));
}

TEST_F(ReportJournalTest, SaysWhatToDoAboutAnotherAgent) {
  Fail(WithDetail(absl::FailedPreconditionError("another run reports"),
                  {.reason = "RUN_SUPERSEDED"}));
  EXPECT_THAT(log_, ElementsAre("cannot report; trying again error=another run "
                                "reports; stop this agent or the other one"));
}

// ---- Refusals ----

TEST_F(ReportJournalTest, SaysWhichRowsWereMalformed) {
  registry_.next_refusals = {"rows.listeners[0]: no (NO)"};
  Settle();
  EXPECT_THAT(log_,
              Contains("a row was refused row=rows.listeners[0]: no (NO)"));
}

TEST_F(ReportJournalTest, SaysOnceThatThereIsNoRoomAndOnceThatThereIsAgain) {
  registry_.next.refused_connections = {0};
  registry_.next.limits = {{RowLimit::kRows, 1, 1}};
  Settle();
  ASSERT_THAT(log_, SizeIs(2));
  EXPECT_THAT(log_[1], StartsWith("no room for all refused=1 limit="));
  registry_.next.has_room = true;
  Pass(absl::Seconds(10));
  Pass(absl::Seconds(10));
  ASSERT_THAT(log_, SizeIs(3));
  EXPECT_EQ(log_[2], "there is room for all again");
}

TEST_F(ReportJournalTest, SaysHowManyConnectionsCameAndWentUnreported) {
  Settle();
  registry_.is_silent = true;
  for (uint64_t cookie = 10; cookie < 20'010; ++cookie) {
    kernel_.ends->HearEnd(ConnectionV4(Transport::kTcp, 22,
                                       static_cast<uint16_t>(cookie), cookie));
  }
  Settle();
  registry_.is_silent = false;
  Pass(absl::Seconds(10));
  Recover();
  EXPECT_THAT(log_, Contains(StartsWith("too many connections came and went to "
                                        "report each unreported=")));
  EXPECT_LT(registry_.ended.size(), 20'000u);
}

// ---- Gaps ----

TEST_F(ReportJournalTest, SaysNothingOfProcessesThatAreNotSeen) {
  Settle();
  ASSERT_THAT(registry_.gaps, SizeIs(1));
  EXPECT_EQ(registry_.gaps[0].kind, GapKind::kProcesses);
  EXPECT_THAT(log_, SizeIs(1));
}

TEST_F(ReportJournalTest, SaysOnceWhatIsNotSeenAndOnceThatItIsAgain) {
  kernel_.refusal = absl::PermissionDeniedError("no netlink");
  Settle();
  EXPECT_THAT(registry_.gaps, SizeIs(3));
  Look();
  EXPECT_THAT(log_, SizeIs(3));
  EXPECT_EQ(log_[0],
            "cannot see all of this host gap=cannot read the UDP sockets of "
            "IPv4: no netlink");
  kernel_.refusal = absl::OkStatus();
  Look();
  EXPECT_THAT(registry_.gaps, SizeIs(1));
  EXPECT_EQ(log_.back(), "sees all of this host again");
}

TEST_F(ReportJournalTest, SaysThatProcessesCannotBeSeen) {
  processes_.holders = absl::PermissionDeniedError("/proc: no");
  Settle();
  Look();
  EXPECT_THAT(log_, SizeIs(2));
  EXPECT_EQ(log_[0],
            "cannot see all of this host gap=cannot read the processes: /proc: "
            "no");
}

TEST_F(ReportJournalTest, SaysOnceWhichNamespaceMayNotBeEntered) {
  namespaces_.AddClosed(4200, "blue");
  Settle();
  Look();
  ASSERT_THAT(log_, SizeIs(2));
  EXPECT_THAT(log_[0], HasSubstr("network namespace blue: setns: no"));
}

TEST_F(ReportJournalTest, SaysOfEachTimeOnceThatEndsAreNotHeard) {
  const absl::Status refusal = absl::PermissionDeniedError("no group 1");
  FakeKernel& blue = namespaces_.Add(4200, "blue");
  blue.ends_refusal = refusal;
  Settle();
  Look();
  const std::string of_blue =
      "cannot see all of this host gap=ends of sockets are seen at looks only, "
      "in network namespace blue: no group 1";
  EXPECT_THAT(log_, ElementsAre(of_blue, StartsWith("reporting")));
  ASSERT_THAT(registry_.gaps, SizeIs(2));
  EXPECT_EQ(registry_.gaps[0].kind, GapKind::kSocketDetails);
  blue.ends_refusal = absl::OkStatus();
  Look();
  EXPECT_EQ(log_.back(), "sees all of this host again");
  EXPECT_THAT(registry_.gaps, SizeIs(1));
  // Another time, and of another namespace.
  namespaces_.others.clear();
  namespaces_.Add(4300, "green").ends_refusal = refusal;
  Look();
  EXPECT_THAT(log_.back(), HasSubstr("network namespace green: no group 1"));
}

}  // namespace
}  // namespace connreg
