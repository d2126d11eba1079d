#include "client/agent/run.h"

#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "service/base/error.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/agent/fake_host.h"
#include "tests/unit/agent/fake_service.h"

namespace connreg {
namespace {

class RunTest : public testing::Test {
 protected:
  RunTest() { flags_.host = "web1"; }

  ExitCode Run() {
    const Collector collector(namespaces_, processes_, "4101");
    return RunOnce(flags_, "this-run", collector, service_, out_, err_);
  }

  Flags flags_;
  FakeKernel kernel_;
  FakeNamespaces namespaces_{kernel_};
  FakeProcesses processes_;
  FakeService service_;
  std::ostringstream out_, err_;
};

TEST_F(RunTest, SaysWhatItReported) {
  SocketHolders holders;
  holders.by_inode[1001] =
      Owners::Known({Process{7, absl::UnixEpoch(), "sshd"}});
  processes_.holders = holders;
  kernel_.sockets = {ListenerV4(Transport::kTcp, 22, 1)};
  EXPECT_EQ(Run(), ExitCode::kReported);
  EXPECT_EQ(out_.str(),
            "reported 1 listener, 0 connections of web1 (network default, "
            "1 network namespace); they live for 30s\n");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(RunTest, SaysHowManyNamespacesItLookedInto) {
  namespaces_.Add(4200).sockets = {ListenerV4(Transport::kTcp, 22, 1)};
  EXPECT_EQ(Run(), ExitCode::kReported);
  EXPECT_THAT(out_.str(),
              testing::StartsWith("reported 1 listener, 0 connections of web1 "
                                  "(network default, 2 network namespaces);"));
}

TEST_F(RunTest, ReportsUnderTheNameOfThisRun) {
  EXPECT_EQ(Run(), ExitCode::kReported);
  EXPECT_EQ(service_.registers[0].reporter().name(), "this-run");
}

TEST_F(RunTest, SaysWhatItCouldNotSee) {
  SocketHolders holders;
  holders.unreadable_count = 120;
  processes_.holders = holders;
  kernel_.sockets = {ListenerV4(Transport::kTcp, 22, 1),
                     ListenerV4(Transport::kTcp, 80, 2),
                     ConnectionV4(Transport::kTcp, 22, 51000, 3),
                     ConnectionV4(Transport::kUdp, 40000, 0, 4)};
  kernel_.sockets[2].inode = 0;
  EXPECT_EQ(Run(), ExitCode::kReported);
  EXPECT_EQ(out_.str(),
            "reported 2 listeners, 1 connection of web1 (network default, "
            "1 network namespace); they live for 30s\n"
            "owner unknown of 2 sockets: no permission to look into 120 "
            "processes; that takes root, in a container with CAP_SYS_PTRACE "
            "and CAP_DAC_READ_SEARCH\n"
            "owner unknown of 1 socket: not accepted yet\n"
            "1 socket left out: port 0 is not a number from 1 to 65535\n");
}

TEST_F(RunTest, WithoutPartOfTheHostTheRestIsReported) {
  kernel_.refusal = absl::NotFoundError("no udp_diag");
  EXPECT_EQ(Run(), ExitCode::kIncomplete);
  EXPECT_TRUE(service_.has_lease);
  EXPECT_EQ(err_.str(),
            "connreg-agent: cannot read the UDP sockets of IPv4: no udp_diag\n"
            "connreg-agent: cannot read the UDP sockets of IPv6: no "
            "udp_diag\n");
}

TEST_F(RunTest, HostOfWhichNothingCanBeReadIsReportedWithItsGaps) {
  class DeafKernel : public FakeKernel {
    absl::StatusOr<std::vector<DiagSocket>> Sockets(SocketFamily,
                                                    Transport) const override {
      return absl::PermissionDeniedError("no netlink");
    }
  };
  const DeafKernel kernel;
  const FakeNamespaces namespaces(kernel);
  EXPECT_EQ(
      RunOnce(flags_, "this-run", Collector(namespaces, processes_, "4101"),
              service_, out_, err_),
      ExitCode::kIncomplete);
  EXPECT_THAT(service_.gaps.gaps(), testing::SizeIs(4));
}

TEST_F(RunTest, LostLeaseIsReportedFromTheStart) {
  for (uint16_t port = 1; port <= 1500; ++port)
    kernel_.sockets.push_back(ListenerV4(Transport::kTcp, port, port));
  service_.lose_lease_before = 2;
  EXPECT_EQ(Run(), ExitCode::kReported);
  EXPECT_EQ(service_.rows.size(), 1500u);
}

TEST_F(RunTest, NothingIsReportedBesideAnAgentThatGoesOn) {
  v1::Reporter& other = service_.reporters.emplace_back();
  other.set_kind(v1::REPORTER_KIND_AGENT);
  other.set_name("connreg-agent-4101");
  EXPECT_EQ(Run(), ExitCode::kIncomplete);
  EXPECT_FALSE(service_.has_lease);
  EXPECT_EQ(err_.str(),
            "connreg-agent: nothing is reported, since connreg-agent-4101 "
            "reports for host web1 on and on; ask the service\n");
  other.set_name("connreg-agent");
  EXPECT_EQ(Run(), ExitCode::kIncomplete);
  for (const char* name : {"connreg-agent-once-1", "connreg-agent-4102"}) {
    other.set_name(name);
    EXPECT_EQ(Run(), ExitCode::kReported) << name;
  }
}

TEST_F(RunTest, AgentThatGoesOnKeepsItsName) {
  EXPECT_EQ(AgentName(flags_, "4101"), "connreg-agent");
  flags_.netns = "own";
  EXPECT_EQ(AgentName(flags_, "4101"), "connreg-agent-4101");
}

TEST_F(RunTest, RefusedRowsAreSaidUpToFive) {
  v1::RegisterResponse response;
  for (uint32_t i = 0; i < 7; ++i) {
    kernel_.sockets.push_back(
        ListenerV4(Transport::kTcp, static_cast<uint16_t>(i + 1), i + 1));
    v1::RowRefusal* refusal = response.add_refusals();
    refusal->set_field("listeners[0]");
    refusal->set_index(i);
    refusal->set_reason("NO");
    refusal->set_description("no");
  }
  service_.next = response;
  EXPECT_EQ(Run(), ExitCode::kIncomplete);
  EXPECT_EQ(err_.str(),
            "connreg-agent: refused: listener tcp 0.0.0.0:1: no (NO)\n"
            "connreg-agent: refused: listener tcp 0.0.0.0:2: no (NO)\n"
            "connreg-agent: refused: listener tcp 0.0.0.0:3: no (NO)\n"
            "connreg-agent: refused: listener tcp 0.0.0.0:4: no (NO)\n"
            "connreg-agent: refused: listener tcp 0.0.0.0:5: no (NO)\n"
            "connreg-agent: refused: 2 more rows\n");
}

TEST_F(RunTest, WhatALimitKeptOutIsSaidWithTheLimit) {
  v1::RegisterResponse response;
  v1::LimitReached* const rows = response.add_limits();
  rows->set_limit(v1::ROW_LIMIT_ROWS);
  rows->set_value(5000000);
  rows->set_refused_count(2);
  v1::LimitReached* const prefixes = response.add_limits();
  prefixes->set_limit(v1::ROW_LIMIT_PREFIXES_PER_REPORTER);
  prefixes->set_value(10000);
  prefixes->set_refused_count(1);
  service_.next = response;
  for (uint16_t port = 1; port <= 3; ++port)
    kernel_.sockets.push_back(ListenerV4(Transport::kTcp, port, port));
  EXPECT_EQ(Run(), ExitCode::kIncomplete);
  EXPECT_THAT(out_.str(),
              testing::StartsWith("reported 1 of 3 sockets of web1 ("));
  EXPECT_EQ(err_.str(),
            "connreg-agent: refused: 2 rows: the service takes at most 5000000 "
            "rows (ROW_LIMIT_ROWS)\n"
            "connreg-agent: refused: 1 address list: the service takes at most "
            "10000 prefixes of one reporter "
            "(ROW_LIMIT_PREFIXES_PER_REPORTER)\n");
}

TEST_F(RunTest, SilentServiceIsSaidWithWhatToDo) {
  service_.failure = absl::UnavailableError(
      "no connregd answers at 127.0.0.1:7878: Connection refused");
  EXPECT_EQ(Run(), ExitCode::kNoAnswer);
  EXPECT_EQ(out_.str(), "");
  EXPECT_EQ(err_.str(),
            "connreg-agent: no connregd answers at 127.0.0.1:7878: Connection "
            "refused; start it, or name another with --server\n");
}

TEST_F(RunTest, ErrorIsOneLineWithItsQuotes) {
  EXPECT_EQ(ErrorLine(absl::InternalError("a \"b\"\nc\033")),
            "connreg-agent: a \"b\"\\nc\\033");
}

TEST_F(RunTest, ReportThatTheServiceCallsMalformedIsWrongUsage) {
  service_.failure =
      InField("reporter.host", InvalidArgument("TEXT_EMPTY", "empty"));
  EXPECT_EQ(Run(), ExitCode::kUsage);
  EXPECT_EQ(err_.str(), "connreg-agent: reporter.host: empty\n");
}

}  // namespace
}  // namespace connreg
