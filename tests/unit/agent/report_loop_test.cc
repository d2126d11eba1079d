#include "client/agent/report_loop.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/agent/fake_host.h"
#include "tests/unit/agent/fake_service.h"

namespace connreg {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr char kListener[] = "0.0.0.0:22 cookie 1";
constexpr char kConnection[] = "10.0.0.5:22 10.0.0.9:51000 cookie 2";

class ReportLoopTest : public testing::Test {
 protected:
  ReportLoopTest() {
    kernel_.sockets = {ListenerV4(Transport::kTcp, 22, 1),
                       ConnectionV4(Transport::kTcp, 22, 51000, 2)};
  }

  void Write(absl::string_view message,
             std::initializer_list<LogField> fields) {
    std::string line(message);
    for (const LogField& field : fields)
      absl::StrAppend(&line, " ", field.key, "=", field.value);
    log_.push_back(line);
  }

  FakeKernel kernel_;
  FakeProcesses processes_;
  FakeNamespaces namespaces_{kernel_};
  const Collector collector_{namespaces_, processes_, "4101"};
  FakeService service_;
  FakeClock clock_;
  std::vector<std::string> log_;
  ReportLoop loop_{{.reporter = {ReporterKind::kAgent, "connreg-agent-4101-2",
                                 "web1", "default"},
                    .name_prefix = "connreg-agent-4101-",
                    .ttl = absl::Seconds(60),
                    .interval = absl::Seconds(5)},
                   collector_,
                   service_,
                   clock_,
                   [this](LogLevel, absl::string_view message,
                          std::initializer_list<LogField> fields) {
                     Write(message, fields);
                   }};
};

TEST_F(ReportLoopTest, TellsEverythingAtFirst) {
  EXPECT_EQ(loop_.Round(), absl::Seconds(5));
  EXPECT_THAT(service_.rows, ElementsAre(kListener, kConnection));
  EXPECT_THAT(log_,
              ElementsAre("reporting host=web1 network=default "
                          "netns=4101 namespaces=1 listeners=1 connections=1"));
}

TEST_F(ReportLoopTest, ThenOnlyRenewsTheLeaseWhileNothingChanges) {
  loop_.Round();
  loop_.Round();
  ASSERT_THAT(service_.registers, SizeIs(2));
  const v1::RegisterRequest& second = service_.registers[1];
  EXPECT_EQ(second.ttl().seconds(), 60);
  EXPECT_THAT(second.listeners(), IsEmpty());
  EXPECT_THAT(second.connections(), IsEmpty());
  EXPECT_THAT(second.namespaces(), IsEmpty());
  EXPECT_FALSE(second.has_coverage_gaps());
  EXPECT_THAT(service_.deregisters, IsEmpty());
  EXPECT_THAT(log_, SizeIs(1));
}

TEST_F(ReportLoopTest, TellsWhatChanged) {
  loop_.Round();
  kernel_.sockets[1].cookie = 3;
  loop_.Round();
  EXPECT_THAT(service_.rows,
              ElementsAre(kListener, "10.0.0.5:22 10.0.0.9:51000 cookie 3"));
  EXPECT_THAT(service_.registers[1].listeners(), IsEmpty());
}

class PauseTest : public ReportLoopTest {
 protected:
  // Both take as long as they are told to.
  class SlowProcesses : public FakeProcesses {
   public:
    explicit SlowProcesses(FakeClock& clock) : clock_(clock) {}
    absl::StatusOr<SocketHolders> FindSocketHolders() const override {
      clock_.Advance(takes);
      return holders;
    }
    absl::Duration takes;

   private:
    FakeClock& clock_;
  };
  class SlowService : public FakeService {
   public:
    explicit SlowService(FakeClock& clock) : clock_(clock) {}
    absl::StatusOr<v1::RegisterResponse> Register(
        const v1::RegisterRequest& request) override {
      clock_.Advance(takes);
      return FakeService::Register(request);
    }
    absl::Duration takes;

   private:
    FakeClock& clock_;
  };

  SlowProcesses slow_{clock_};
  SlowService slow_service_{clock_};
  const Collector slow_collector_{namespaces_, slow_, "4101"};
  ReportLoop slow_loop_{
      {.reporter = {ReporterKind::kAgent, "a", "web1", "default"},
       .name_prefix = "a",
       .ttl = absl::Seconds(30),
       .interval = absl::Seconds(5)},
      slow_collector_,
      slow_service_,
      clock_,
      [](LogLevel, absl::string_view, std::initializer_list<LogField>) {}};
};

TEST_F(PauseTest, IsWhatIsLeftOfTheInterval) {
  slow_.takes = absl::Seconds(1);
  slow_service_.takes = absl::Seconds(1);
  EXPECT_EQ(slow_loop_.Round(), absl::Seconds(3));
}

TEST_F(PauseTest, IsAsLongAsTheScanWas) {
  slow_.takes = absl::Seconds(7);
  EXPECT_EQ(slow_loop_.Round(), absl::Seconds(7));
}

TEST_F(PauseTest, IsShortAfterASlowService) {
  slow_service_.takes = absl::Seconds(7);
  EXPECT_EQ(slow_loop_.Round(), absl::Milliseconds(500));
}

TEST_F(PauseTest, LeavesTheLeaseInForce) {
  slow_.takes = absl::Seconds(60);
  EXPECT_EQ(slow_loop_.Round(), absl::Seconds(10));
}

// ---- A service that is away ----

TEST_F(ReportLoopTest, SaysOnceThatTheServiceIsAwayAndOnceThatItIsBack) {
  service_.failure = absl::UnavailableError("no connregd answers");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(loop_.Round(), absl::Seconds(5));
    clock_.Advance(absl::Seconds(5));
  }
  EXPECT_THAT(log_, ElementsAre("cannot report; trying again interval=5s "
                                "error=no connregd answers"));
  service_.failure = absl::OkStatus();
  loop_.Round();
  EXPECT_THAT(service_.rows, SizeIs(2));
  EXPECT_THAT(service_.registers, SizeIs(4));
  service_.failure = absl::UnavailableError("gone");
  loop_.Round();
  clock_.Advance(absl::Seconds(5));
  service_.failure = absl::OkStatus();
  loop_.Round();
  ASSERT_THAT(log_, SizeIs(4));
  EXPECT_THAT(log_[1], StartsWith("reporting"));
  EXPECT_THAT(log_[2], HasSubstr("error=gone"));
  EXPECT_EQ(log_[3], "the service answers again after=5s");
}

TEST_F(ReportLoopTest, TellsAgainWhatMayHaveBeenLost) {
  loop_.Round();
  service_.failure = absl::UnavailableError("gone");
  loop_.Round();
  service_.failure = absl::OkStatus();
  // While nobody answered, a connection has ended.
  kernel_.sockets.pop_back();
  loop_.Round();
  EXPECT_THAT(service_.rows, ElementsAre(kListener));
  EXPECT_THAT(service_.registers.back().listeners(), SizeIs(1));
}

TEST_F(ReportLoopTest, StartsOverAfterVeryManyLives) {
  loop_.Round();
  service_.failure = absl::UnavailableError("gone");
  for (uint64_t cookie = 3; cookie < 5000; ++cookie) {
    kernel_.sockets[1].cookie = cookie;
    loop_.Round();
  }
  service_.failure = absl::OkStatus();
  service_.deregisters.clear();
  loop_.Round();
  int taken_back = 0;
  for (const v1::DeregisterRequest& request : service_.deregisters)
    taken_back += request.connections_size();
  EXPECT_LT(taken_back, 1100);
  EXPECT_THAT(service_.rows,
              ElementsAre(kListener, "10.0.0.5:22 10.0.0.9:51000 cookie 4999"));
}

class ManyRowsTest : public ReportLoopTest {
 protected:
  ManyRowsTest() {
    for (uint16_t port = 1000; port < 4000; ++port)
      kernel_.sockets.push_back(ListenerV4(Transport::kUdp, port, port));
    loop_.Round();
  }

  bool TookBackAll() const {
    for (const v1::DeregisterRequest& request : service_.deregisters)
      if (request.all()) return true;
    return false;
  }
};

TEST_F(ManyRowsTest, AreTakenBackOneByOneIfTheServiceIsSureToHaveThem) {
  kernel_.sockets.resize(2);
  loop_.Round();
  EXPECT_THAT(service_.rows, SizeIs(2));
  EXPECT_FALSE(TookBackAll());
}

TEST_F(ManyRowsTest, StayWhileTheirTableCannotBeRead) {
  service_.failure = absl::UnavailableError("gone");
  kernel_.refusal = absl::AbortedError("interrupted");
  loop_.Round();
  service_.failure = absl::OkStatus();
  loop_.Round();
  EXPECT_THAT(service_.rows, SizeIs(3002));
  EXPECT_FALSE(TookBackAll());
}

TEST_F(ReportLoopTest, SaysWhenItIsAnotherThingThatIsWrong) {
  service_.failure = absl::UnavailableError("no connregd answers");
  loop_.Round();
  service_.failure = absl::InvalidArgumentError("no such host");
  loop_.Round();
  loop_.Round();
  ASSERT_THAT(log_, SizeIs(2));
  EXPECT_THAT(log_[1], HasSubstr("error=no such host"));
}

TEST_F(ReportLoopTest, TellsEverythingToAServiceThatStartedAnew) {
  loop_.Round();
  service_.Restart();
  loop_.Round();
  EXPECT_THAT(service_.rows, ElementsAre(kListener, kConnection));
  EXPECT_THAT(service_.registers, SizeIs(3));
}

TEST_F(ReportLoopTest, TellsEverythingAgainIfTheServiceStartedAnewMeanwhile) {
  kernel_.sockets.clear();
  for (uint16_t port = 1; port <= 1500; ++port)
    kernel_.sockets.push_back(ListenerV4(Transport::kTcp, port, port));
  service_.lose_lease_before = 2;
  loop_.Round();
  EXPECT_THAT(service_.rows, SizeIs(1500));
}

// ---- Refusals ----

// Answers the next registration as a service that has no room for one row.
void HaveNoRoom(FakeService* service) {
  v1::LimitReached* const limit = service->next.add_limits();
  limit->set_limit(v1::ROW_LIMIT_ROWS);
  limit->set_value(1);
  limit->set_refused_count(1);
}

TEST_F(ReportLoopTest, OffersAgainInHalfALeaseWhatThereWasNoRoomFor) {
  HaveNoRoom(&service_);
  loop_.Round();
  clock_.Advance(absl::Seconds(29));
  loop_.Round();
  EXPECT_THAT(service_.registers[1].connections(), IsEmpty());
  HaveNoRoom(&service_);
  clock_.Advance(absl::Seconds(1));
  loop_.Round();
  EXPECT_THAT(service_.registers[2].connections(), SizeIs(1));
  EXPECT_THAT(log_, SizeIs(2));
  clock_.Advance(absl::Seconds(30));
  loop_.Round();
  EXPECT_THAT(service_.registers[3].connections(), SizeIs(1));
  EXPECT_THAT(log_[1], StartsWith("no room for all refused=1 limit="));
  EXPECT_EQ(log_[2], "there is room for all again");
  clock_.Advance(absl::Seconds(30));
  loop_.Round();
  EXPECT_THAT(service_.registers[4].connections(), IsEmpty());
}

TEST_F(ReportLoopTest, TakesBackWhatEndedWithoutRoomOnce) {
  for (uint64_t cookie = 2; cookie < 5000; ++cookie) {
    kernel_.sockets[1].cookie = cookie;
    HaveNoRoom(&service_);
    loop_.Round();
    clock_.Advance(absl::Seconds(1));
  }
  int taken_back = 0;
  for (const v1::DeregisterRequest& request : service_.deregisters)
    taken_back += request.connections_size();
  EXPECT_EQ(taken_back, 4997);
}

TEST_F(ReportLoopTest, SaysWhichRowsWereMalformed) {
  v1::RowRefusal* const refusal = service_.next.add_refusals();
  refusal->set_field("listeners[0]");
  refusal->set_reason("NO");
  refusal->set_description("no");
  loop_.Round();
  EXPECT_THAT(log_, Contains("a row was refused row=listener tcp 0.0.0.0:22: "
                             "no (NO)"));
}

// ---- Gaps ----

TEST_F(ReportLoopTest, ReportsThatItSeesNoProcessesAndLogsNothing) {
  loop_.Round();
  ASSERT_THAT(service_.gaps.gaps(), SizeIs(1));
  EXPECT_EQ(service_.gaps.gaps(0).kind(), v1::GAP_KIND_PROCESSES);
  EXPECT_THAT(log_, SizeIs(1));
}

TEST_F(ReportLoopTest, SaysAndReportsWhatItCannotSee) {
  SocketHolders holders;
  holders.by_inode[1001] =
      Owners::Known({Process{7, absl::UnixEpoch(), "sshd"}});
  processes_.holders = holders;
  kernel_.refusal = absl::PermissionDeniedError("no netlink");
  loop_.Round();
  EXPECT_THAT(service_.gaps.gaps(), SizeIs(2));
  loop_.Round();
  EXPECT_THAT(log_, SizeIs(3));
  EXPECT_EQ(log_[0],
            "cannot see all of this host gap=cannot read the UDP sockets of "
            "IPv4: no netlink");
  kernel_.refusal = absl::OkStatus();
  loop_.Round();
  EXPECT_THAT(service_.gaps.gaps(), IsEmpty());
  EXPECT_EQ(log_.back(), "sees all of this host again");
}

TEST_F(ReportLoopTest, SaysThatItCannotSeeProcesses) {
  processes_.holders = absl::PermissionDeniedError("/proc: no");
  loop_.Round();
  loop_.Round();
  EXPECT_THAT(log_, SizeIs(2));
  EXPECT_EQ(log_[0],
            "cannot see all of this host gap=cannot read the processes: /proc: "
            "no");
}

TEST_F(ReportLoopTest, LeavesRowsThatItCannotSeeForNowAsTheyAre) {
  kernel_.sockets.push_back(ListenerV4(Transport::kUdp, 53, 4));
  loop_.Round();
  kernel_.refusal = absl::AbortedError("interrupted");
  loop_.Round();
  EXPECT_THAT(service_.rows, SizeIs(3));
}

// ---- Several network namespaces ----

TEST_F(ReportLoopTest, FollowsNamespacesAsTheyComeAndGo) {
  loop_.Round();
  namespaces_.Add(4200, "blue").sockets = {ListenerV4(Transport::kTcp, 80, 5)};
  loop_.Round();
  EXPECT_THAT(service_.rows, Contains("0.0.0.0:80 cookie 5"));
  EXPECT_EQ(service_.netns.name(), "blue");
  namespaces_.others.clear();
  loop_.Round();
  EXPECT_THAT(service_.rows, Contains("0.0.0.0:80 cookie 5"));
  loop_.Round();
  EXPECT_THAT(service_.rows, ElementsAre(kListener, kConnection));
  EXPECT_THAT(service_.deregisters.back().namespaces(), ElementsAre("4200"));
}

TEST_F(ReportLoopTest, SaysOnceWhichNamespaceItMayNotEnterAndKeepsItsRows) {
  namespaces_.Add(4200, "blue").sockets = {ListenerV4(Transport::kTcp, 80, 5)};
  loop_.Round();
  namespaces_.others.clear();
  namespaces_.AddClosed(4200, "blue");
  loop_.Round();
  loop_.Round();
  EXPECT_THAT(service_.rows, Contains("0.0.0.0:80 cookie 5"));
  ASSERT_THAT(log_, SizeIs(2));
  EXPECT_THAT(log_[1], HasSubstr("network namespace blue: setns: no"));
}

// ---- Others ----

TEST_F(ReportLoopTest, TakesThePlaceOfEarlierRunsOfItsNamespaceOnce) {
  const auto reporter = [](v1::ReporterKind kind, const char* name) {
    v1::Reporter reporter;
    reporter.set_kind(kind);
    reporter.set_name(name);
    return reporter;
  };
  service_.reporters = {
      reporter(v1::REPORTER_KIND_AGENT, "connreg-agent-4101-1"),
      reporter(v1::REPORTER_KIND_AGENT, "connreg-agent-4101-2"),
      reporter(v1::REPORTER_KIND_AGENT, "connreg-agent-9999-1"),
      reporter(v1::REPORTER_KIND_AGENT, "connreg-agent-once-1"),
      reporter(v1::REPORTER_KIND_PROGRAM, "connreg-agent-4101-3")};
  loop_.Round();
  loop_.Round();
  ASSERT_THAT(service_.deregisters, SizeIs(1));
  EXPECT_EQ(service_.deregisters[0].reporter().name(), "connreg-agent-4101-1");
  EXPECT_TRUE(service_.deregisters[0].all());
}

TEST_F(ReportLoopTest, TakesNobodysPlaceBeforeItHasReported) {
  service_.reporters.emplace_back().set_kind(v1::REPORTER_KIND_AGENT);
  service_.reporters[0].set_name("connreg-agent-4101-1");
  service_.register_failure = absl::UnavailableError("gone");
  loop_.Round();
  EXPECT_THAT(service_.deregisters, IsEmpty());
}

TEST_F(ReportLoopTest, TakesNobodysPlaceWhileItDoesNotSeeAll) {
  service_.reporters.emplace_back().set_kind(v1::REPORTER_KIND_AGENT);
  service_.reporters[0].set_name("connreg-agent-4101-1");
  kernel_.refusal = absl::PermissionDeniedError("no netlink");
  loop_.Round();
  EXPECT_THAT(service_.deregisters, IsEmpty());
  kernel_.refusal = absl::OkStatus();
  loop_.Round();
  EXPECT_THAT(service_.deregisters, SizeIs(1));
}

TEST_F(ReportLoopTest, LeavesWithAShortLease) {
  loop_.Round();
  loop_.Leave();
  EXPECT_EQ(service_.registers.back().ttl().seconds(), 10);
  EXPECT_THAT(service_.registers.back().listeners(), IsEmpty());
}

TEST_F(ReportLoopTest, LeavesSilentlyWhereNobodyAnswers) {
  service_.failure = absl::UnavailableError("gone");
  loop_.Round();
  loop_.Leave();
  EXPECT_THAT(service_.registers, SizeIs(1));
  EXPECT_THAT(log_, SizeIs(1));
}

}  // namespace
}  // namespace connreg
