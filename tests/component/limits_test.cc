#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/component/fault.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Property;
using testing::SizeIs;

constexpr char kServer[] = "10.0.0.5:80";

ServerFlags LimitedTo(const Limits& limits) {
  ServerFlags flags = Serving({"127.0.0.1:0"});
  flags.registry.limits = limits;
  return flags;
}

MATCHER_P3(IsLimit, limit, value, refused, "") {
  *result_listener << arg.ShortDebugString();
  return arg.limit() == limit && arg.value() == uint64_t{value} &&
         arg.refused_count() == uint64_t{refused};
}

// A service with little room.
class LimitsTest : public ServiceTest {
 protected:
  explicit LimitsTest(const Limits& limits) : ServiceTest(LimitedTo(limits)) {}

  static v1::Observation Row(int i) {
    return Accepted(kServer, absl::StrCat("10.0.0.9:", 50'000 + i));
  }
  static Rows RowsUpTo(int end, int begin = 0) {
    Rows rows;
    for (int i = begin; i < end; ++i) rows.connections.push_back(Row(i));
    return rows;
  }

  // How many rows the limit has kept out since the service started.
  uint64_t RefusedBy(v1::RowLimit limit) {
    const v1::GetStatusResponse status = GetStatus();
    for (const v1::LimitReached& reached : status.limits())
      if (reached.limit() == limit) return reached.refused_count();
    ADD_FAILURE() << "the status does not tell of " << limit;
    return 0;
  }
  uint64_t RefusedOf(const std::string& host) {
    v1::ListHostsRequest request;
    request.set_host(host);
    const v1::ListHostsResponse listed = ListHosts(request);
    EXPECT_THAT(listed.hosts(), SizeIs(1));
    return listed.hosts_size() == 1 ? listed.hosts(0).refused_row_count() : 0;
  }
  uint32_t LimitedReporters() {
    return GetStatus().coverage().limited_reporter_count();
  }

  const v1::Reporter web_ = Agent("web-1");
  const v1::Reporter db_ = Agent("db-1");
};

// ---- All rows ----

class RowsLimitTest : public LimitsTest {
 protected:
  RowsLimitTest() : LimitsTest({.rows = 3}) {}
};

TEST_F(RowsLimitTest, KeepsOutWhatThereIsNoRoomForAndSaysSo) {
  Rows rows = RowsUpTo(4);
  rows.listeners = {Listening(kServer)};
  const v1::RegisterResponse response = Register(Report(web_, rows));
  EXPECT_EQ(response.accepted_count(), 3u);
  EXPECT_THAT(response.limits(),
              ElementsAre(IsLimit(v1::ROW_LIMIT_ROWS, 3u, 2u)));
  // They were not malformed.
  EXPECT_THAT(response.refusals(), IsEmpty());
  EXPECT_EQ(response.malformed_count(), 0u);

  const v1::GetStatusResponse status = GetStatus();
  EXPECT_EQ(status.listener_count() + status.observation_count(), 3u);
  EXPECT_EQ(RefusedBy(v1::ROW_LIMIT_ROWS), 2u);
  EXPECT_EQ(RefusedOf("web-1"), 2u);
  EXPECT_EQ(LimitedReporters(), 1u);
}

TEST_F(RowsLimitTest, IsOneForAllReporters) {
  Register(Report(web_, RowsUpTo(2)));
  const v1::RegisterResponse response =
      Register(Report(db_, RowsUpTo(/*end=*/5, /*begin=*/2)));
  EXPECT_EQ(response.accepted_count(), 1u);
  EXPECT_THAT(response.limits(),
              ElementsAre(IsLimit(v1::ROW_LIMIT_ROWS, 3u, 2u)));
  EXPECT_EQ(RefusedOf("web-1"), 0u);
  EXPECT_EQ(RefusedOf("db-1"), 2u);
}

TEST_F(RowsLimitTest, RowsThatAreThereAreBroughtUpToDate) {
  Register(Report(web_, RowsUpTo(3)));
  Rows rows = RowsUpTo(4);
  rows.connections[0].set_state(v1::CONNECTION_STATE_CLOSE_WAIT);
  EXPECT_EQ(Register(Report(web_, rows)).accepted_count(), 3u);
  const v1::LookupResponse answer = Lookup(Asking("10.0.0.9:50000", kServer));
  ASSERT_THAT(answer.connections().connections(), SizeIs(1));
  EXPECT_EQ(answer.connections().connections(0).observations(0).state(),
            v1::CONNECTION_STATE_CLOSE_WAIT);
}

TEST_F(RowsLimitTest, NewIncarnationHasTheRoomOfTheOld) {
  const auto report = [&](uint64_t cookie) {
    return Register(Report(
        web_, {.connections = {Accepted(kServer, "10.0.0.9:1", cookie),
                               Accepted(kServer, "10.0.0.9:2", cookie),
                               Accepted(kServer, "10.0.0.9:3", cookie)}}));
  };
  report(1);
  EXPECT_THAT(report(2).limits(), IsEmpty());
}

TEST_F(RowsLimitTest, WithdrawalWorksWhenItIsFullAndMakesRoom) {
  Register(Report(web_, RowsUpTo(3)));
  EXPECT_THAT(Register(Report(web_, {.connections = {Row(3)}})).limits(),
              SizeIs(1));
  EXPECT_EQ(Deregister(Withdrawal(web_, RowsUpTo(1))).removed_count(), 1u);
  EXPECT_THAT(Register(Report(web_, {.connections = {Row(3)}})).limits(),
              IsEmpty());
  EXPECT_EQ(Deregister(WithdrawalOfAll(web_)).removed_count(), 3u);
  EXPECT_EQ(Register(Report(db_, RowsUpTo(3))).accepted_count(), 3u);
}

TEST_F(RowsLimitTest, LeaseThatEndsMakesRoom) {
  Register(Report(Program("web-1"), RowsUpTo(3), /*ttl_seconds=*/30));
  AdvanceAndExpire(absl::Seconds(30));
  EXPECT_EQ(Register(Report(db_, RowsUpTo(3))).accepted_count(), 3u);
}

TEST_F(RowsLimitTest, RowThatIsOfferedAgainIsCountedAgain) {
  Register(Report(web_, RowsUpTo(4)));
  Register(Report(web_, RowsUpTo(4)));
  EXPECT_EQ(RefusedBy(v1::ROW_LIMIT_ROWS), 2u);
  EXPECT_EQ(RefusedOf("web-1"), 2u);
  EXPECT_EQ(LimitedReporters(), 1u);
}

TEST_F(RowsLimitTest, ReporterIsLimitedForAsLongAsItsLeaseLasts) {
  Register(Report(web_, RowsUpTo(4), /*ttl_seconds=*/30));
  // A renewal that is refused nothing does not prolong it.
  AdvanceAndExpire(absl::Seconds(20));
  Register(Report(web_, {}, /*ttl_seconds=*/60));
  EXPECT_EQ(LimitedReporters(), 1u);
  AdvanceAndExpire(absl::Seconds(10));
  EXPECT_EQ(LimitedReporters(), 0u);
  EXPECT_EQ(RefusedOf("web-1"), 1u);
}

TEST_F(RowsLimitTest, ReporterIsLimitedForTwoMinutesAtMost) {
  Register(Report(web_, RowsUpTo(4), /*ttl_seconds=*/3600));
  AdvanceAndExpire(absl::Seconds(119));
  EXPECT_EQ(LimitedReporters(), 1u);
  AdvanceAndExpire(absl::Seconds(1));
  EXPECT_EQ(LimitedReporters(), 0u);
}

TEST_F(RowsLimitTest, LimitedReporterIsCountedWhereItsHostIsAskedAbout) {
  Register(Report(web_, RowsUpTo(4)));
  Register(Report(db_));
  v1::ListConnectionsRequest request;
  request.set_host("web-1");
  EXPECT_EQ(ListConnections(request).coverage().limited_reporter_count(), 1u);
  request.set_host("db-1");
  EXPECT_EQ(ListConnections(request).coverage().limited_reporter_count(), 0u);
  request.Clear();
  request.set_network("vpc-b");
  EXPECT_EQ(ListConnections(request).coverage().limited_reporter_count(), 0u);
}

TEST_F(RowsLimitTest, MalformedRowTakesNoRoom) {
  Rows rows = RowsUpTo(3);
  rows.connections.insert(rows.connections.begin(),
                          Accepted(kServer, "10.0.0.9:0"));
  const v1::RegisterResponse response = Register(Report(web_, rows));
  EXPECT_EQ(response.accepted_count(), 3u);
  EXPECT_EQ(response.malformed_count(), 1u);
  EXPECT_THAT(response.limits(), IsEmpty());
}

// ---- Rows of one reporter ----

class ReportersRowsLimitTest : public LimitsTest {
 protected:
  ReportersRowsLimitTest() : LimitsTest({.rows_per_reporter = 2}) {}
};

TEST_F(ReportersRowsLimitTest, LeavesRoomForOthers) {
  const v1::RegisterResponse response = Register(Report(web_, RowsUpTo(5)));
  EXPECT_EQ(response.accepted_count(), 2u);
  EXPECT_THAT(response.limits(),
              ElementsAre(IsLimit(v1::ROW_LIMIT_ROWS_PER_REPORTER, 2u, 3u)));
  EXPECT_THAT(Register(Report(db_, RowsUpTo(2))).limits(), IsEmpty());
  EXPECT_EQ(RefusedBy(v1::ROW_LIMIT_ROWS_PER_REPORTER), 3u);
}

TEST_F(ReportersRowsLimitTest, CountsListenersAndConnectionsTogether) {
  Register(Report(
      web_, {.listeners = {Listening(kServer)}, .connections = {Row(0)}}));
  EXPECT_EQ(Register(Report(web_, {.listeners = {Listening("10.0.0.5:81")}}))
                .accepted_count(),
            0u);
}

// ---- One place ----

class PlaceLimitsTest : public LimitsTest {
 protected:
  PlaceLimitsTest()
      : LimitsTest({.rows_per_four_tuple = 2, .listeners_per_endpoint = 2}) {}

  template <typename Row>
  static Row In(const std::string& netns, Row row) {
    row.mutable_socket()->set_netns(netns);
    return row;
  }
};

TEST_F(PlaceLimitsTest, BoundTheConnectionsOfAFourTuple) {
  const v1::RegisterResponse response =
      Register(Report(web_, {.connections = {In("a", Row(0)), In("b", Row(0)),
                                             In("c", Row(0)), Row(1)}}));
  EXPECT_EQ(response.accepted_count(), 3u);
  EXPECT_THAT(response.limits(),
              ElementsAre(IsLimit(v1::ROW_LIMIT_ROWS_PER_FOUR_TUPLE, 2u, 1u)));
  EXPECT_EQ(RefusedBy(v1::ROW_LIMIT_ROWS_PER_FOUR_TUPLE), 1u);
}

TEST_F(PlaceLimitsTest, BoundALoopbackFourTupleOnEachHost) {
  const auto loopback = [](const char* netns) {
    return In(netns, Accepted("127.0.0.1:80", "127.0.0.1:50000"));
  };
  for (const v1::Reporter& reporter : {web_, db_}) {
    EXPECT_THAT(Register(Report(reporter, {.connections = {loopback("a"),
                                                           loopback("b")}}))
                    .limits(),
                IsEmpty());
  }
}

TEST_F(PlaceLimitsTest, BoundTheListenersOfAnEndpointOnEachHost) {
  const v1::RegisterResponse response = Register(Report(
      web_, {.listeners = {Listening(kServer, 1), Listening(kServer, 2),
                           Listening(kServer, 3), Listening("10.0.0.5:81")}}));
  EXPECT_EQ(response.accepted_count(), 3u);
  EXPECT_THAT(
      response.limits(),
      ElementsAre(IsLimit(v1::ROW_LIMIT_LISTENERS_PER_ENDPOINT, 2u, 1u)));
  EXPECT_THAT(
      Register(Report(db_, {.listeners = {Listening(kServer, 1)}})).limits(),
      IsEmpty());
  EXPECT_EQ(RefusedBy(v1::ROW_LIMIT_LISTENERS_PER_ENDPOINT), 1u);
}

TEST_F(PlaceLimitsTest, AreToldTogether) {
  const v1::RegisterResponse response = Register(Report(
      web_,
      {.listeners = {Listening(kServer, 1), Listening(kServer, 2),
                     Listening(kServer, 3)},
       .connections = {In("a", Row(0)), In("b", Row(0)), In("c", Row(0))}}));
  EXPECT_EQ(response.accepted_count(), 4u);
  EXPECT_THAT(
      response.limits(),
      ElementsAre(IsLimit(v1::ROW_LIMIT_ROWS_PER_FOUR_TUPLE, 2u, 1u),
                  IsLimit(v1::ROW_LIMIT_LISTENERS_PER_ENDPOINT, 2u, 1u)));
}

// ---- Addresses ----

class AddressLimitsTest : public LimitsTest {
 protected:
  AddressLimitsTest()
      : LimitsTest({.namespaces_per_reporter = 2, .prefixes_per_reporter = 3}) {
  }

  v1::RegisterResponse Tell(const std::string& netns,
                            const std::vector<std::string>& prefixes) {
    v1::RegisterRequest request = Report(web_);
    v1::NetworkNamespace* told = request.add_namespaces();
    told->set_netns(netns);
    for (const std::string& prefix : prefixes)
      told->add_prefixes()->set_prefix(prefix);
    return Register(request);
  }
};

TEST_F(AddressLimitsTest, BoundTheNamespaces) {
  Tell("a", {"10.0.0.1"});
  Tell("b", {"10.0.0.2"});
  const v1::RegisterResponse response = Tell("c", {"10.0.0.3"});
  EXPECT_THAT(
      response.limits(),
      ElementsAre(IsLimit(v1::ROW_LIMIT_NAMESPACES_PER_REPORTER, 2u, 1u)));
  EXPECT_EQ(RefusedBy(v1::ROW_LIMIT_NAMESPACES_PER_REPORTER), 1u);
  EXPECT_EQ(LimitedReporters(), 1u);
  // Those that are there may change.
  EXPECT_THAT(Tell("b", {"10.0.0.4"}).limits(), IsEmpty());
}

TEST_F(AddressLimitsTest, BoundThePrefixesAndKeepTheFormerOnes) {
  Tell("a", {"10.0.0.1", "10.0.0.2"});
  const v1::RegisterResponse response = Tell("b", {"10.0.0.3", "10.0.0.4"});
  EXPECT_THAT(
      response.limits(),
      ElementsAre(IsLimit(v1::ROW_LIMIT_PREFIXES_PER_REPORTER, 3u, 1u)));
  EXPECT_THAT(Tell("b", {"10.0.0.3"}).limits(), IsEmpty());
}

TEST_F(AddressLimitsTest, KeepOutNoRow) {
  Tell("a", {"10.0.0.1", "10.0.0.2", "10.0.0.3"});
  v1::RegisterRequest request = Report(web_, RowsUpTo(2));
  v1::NetworkNamespace* told = request.add_namespaces();
  told->set_netns("b");
  told->add_prefixes()->set_prefix("10.0.0.4");
  const v1::RegisterResponse response = Register(request);
  EXPECT_EQ(response.accepted_count(), 2u);
  EXPECT_THAT(response.limits(), SizeIs(1));
}

// ---- Reporters ----

class ReportersLimitTest : public LimitsTest {
 protected:
  ReportersLimitTest() : LimitsTest({.reporters = 2}) {
    Register(Report(web_));
    Register(Report(db_));
  }

  grpc::Status RegisterOneMore() {
    v1::RegisterResponse response;
    return Call(*reporting_, &Reporting::Register,
                Report(Program("app-1"), RowsUpTo(1)), &response);
  }
};

TEST_F(ReportersLimitTest, RefusesANewOneWholly) {
  const uint64_t revision = GetStatus().coverage().revision();
  const Fault fault = FaultOf(RegisterOneMore());
  EXPECT_EQ(fault.code, grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(fault.domain, "connreg");
  EXPECT_EQ(fault.reason, "TOO_MANY_REPORTERS");
  EXPECT_THAT(fault.message, AllOf(HasSubstr("app-1"), HasSubstr("2")));
  EXPECT_EQ(GetStatus().reporter_count(), 2u);
  EXPECT_EQ(GetStatus().coverage().revision(), revision);
  EXPECT_THAT(ListHosts().hosts(), SizeIs(2));
}

TEST_F(ReportersLimitTest, CountsTheOneThatIsRefusedUntilItIsLetIn) {
  RegisterOneMore();
  RegisterOneMore();
  EXPECT_EQ(RefusedBy(v1::ROW_LIMIT_REPORTERS), 2u);
  EXPECT_EQ(LimitedReporters(), 1u);
  Deregister(WithdrawalOfAll(web_));
  EXPECT_TRUE(RegisterOneMore().ok());
  EXPECT_EQ(LimitedReporters(), 0u);
}

TEST_F(ReportersLimitTest, RefusesNoneThatIsThere) {
  EXPECT_EQ(Register(Report(web_, RowsUpTo(1))).accepted_count(), 1u);
}

TEST_F(ReportersLimitTest, LetsANewOneInWhenOneHasGone) {
  Deregister(WithdrawalOfAll(web_));
  EXPECT_TRUE(RegisterOneMore().ok());
}

TEST_F(ReportersLimitTest, RefusesNoWithdrawal) {
  EXPECT_EQ(
      Deregister(Withdrawal(Program("app-1"), RowsUpTo(1))).absent_count(), 1u);
}

// ---- Status ----

TEST_F(RowsLimitTest, StatusTellsEveryLimitFromTheStart) {
  const v1::GetStatusResponse status = GetStatus();
  std::vector<v1::RowLimit> limits;
  for (const v1::LimitReached& reached : status.limits())
    limits.push_back(reached.limit());
  EXPECT_THAT(limits,
              ElementsAre(v1::ROW_LIMIT_ROWS, v1::ROW_LIMIT_ROWS_PER_REPORTER,
                          v1::ROW_LIMIT_ROWS_PER_FOUR_TUPLE,
                          v1::ROW_LIMIT_LISTENERS_PER_ENDPOINT,
                          v1::ROW_LIMIT_NAMESPACES_PER_REPORTER,
                          v1::ROW_LIMIT_PREFIXES_PER_REPORTER,
                          v1::ROW_LIMIT_REPORTERS));
  EXPECT_THAT(status.limits(),
              Each(Property(&v1::LimitReached::refused_count, 0u)));
  EXPECT_EQ(status.limits(0).value(), 3u);
}

}  // namespace
}  // namespace connreg
