#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kServer[] = "10.0.0.5:80";
constexpr char kClient[] = "10.0.0.9:51000";

class ClosedTest : public ServiceTest {
 protected:
  explicit ClosedTest(const ServerFlags& flags = Serving({"127.0.0.1:0"}))
      : ServiceTest(flags) {}

  void Open(uint64_t cookie = 1) {
    Register(
        Report(web_, {.connections = {Accepted(kServer, kClient, cookie)}}));
  }
  void Close() {
    Deregister(Withdrawal(web_, {.connections = {Accepted(kServer, kClient)}}));
  }

  v1::Absent Absent(const v1::LookupRequest& request) {
    return Lookup(request).absent();
  }
  // What is listed, with what has ended.
  std::vector<v1::Connection> ListAll(v1::ListConnectionsRequest request = {}) {
    request.set_show_closed(true);
    const v1::ListConnectionsResponse listed = ListConnections(request);
    return {listed.connections().begin(), listed.connections().end()};
  }

  int64_t Start() { return GetStatus().start_time().seconds(); }

  const v1::Reporter web_ = Agent("web-1");
};

bool IsClosed(const v1::Connection& connection) {
  return connection.observations(0).has_closure();
}
v1::CloseReason ReasonOf(const v1::Connection& connection) {
  return connection.observations(0).closure().reason();
}
uint64_t CookieOf(const v1::Connection& connection) {
  return connection.observations(0).socket().cookie();
}

// ---- Lookup ----

TEST_F(ClosedTest, ConnectionThatIsTakenAwayIsClosedSinceThen) {
  Open();
  clock_.Advance(absl::Seconds(5));
  Close();
  for (const v1::LookupRequest& request :
       {Asking(kClient, kServer), Asking(kServer, kClient), Asking(kClient),
        Asking(kServer)}) {
    const v1::Absent absent = Absent(request);
    EXPECT_EQ(absent.reason(), v1::ABSENT_REASON_CLOSED);
    ASSERT_THAT(absent.closed(), SizeIs(1));
    EXPECT_EQ(Text(absent.closed(0)), "10.0.0.9:51000 > 10.0.0.5:80");
    const v1::Closure closure = absent.closed(0).observations(0).closure();
    EXPECT_EQ(closure.close_time().seconds(), Start() + 5);
    EXPECT_EQ(closure.reason(), v1::CLOSE_REASON_DEREGISTERED);
    // Nothing is forgotten.
    EXPECT_EQ(absent.not_seen_since_time().seconds(), Start());
  }
}

TEST_F(ClosedTest, ConnectionIsAsItWasWhenItEnded) {
  v1::Observation row = Accepted(kServer, kClient, 7);
  row.set_state(v1::CONNECTION_STATE_CLOSE_WAIT);
  row.mutable_socket()->mutable_owners()->add_processes()->set_pid(42);
  Register(Report(web_, {.connections = {row}}));
  Close();

  const v1::Absent absent = Absent(Asking(kClient, kServer));
  ASSERT_THAT(absent.closed(), SizeIs(1));
  const v1::Observation last = absent.closed(0).observations(0);
  EXPECT_EQ(last.state(), v1::CONNECTION_STATE_CLOSE_WAIT);
  EXPECT_EQ(last.role(), v1::ROLE_SERVER);
  EXPECT_EQ(last.socket().cookie(), 7u);
  EXPECT_EQ(last.socket().owners().processes(0).pid(), 42);
  EXPECT_EQ(last.provenance().reporter().host(), "web-1");
  EXPECT_FALSE(last.has_derived());
}

TEST_F(ClosedTest, ProgramsConnectionsCloseWithItsLease) {
  Register(Report(Program("web-1"),
                  {.connections = {Accepted(kServer, kClient)}},
                  /*ttl_seconds=*/30));
  AdvanceAndExpire(absl::Seconds(30));
  const v1::Absent absent = Absent(Asking(kClient, kServer));
  EXPECT_EQ(absent.reason(), v1::ABSENT_REASON_CLOSED);
  ASSERT_THAT(absent.closed(), SizeIs(1));
  EXPECT_EQ(ReasonOf(absent.closed(0)), v1::CLOSE_REASON_LEASE_ENDED);
  EXPECT_EQ(absent.closed(0).observations(0).closure().close_time().seconds(),
            Start() + 30);
}

TEST_F(ClosedTest, BothEndsAreOneConnection) {
  const v1::Reporter app = Agent("app-1");
  Register(Report(web_, {.connections = {Accepted(kServer, kClient)},
                         .addresses = {"10.0.0.5"}}));
  Register(Report(app, {.connections = {Initiated(kClient, kServer)},
                        .addresses = {"10.0.0.9"}}));
  clock_.Advance(absl::Seconds(5));
  Close();
  // While one end is there the connection is.
  ASSERT_TRUE(Lookup(Asking(kClient, kServer)).has_connections());

  Deregister(Withdrawal(app, {.connections = {Initiated(kClient, kServer)}}));
  const v1::Absent absent = Absent(Asking(kClient, kServer));
  ASSERT_THAT(absent.closed(), SizeIs(1));
  EXPECT_THAT(Hosts(absent.closed(0)), ElementsAre("app-1", "web-1"));
}

TEST_F(ClosedTest, ListenerThatWouldTakeItGoesFirstAndTellsWhatHasEnded) {
  Register(Report(web_, {.listeners = {Listening(kServer)}}));
  Open();
  Close();
  const v1::LookupResponse of_tuple = Lookup(Asking(kClient, kServer));
  ASSERT_TRUE(of_tuple.has_listeners());
  ASSERT_THAT(of_tuple.listeners().closed(), SizeIs(1));
  EXPECT_TRUE(IsClosed(of_tuple.listeners().closed(0)));
  const v1::LookupResponse of_endpoint = Lookup(Asking(kServer));
  ASSERT_TRUE(of_endpoint.has_listeners());
  EXPECT_THAT(of_endpoint.listeners().closed(), IsEmpty());
  EXPECT_EQ(Absent(Asking(kClient)).reason(), v1::ABSENT_REASON_CLOSED);
}

TEST_F(ClosedTest, LastSixteenAreToldTheLatestFirst) {
  for (uint64_t cookie = 1; cookie <= 20; ++cookie) {
    Open(cookie);
    clock_.Advance(absl::Seconds(1));
    Close();
  }
  for (const v1::LookupRequest& request :
       {Asking(kClient, kServer), Asking(kServer)}) {
    const v1::Absent absent = Absent(request);
    ASSERT_THAT(absent.closed(), SizeIs(16));
    for (int i = 0; i < 16; ++i)
      EXPECT_EQ(CookieOf(absent.closed(i)), static_cast<uint64_t>(20 - i));
  }
  // What is remembered still says that the four-tuple was there.
  EXPECT_EQ(Absent(Asking(kServer)).not_seen_since_time().seconds(), Start());
}

TEST_F(ClosedTest, LatestOfAllFourTuplesOfAnEndpointAreTold) {
  for (int i = 0; i < 20; ++i) {
    const Rows row = {.connections = {Accepted(
                          kServer, absl::StrCat("10.0.0.9:", 50'000 + i))}};
    Register(Report(web_, row));
    clock_.Advance(absl::Seconds(1));
    Deregister(Withdrawal(web_, row));
  }
  const v1::Absent absent = Absent(Asking(kServer));
  ASSERT_THAT(absent.closed(), SizeIs(16));
  EXPECT_EQ(Text(absent.closed(0)), "10.0.0.9:50019 > 10.0.0.5:80");
  EXPECT_EQ(Text(absent.closed(15)), "10.0.0.9:50004 > 10.0.0.5:80");
}

TEST_F(ClosedTest, QuestionOfAnotherScopeFindsNone) {
  Open();
  Close();
  v1::LookupRequest request = Asking(kClient, kServer);
  request.set_transport(v1::TRANSPORT_UDP);
  EXPECT_EQ(Absent(request).reason(), v1::ABSENT_REASON_NOT_SEEN_SINCE);
  request = Asking(kClient, kServer);
  request.set_network("vpc-b");
  EXPECT_EQ(Absent(request).reason(), v1::ABSENT_REASON_NO_SUCH_HOST);
  request = Asking(kClient, kServer);
  request.set_host("web-2");
  EXPECT_EQ(Absent(request).reason(), v1::ABSENT_REASON_NO_SUCH_HOST);
}

// ---- ListConnections ----

TEST_F(ClosedTest, IsListedOnlyIfAskedFor) {
  Open();
  Close();
  EXPECT_THAT(ListConnections().connections(), IsEmpty());
  const std::vector<v1::Connection> listed = ListAll();
  ASSERT_THAT(listed, SizeIs(1));
  EXPECT_TRUE(IsClosed(listed[0]));
}

TEST_F(ClosedTest, IncarnationThatIsReplacedIsListedAfterTheLiveOne) {
  Open(/*cookie=*/1);
  Open(/*cookie=*/2);
  Open(/*cookie=*/3);
  const std::vector<v1::Connection> listed = ListAll();
  ASSERT_THAT(listed, SizeIs(3));
  EXPECT_FALSE(IsClosed(listed[0]));
  EXPECT_EQ(CookieOf(listed[0]), 3u);
  EXPECT_EQ(CookieOf(listed[1]), 2u);
  EXPECT_EQ(ReasonOf(listed[1]), v1::CLOSE_REASON_REPLACED);
  EXPECT_EQ(CookieOf(listed[2]), 1u);
}

TEST_F(ClosedTest, FiltersOfTheListHoldForIt) {
  Open();
  Close();
  v1::ListConnectionsRequest request;
  *request.mutable_endpoint() = At(kClient);
  request.set_host("web-1");
  request.set_network("default");
  request.set_transport(v1::TRANSPORT_TCP);
  EXPECT_THAT(ListAll(request), SizeIs(1));
  *request.mutable_endpoint() = At("10.0.0.8:51000");
  EXPECT_THAT(ListAll(request), IsEmpty());
  request.Clear();
  request.set_host("web-2");
  EXPECT_THAT(ListAll(request), IsEmpty());
  request.Clear();
  request.set_transport(v1::TRANSPORT_UDP);
  EXPECT_THAT(ListAll(request), IsEmpty());
}

TEST_F(ClosedTest, PagesListEachOnce) {
  std::vector<v1::Observation> rows;
  for (int i = 0; i < 30; ++i)
    rows.push_back(Accepted(kServer, absl::StrCat("10.0.0.9:", 50'000 + i)));
  Register(Report(web_, {.connections = rows}));
  rows.resize(20);
  Deregister(Withdrawal(web_, {.connections = rows}));

  v1::ListConnectionsRequest request;
  request.set_show_closed(true);
  request.set_page_size(7);
  int live = 0;
  int closed = 0;
  do {
    const v1::ListConnectionsResponse page = ListConnections(request);
    for (const v1::Connection& connection : page.connections())
      ++(IsClosed(connection) ? closed : live);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(live, 10);
  EXPECT_EQ(closed, 20);
}

// ---- Forgetting ----

TEST_F(ClosedTest, IsCountedUntilItIsForgotten) {
  Open();
  EXPECT_EQ(GetStatus().closed_count(), 0u);
  clock_.Advance(absl::Seconds(5));
  Close();
  EXPECT_EQ(GetStatus().closed_count(), 1u);
  AdvanceAndExpire(absl::Minutes(59));
  EXPECT_EQ(GetStatus().closed_count(), 1u);

  AdvanceAndExpire(absl::Minutes(1));
  EXPECT_EQ(GetStatus().closed_count(), 0u);
  EXPECT_THAT(ListAll(), IsEmpty());
}

TEST_F(ClosedTest, MemoryBeginsWhereWhatIsForgottenEnded) {
  Open();
  clock_.Advance(absl::Seconds(5));
  Close();
  AdvanceAndExpire(absl::Hours(1));
  const v1::Absent absent = Absent(Asking(kClient));
  EXPECT_EQ(absent.reason(), v1::ABSENT_REASON_NOT_SEEN_SINCE);
  EXPECT_EQ(absent.not_seen_since_time().seconds(), Start() + 5);
  EXPECT_EQ(GetStatus().not_seen_since_time().seconds(), Start() + 5);
}

ServerFlags WithoutMemory() {
  ServerFlags flags = Serving({"127.0.0.1:0"});
  flags.registry.closed_rows = 0;
  return flags;
}

class NoMemoryTest : public ClosedTest {
 protected:
  NoMemoryTest() : ClosedTest(WithoutMemory()) {}
};

TEST_F(NoMemoryTest, ForgetsAtOnceAndSaysSo) {
  Open();
  clock_.Advance(absl::Seconds(5));
  Close();
  const v1::Absent absent = Absent(Asking(kClient, kServer));
  EXPECT_EQ(absent.reason(), v1::ABSENT_REASON_NOT_SEEN_SINCE);
  EXPECT_EQ(absent.not_seen_since_time().seconds(), Start() + 5);
  EXPECT_EQ(GetStatus().closed_count(), 0u);
}

}  // namespace
}  // namespace connreg
