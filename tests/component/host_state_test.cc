#include <cstdint>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kServer[] = "10.0.0.5:80";
constexpr char kClient[] = "10.0.0.9:51000";

class HostStateTest : public ServiceTest {
 protected:
  static constexpr absl::Duration kTtl = absl::Seconds(30);
  static constexpr absl::Duration kGrace = absl::Minutes(2);

  static v1::RegisterRequest ServerReport(const v1::Reporter& reporter) {
    return Report(reporter,
                  {.listeners = {Listening(kServer)},
                   .connections = {Accepted(kServer, kClient)},
                   .addresses = {"10.0.0.5"}},
                  /*ttl_seconds=*/30);
  }
  // Of the other end, for as long as any test takes.
  static v1::RegisterRequest ClientReport() {
    return Report(Agent("app-1"), {.connections = {Initiated(kClient, kServer)},
                                   .addresses = {"10.0.0.9"}});
  }

  // The only host of that name, or one without a name.
  v1::Host HostNamed(const std::string& name) {
    v1::ListHostsRequest request;
    request.set_host(name);
    const v1::ListHostsResponse listed = ListHosts(request);
    return listed.hosts_size() == 1 ? listed.hosts(0) : v1::Host();
  }
  v1::HostState StateOf(const std::string& name) {
    return HostNamed(name).state();
  }

  v1::Connection OnlyConnection() {
    const v1::ListConnectionsResponse listed = ListConnections();
    EXPECT_THAT(listed.connections(), SizeIs(1));
    return listed.connections_size() == 1 ? listed.connections(0)
                                          : v1::Connection();
  }

  int64_t Start() { return GetStatus().start_time().seconds(); }
};

// ---- Stale ----

TEST_F(HostStateTest, SilentHostIsStaleSinceItsLeaseLapsed) {
  Register(ServerReport(Agent("web-1")));
  EXPECT_EQ(StateOf("web-1"), v1::HOST_STATE_LIVE);
  AdvanceAndExpire(kTtl);

  const v1::Host host = HostNamed("web-1");
  EXPECT_EQ(host.state(), v1::HOST_STATE_STALE);
  EXPECT_EQ(host.state_time().seconds(), Start() + 30);
  EXPECT_EQ(host.last_report_time().seconds(), Start());
  const v1::Coverage coverage = GetStatus().coverage();
  EXPECT_EQ(coverage.live_host_count(), 0u);
  EXPECT_EQ(coverage.stale_host_count(), 1u);
}

TEST_F(HostStateTest, RowsOfASilentHostStayAndSaySo) {
  Register(ServerReport(Agent("web-1")));
  EXPECT_FALSE(
      OnlyConnection().observations(0).derived().has_stale_since_time());
  AdvanceAndExpire(kTtl);

  EXPECT_EQ(
      OnlyConnection().observations(0).derived().stale_since_time().seconds(),
      Start() + 30);
  const v1::ListListenersResponse listeners = ListListeners();
  ASSERT_THAT(listeners.listeners(), SizeIs(1));
  EXPECT_EQ(listeners.listeners(0).derived().stale_since_time().seconds(),
            Start() + 30);
  EXPECT_TRUE(Lookup(Asking(kClient, kServer)).has_connections());
}

TEST_F(HostStateTest, ConnectionOfWhichOneEndIsSilentIsAConflict) {
  Register(ClientReport());
  Register(ServerReport(Agent("web-1")));
  EXPECT_THAT(OnlyConnection().derived().conflicts(), IsEmpty());
  AdvanceAndExpire(kTtl);

  const v1::Connection connection = OnlyConnection();
  EXPECT_THAT(Hosts(connection), ElementsAre("app-1", "web-1"));
  EXPECT_THAT(connection.derived().conflicts(),
              ElementsAre(v1::CONNECTION_CONFLICT_ONE_END_STALE));
  EXPECT_FALSE(connection.observations(0).derived().has_stale_since_time());
  EXPECT_TRUE(connection.observations(1).derived().has_stale_since_time());
}

TEST_F(HostStateTest, ConnectionOfWhichBothEndsAreSilentIsNone) {
  v1::RegisterRequest client = ClientReport();
  client.mutable_ttl()->set_seconds(30);
  Register(client);
  Register(ServerReport(Agent("web-1")));
  AdvanceAndExpire(kTtl);
  EXPECT_THAT(OnlyConnection().derived().conflicts(), IsEmpty());
}

TEST_F(HostStateTest, EndThatASilentHostDidNotReportIsStale) {
  Register(Report(Agent("web-1"), {.addresses = {"10.0.0.5"}},
                  /*ttl_seconds=*/30));
  AdvanceAndExpire(kTtl);
  Register(ClientReport());
  EXPECT_EQ(OnlyConnection().derived().one_sided_reason(),
            v1::ONE_SIDED_REASON_STALE);
}

TEST_F(HostStateTest, SilentOwnerOfTheAddressIsWhyNothingIsThere) {
  Register(ServerReport(Agent("web-1")));
  AdvanceAndExpire(kTtl);
  const v1::Absent absent = Lookup(Asking("10.0.0.5:81")).absent();
  EXPECT_EQ(absent.reason(), v1::ABSENT_REASON_HOST_STALE);
  ASSERT_THAT(absent.stale_hosts(), SizeIs(1));
  EXPECT_EQ(absent.stale_hosts(0).host(), "web-1");
  EXPECT_EQ(absent.stale_hosts(0).network(), "default");
  EXPECT_EQ(absent.stale_hosts(0).stale_since_time().seconds(), Start() + 30);
  EXPECT_EQ(Lookup(Asking("10.0.0.6:81")).absent().reason(),
            v1::ABSENT_REASON_NOT_SEEN_SINCE);
}

TEST_F(HostStateTest, SilentHostThatIsAskedAboutIsWhyNothingIsThere) {
  Register(ServerReport(Agent("web-1")));
  AdvanceAndExpire(kTtl);
  v1::LookupRequest request = Asking("127.0.0.1:81");
  request.set_host("web-1");
  const v1::LookupResponse answer = Lookup(request);
  EXPECT_EQ(answer.absent().reason(), v1::ABSENT_REASON_HOST_STALE);
  EXPECT_EQ(answer.coverage().stale_host_count(), 1u);
}

TEST_F(HostStateTest, CoverageCountsTheHostsThatTheQuestionIsAbout) {
  Register(ServerReport(Agent("web-1")));
  Register(Report(Agent("web-2", "vpc-b"), {}, /*ttl_seconds=*/30));
  Register(Report(Agent("web-3", "vpc-b")));
  AdvanceAndExpire(kTtl);

  const auto live_and_stale = [&](const std::string& network,
                                  const std::string& host) {
    v1::ListListenersRequest request;
    request.set_network(network);
    request.set_host(host);
    const v1::Coverage coverage = ListListeners(request).coverage();
    return std::pair(coverage.live_host_count(), coverage.stale_host_count());
  };
  EXPECT_EQ(live_and_stale("", ""), std::pair(1u, 2u));
  EXPECT_EQ(live_and_stale("vpc-b", ""), std::pair(1u, 1u));
  EXPECT_EQ(live_and_stale("", "web-1"), std::pair(0u, 1u));
  EXPECT_EQ(live_and_stale("", "web-3"), std::pair(1u, 0u));
}

// ---- Back ----

TEST_F(HostStateTest, AgentThatComesBackFindsItsRowsAndMakesThemLive) {
  Register(ServerReport(Agent("web-1")));
  AdvanceAndExpire(kTtl);
  const uint64_t revision = GetStatus().coverage().revision();
  // Without rows.
  Register(Report(Agent("web-1"), {}, /*ttl_seconds=*/3600));

  EXPECT_EQ(StateOf("web-1"), v1::HOST_STATE_LIVE);
  EXPECT_EQ(GetStatus().coverage().stale_host_count(), 0u);
  EXPECT_FALSE(
      OnlyConnection().observations(0).derived().has_stale_since_time());
  EXPECT_EQ(
      OnlyConnection().observations(0).provenance().first_seen_time().seconds(),
      Start());
  // It is the lease that has changed, and no row.
  EXPECT_EQ(GetStatus().coverage().revision(), revision);

  AdvanceAndExpire(kGrace);
  EXPECT_THAT(ListConnections().connections(), SizeIs(1));
}

TEST_F(HostStateTest, AnotherAgentTakesThePlaceOfASilentOne) {
  Register(ServerReport(Agent("web-1")));
  AdvanceAndExpire(kTtl);
  v1::Reporter other = Agent("web-1");
  other.set_name("another-agent");
  Register(Report(other, {.addresses = {"10.0.0.5"}}, /*ttl_seconds=*/10));
  EXPECT_EQ(StateOf("web-1"), v1::HOST_STATE_LIVE);
  AdvanceAndExpire(absl::Seconds(9));
  Register(Report(other));
  // It may have been telling until now what it sees.
  EXPECT_THAT(ListListeners().listeners(), SizeIs(1));

  AdvanceAndExpire(absl::Seconds(1));
  EXPECT_EQ(HostNamed("web-1").reporter_count(), 1u);
  EXPECT_THAT(ListListeners().listeners(), IsEmpty());
  const v1::Absent absent = Lookup(Asking(kClient, kServer)).absent();
  ASSERT_THAT(absent.closed(), SizeIs(1));
  EXPECT_EQ(absent.closed(0).observations(0).closure().reason(),
            v1::CLOSE_REASON_LEASE_ENDED);
}

// ---- Expired ----

TEST_F(HostStateTest, RowsGoWhenTheGraceIsOver) {
  Register(ServerReport(Agent("web-1")));
  AdvanceAndExpire(kTtl);
  AdvanceAndExpire(kGrace - absl::Seconds(1));
  EXPECT_EQ(StateOf("web-1"), v1::HOST_STATE_STALE);
  EXPECT_THAT(ListConnections().connections(), SizeIs(1));

  AdvanceAndExpire(absl::Seconds(1));
  EXPECT_EQ(StateOf("web-1"), v1::HOST_STATE_EXPIRED);
  EXPECT_THAT(ListConnections().connections(), IsEmpty());
  EXPECT_THAT(ListListeners().listeners(), IsEmpty());
  const v1::GetStatusResponse status = GetStatus();
  EXPECT_EQ(status.coverage().live_host_count(), 0u);
  EXPECT_EQ(status.coverage().stale_host_count(), 0u);
  EXPECT_EQ(status.reporter_count(), 0u);
}

TEST_F(HostStateTest, RowsThatExpireAreForgottenAndNotClosed) {
  Register(ServerReport(Agent("web-1")));
  AdvanceAndExpire(kTtl);
  AdvanceAndExpire(kGrace);
  EXPECT_EQ(GetStatus().closed_count(), 0u);
  const v1::Absent absent = Lookup(Asking(kClient, kServer)).absent();
  EXPECT_EQ(absent.reason(), v1::ABSENT_REASON_NOT_SEEN_SINCE);
  // They were there as long as anybody could tell.
  EXPECT_GE(absent.not_seen_since_time().seconds(), Start() + 30);
}

TEST_F(HostStateTest, ExpiredHostIsForgottenAsLateAsClosedConnections) {
  Register(ServerReport(Agent("web-1")));
  AdvanceAndExpire(kTtl);
  AdvanceAndExpire(kGrace);
  AdvanceAndExpire(absl::Minutes(59));
  EXPECT_EQ(StateOf("web-1"), v1::HOST_STATE_EXPIRED);
  AdvanceAndExpire(absl::Minutes(1));
  EXPECT_THAT(ListHosts().hosts(), IsEmpty());
}

TEST_F(HostStateTest, ExpiredHostIsNoneThatIsReportedFor) {
  Register(ServerReport(Agent("web-1")));
  AdvanceAndExpire(kTtl);
  AdvanceAndExpire(kGrace);
  v1::LookupRequest request = Asking(kServer);
  request.set_host("web-1");
  EXPECT_EQ(Lookup(request).absent().reason(), v1::ABSENT_REASON_NO_SUCH_HOST);
}

TEST_F(HostStateTest, ExpiredHostThatComesBackIsLive) {
  Register(ServerReport(Agent("web-1")));
  AdvanceAndExpire(kTtl);
  AdvanceAndExpire(kGrace);
  Register(ServerReport(Agent("web-1")));
  EXPECT_EQ(StateOf("web-1"), v1::HOST_STATE_LIVE);
  EXPECT_THAT(ListConnections().connections(), SizeIs(1));
  EXPECT_THAT(ListHosts().hosts(), SizeIs(1));
}

TEST_F(HostStateTest, AgentThatTakesItsLeaveLeavesNoStaleHost) {
  Register(ServerReport(Agent("web-1")));
  Deregister(WithdrawalOfAll(Agent("web-1")));
  EXPECT_THAT(ListHosts().hosts(), IsEmpty());
  EXPECT_EQ(GetStatus().coverage().stale_host_count(), 0u);
}

// ---- Programs ----

TEST_F(HostStateTest, ProgramThatLapsesLeavesItsHostLive) {
  Register(Report(Agent("web-1")));
  Register(ServerReport(Program("web-1")));
  AdvanceAndExpire(kTtl);
  EXPECT_EQ(StateOf("web-1"), v1::HOST_STATE_LIVE);
  EXPECT_EQ(GetStatus().coverage().stale_host_count(), 0u);
  EXPECT_THAT(ListConnections().connections(), IsEmpty());
}

TEST_F(HostStateTest, ProgramAloneIsOfAHostWithoutAgentThatGoesWithIt) {
  Register(ServerReport(Program("web-1")));
  EXPECT_EQ(StateOf("web-1"), v1::HOST_STATE_NO_AGENT);
  AdvanceAndExpire(kTtl);
  EXPECT_THAT(ListHosts().hosts(), IsEmpty());
}

TEST_F(HostStateTest, ProgramOfASilentHostIsBelievedAllTheSame) {
  Register(Report(Agent("web-1"), {}, /*ttl_seconds=*/30));
  v1::RegisterRequest program = ServerReport(Program("web-1"));
  program.mutable_ttl()->set_seconds(3600);
  Register(program);
  AdvanceAndExpire(kTtl);
  EXPECT_EQ(StateOf("web-1"), v1::HOST_STATE_STALE);
  EXPECT_FALSE(
      OnlyConnection().observations(0).derived().has_stale_since_time());
  AdvanceAndExpire(kGrace);
  EXPECT_THAT(ListConnections().connections(), SizeIs(1));
}

TEST_F(HostStateTest, GraceIsToldInTheStatus) {
  EXPECT_EQ(GetStatus().grace().seconds(), absl::ToInt64Seconds(kGrace));
}

}  // namespace
}  // namespace connreg
