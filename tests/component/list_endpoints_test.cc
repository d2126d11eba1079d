#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/component/fault.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class ListEndpointsTest : public ServiceTest {
 protected:
  static v1::ListEndpointsRequest Of(const std::string& prefix,
                                     const std::string& host = "") {
    v1::ListEndpointsRequest request;
    request.set_prefix(prefix);
    request.set_host(host);
    return request;
  }

  std::vector<v1::EndpointSummary> List(
      const v1::ListEndpointsRequest& request) {
    const v1::ListEndpointsResponse listed = ListEndpoints(request);
    return {listed.endpoints().begin(), listed.endpoints().end()};
  }
  std::vector<std::string> Endpoints(const v1::ListEndpointsRequest& request) {
    std::vector<std::string> endpoints;
    for (const v1::EndpointSummary& summary : List(request))
      endpoints.push_back(Text(summary.endpoint()));
    return endpoints;
  }

  Fault Refused(const v1::ListEndpointsRequest& request) {
    v1::ListEndpointsResponse response;
    return FaultOf(
        Call(*reading_, &Reading::ListEndpoints, request, &response));
  }
};

// A server with a listener and three connections, a client of it, and a
// wildcard listener.
class ServerAndClientTest : public ListEndpointsTest {
 protected:
  ServerAndClientTest() {
    v1::Observation closing = Accepted("10.0.0.5:80", "10.0.0.9:51002");
    closing.set_state(v1::CONNECTION_STATE_CLOSE_WAIT);
    Register(Report(
        Agent("web-1"),
        {.listeners = {Listening("10.0.0.5:80"), Listening("0.0.0.0:22")},
         .connections = {Accepted("10.0.0.5:80", "10.0.0.9:51000"),
                         Accepted("10.0.0.5:80", "10.0.0.9:51001"), closing},
         .addresses = {"10.0.0.5", "127.0.0.0/8"}}));
    Register(Report(Agent("app-1"), {.connections = {Initiated("10.0.0.9:51000",
                                                               "10.0.0.5:80")},
                                     .addresses = {"10.0.0.9"}}));
  }
};

TEST_F(ServerAndClientTest, EndpointIsToldWithItsListenersAndItsConnections) {
  const std::vector<v1::EndpointSummary> listed = List(Of("10.0.0.5"));
  ASSERT_THAT(listed, SizeIs(2));
  EXPECT_EQ(Text(listed[0].endpoint()), "10.0.0.5:22");
  EXPECT_EQ(listed[0].connection_count(), 0u);
  EXPECT_THAT(Texts(listed[0].listeners()), ElementsAre("web-1 0.0.0.0:22"));

  const v1::EndpointSummary& web = listed[1];
  EXPECT_EQ(Text(web.endpoint()), "10.0.0.5:80");
  EXPECT_EQ(web.network(), "default");
  EXPECT_EQ(web.transport(), v1::TRANSPORT_TCP);
  EXPECT_THAT(Texts(web.listeners()), ElementsAre("web-1 10.0.0.5:80"));
  EXPECT_EQ(web.listener_count(), 1u);
  // The one that both ends report counts once.
  EXPECT_EQ(web.connection_count(), 3u);
  ASSERT_THAT(web.states(), SizeIs(2));
  EXPECT_EQ(web.states(0).state(), v1::CONNECTION_STATE_ESTABLISHED);
  EXPECT_EQ(web.states(0).count(), 2u);
  EXPECT_EQ(web.states(1).state(), v1::CONNECTION_STATE_CLOSE_WAIT);
  EXPECT_EQ(web.states(1).count(), 1u);
}

TEST_F(ServerAndClientTest, BlockListsItsAddressesInOrder) {
  EXPECT_THAT(Endpoints(Of("10.0.0.0/24")),
              ElementsAre("10.0.0.5:22", "10.0.0.5:80", "10.0.0.9:51000",
                          "10.0.0.9:51001", "10.0.0.9:51002"));
  // Host bits are cleared.
  EXPECT_EQ(Endpoints(Of("10.0.0.77/24")), Endpoints(Of("10.0.0.0/24")));
  EXPECT_THAT(
      Endpoints(Of("10.0.0.8/29")),
      ElementsAre("10.0.0.9:51000", "10.0.0.9:51001", "10.0.0.9:51002"));
  EXPECT_THAT(Endpoints(Of("10.1.0.0/16")), IsEmpty());
}

TEST_F(ServerAndClientTest, EndThatIsNotReportedCountsByTheOther) {
  const std::vector<v1::EndpointSummary> listed = List(Of("10.0.0.9"));
  ASSERT_THAT(listed, SizeIs(3));
  EXPECT_EQ(listed[2].connection_count(), 1u);
  ASSERT_THAT(listed[2].states(), SizeIs(1));
  EXPECT_EQ(listed[2].states(0).state(), v1::CONNECTION_STATE_CLOSE_WAIT);
}

TEST_F(ServerAndClientTest, HostLeavesTheEndpointsOfItsOwnSockets) {
  EXPECT_THAT(Endpoints(Of("10.0.0.0/8", "app-1")),
              ElementsAre("10.0.0.9:51000"));
  EXPECT_THAT(Endpoints(Of("", "app-1")), ElementsAre("10.0.0.9:51000"));
}

TEST_F(ServerAndClientTest, HostAloneListsWildcardsAsTheyAre) {
  EXPECT_THAT(Endpoints(Of("", "web-1")),
              ElementsAre("0.0.0.0:22", "10.0.0.5:80"));
}

TEST_F(ServerAndClientTest, LoopbackIsListedWhereAHostIsNamed) {
  EXPECT_THAT(Endpoints(Of("127.0.0.1", "web-1")), ElementsAre("127.0.0.1:22"));
  EXPECT_THAT(Refused(Of("127.0.0.1")), IsRefusal("HOST_MISSING", "host"));
  EXPECT_THAT(Refused(Of("fe80::/10")), IsRefusal("HOST_MISSING", "host"));
}

TEST_F(ServerAndClientTest, NetworkAndTransportLeaveTheirs) {
  v1::ListEndpointsRequest request = Of("10.0.0.0/8");
  request.set_network("vpc-b");
  EXPECT_THAT(Endpoints(request), IsEmpty());
  request.set_network("default");
  EXPECT_THAT(Endpoints(request), SizeIs(5));
  request.set_transport(v1::TRANSPORT_UDP);
  EXPECT_THAT(Endpoints(request), IsEmpty());
}

TEST_F(ServerAndClientTest, ClosedConnectionsDoNotCount) {
  Deregister(
      Withdrawal(Agent("web-1"),
                 {.connections = {Accepted("10.0.0.5:80", "10.0.0.9:51001")}}));
  EXPECT_THAT(Endpoints(Of("10.0.0.9")),
              ElementsAre("10.0.0.9:51000", "10.0.0.9:51002"));
}

// ---- What else is listed ----

TEST_F(ListEndpointsTest, TransportsAndNetworksAreApart) {
  Register(Report(Agent("dns-1"), {.listeners = {Listening("10.0.0.53:53"),
                                                 Bound("10.0.0.53:53")}}));
  Register(Report(Agent("dns-2", "vpc-b"),
                  {.listeners = {Listening("10.0.0.53:53")}}));
  std::vector<std::string> places;
  for (const v1::EndpointSummary& summary : List(Of("10.0.0.53")))
    places.push_back(absl::StrCat(v1::Transport_Name(summary.transport()), " ",
                                  summary.network()));
  EXPECT_THAT(places,
              ElementsAre("TRANSPORT_TCP default", "TRANSPORT_TCP vpc-b",
                          "TRANSPORT_UDP default"));
}

TEST_F(ListEndpointsTest, WildcardOfAHostThatToldNoAddressesIsNotEnough) {
  Register(Report(Agent("web-1"), {.listeners = {Listening("0.0.0.0:80")}}));
  EXPECT_THAT(Endpoints(Of("10.0.0.5")), IsEmpty());
  // It is shown where something else is.
  Register(Report(Agent("app-1"), {.connections = {Initiated("10.0.0.9:51000",
                                                             "10.0.0.5:80")}}));
  const std::vector<v1::EndpointSummary> listed = List(Of("10.0.0.5"));
  ASSERT_THAT(listed, SizeIs(1));
  ASSERT_THAT(listed[0].listeners(), SizeIs(1));
  EXPECT_TRUE(listed[0].listeners(0).derived().address_unverified());
}

TEST_F(ListEndpointsTest, SixteenListenersAreShownAndAllAreCounted) {
  v1::RegisterRequest report = Report(Agent("web-1"));
  for (uint64_t cookie = 1; cookie <= 20; ++cookie)
    *report.add_listeners() = Listening("10.0.0.5:80", cookie);
  Register(report);
  const std::vector<v1::EndpointSummary> listed = List(Of("10.0.0.5"));
  ASSERT_THAT(listed, SizeIs(1));
  EXPECT_THAT(listed[0].listeners(), SizeIs(16));
  EXPECT_EQ(listed[0].listener_count(), 20u);
}

TEST_F(ListEndpointsTest, SocketConnectedToItselfCountsOnce) {
  v1::Observation self = Connected("10.0.0.5:8088", "10.0.0.5:8088");
  self.set_role(v1::ROLE_BOTH);
  self.set_role_evidence(v1::ROLE_EVIDENCE_SELF);
  Register(Report(Agent("web-1"), {.connections = {self}}));
  const std::vector<v1::EndpointSummary> listed = List(Of("10.0.0.5"));
  ASSERT_THAT(listed, SizeIs(1));
  EXPECT_EQ(listed[0].connection_count(), 1u);
}

TEST_F(ListEndpointsTest, Ipv6BlockListsItsAddresses) {
  Register(Report(Agent("web-1"), {.listeners = {Listening("[::]:443")},
                                   .addresses = {"2001:db8::5", "10.0.0.5"}}));
  EXPECT_THAT(Endpoints(Of("2001:db8::/32")), ElementsAre("[2001:db8::5]:443"));
  EXPECT_THAT(Endpoints(Of("10.0.0.0/8")), ElementsAre("10.0.0.5:443"));
}

// ---- Pages ----

TEST_F(ListEndpointsTest, EveryEndpointIsListedOnceWhileOthersComeAndGo) {
  constexpr int kStaying = 30;
  const v1::Reporter web = Agent("web-1");
  const auto place = [](int i) { return absl::StrCat("10.0.0.5:", 1000 + i); };
  v1::RegisterRequest report = Report(web, {.addresses = {"10.0.0.5"}});
  for (int i = 0; i < kStaying; ++i)
    *report.add_listeners() = Listening(place(2 * i));
  Register(report);

  for (int page_size = 1; page_size <= 7; ++page_size) {
    v1::ListEndpointsRequest request = Of("10.0.0.0/8");
    request.set_page_size(page_size);
    std::multiset<std::string> listed;
    for (int page = 0;; ++page) {
      const v1::ListEndpointsResponse response = ListEndpoints(request);
      EXPECT_LE(response.endpoints_size(), page_size);
      for (const v1::EndpointSummary& summary : response.endpoints())
        listed.insert(Text(summary.endpoint()));
      if (response.next_page_token().empty()) break;
      request.set_page_token(response.next_page_token());
      const Rows passing = {
          .listeners = {Listening(place(2 * ((page * 7) % kStaying) + 1))}};
      if (page % 2 == 0)
        Register(Report(web, passing));
      else
        Deregister(Withdrawal(web, passing));
    }
    for (int i = 0; i < kStaying; ++i)
      EXPECT_EQ(listed.count(place(2 * i)), 1u) << "pages of " << page_size;
  }
}

TEST_F(ListEndpointsTest, PageHoldsAHundredUnlessAskedAndAThousandAtMost) {
  v1::RegisterRequest report = Report(Agent("web-1"));
  for (int i = 0; i < 1001; ++i)
    *report.add_listeners() = Listening(absl::StrCat("10.0.0.5:", 1000 + i));
  Register(report);
  EXPECT_THAT(List(Of("10.0.0.5")), SizeIs(100));
  v1::ListEndpointsRequest request = Of("10.0.0.5");
  request.set_page_size(1'000'000'000);
  EXPECT_THAT(List(request), SizeIs(1000));
}

// ---- Errors ----

TEST_F(ListEndpointsTest, NeitherPrefixNorHostIsRefused) {
  EXPECT_THAT(Refused({}), IsRefusal("PREFIX_OR_HOST_MISSING", "prefix"));
}

TEST_F(ListEndpointsTest, MalformedPrefixIsRefused) {
  EXPECT_THAT(Refused(Of("10.0.0")), IsRefusal("ADDRESS_MALFORMED", "prefix"));
  EXPECT_THAT(Refused(Of("10.0.0.0/33")),
              IsRefusal("PREFIX_LENGTH_OUT_OF_RANGE", "prefix"));
  EXPECT_THAT(Refused(Of("10.0.0.0/x")),
              IsRefusal("PREFIX_LENGTH_MALFORMED", "prefix"));
}

TEST_F(ListEndpointsTest, TokenOfAnotherRequestIsRefused) {
  Register(Report(Agent("web-1"), {.listeners = {Listening("10.0.0.5:80"),
                                                 Listening("10.0.0.5:81")}}));
  v1::ListEndpointsRequest request = Of("10.0.0.5");
  request.set_page_size(1);
  request.set_page_token(ListEndpoints(request).next_page_token());
  ASSERT_NE(request.page_token(), "");
  request.set_prefix("10.0.0.0/8");
  EXPECT_THAT(Refused(request), IsRefusal("PAGE_TOKEN_INVALID", "page_token"));
}

}  // namespace
}  // namespace connreg
