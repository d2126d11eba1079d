#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/component/fault.h"
#include "tests/component/service_fixture.h"

namespace connreg {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kServer[] = "10.0.0.5:80";
constexpr char kClient[] = "10.0.0.9:51000";

class ErrorsTest : public ServiceTest {
 protected:
  Fault Refused(const v1::RegisterRequest& request) {
    v1::RegisterResponse response;
    return FaultOf(Call(*reporting_, &Reporting::Register, request, &response));
  }
  Fault Refused(const v1::DeregisterRequest& request) {
    v1::DeregisterResponse response;
    return FaultOf(
        Call(*reporting_, &Reporting::Deregister, request, &response));
  }
  Fault Refused(const v1::LookupRequest& request) {
    v1::LookupResponse response;
    return FaultOf(Call(*reading_, &Reading::Lookup, request, &response));
  }
  Fault Refused(const v1::ListConnectionsRequest& request) {
    v1::ListConnectionsResponse response;
    return FaultOf(
        Call(*reading_, &Reading::ListConnections, request, &response));
  }
  Fault Refused(const v1::ListListenersRequest& request) {
    v1::ListListenersResponse response;
    return FaultOf(
        Call(*reading_, &Reading::ListListeners, request, &response));
  }

  // A report that is good so far.
  static v1::RegisterRequest GoodReport() {
    return Report(Agent("web-1"), {.listeners = {Listening(kServer)},
                                   .connections = {Accepted(kServer, kClient)},
                                   .addresses = {"10.0.0.5"}});
  }

  void ExpectNothingApplied() {
    const v1::GetStatusResponse status = GetStatus();
    EXPECT_EQ(status.coverage().revision(), 0u);
    EXPECT_EQ(status.reporter_count(), 0u);
    EXPECT_EQ(status.listener_count(), 0u);
    EXPECT_EQ(status.observation_count(), 0u);
  }
};

// ---- Register ----

TEST_F(ErrorsTest, RegisterRefusesABadReporterAndAppliesNothing) {
  v1::RegisterRequest request = GoodReport();
  request.clear_reporter();
  EXPECT_THAT(Refused(request), IsRefusal("ENUM_UNSPECIFIED", "reporter.kind"));

  request = GoodReport();
  request.mutable_reporter()->set_kind(v1::ReporterKind(9));
  EXPECT_THAT(Refused(request), IsRefusal("ENUM_UNKNOWN", "reporter.kind"));

  request = GoodReport();
  request.mutable_reporter()->clear_name();
  EXPECT_THAT(Refused(request), IsRefusal("TEXT_EMPTY", "reporter.name"));

  request = GoodReport();
  request.mutable_reporter()->clear_host();
  EXPECT_THAT(Refused(request), IsRefusal("TEXT_EMPTY", "reporter.host"));

  request = GoodReport();
  request.mutable_reporter()->set_host("web\n1");
  EXPECT_THAT(Refused(request), IsRefusal("TEXT_MALFORMED", "reporter.host"));

  request = GoodReport();
  request.mutable_reporter()->set_network(std::string(256, 'x'));
  EXPECT_THAT(Refused(request), IsRefusal("TEXT_TOO_LONG", "reporter.network"));
  ExpectNothingApplied();
}

TEST_F(ErrorsTest, RegisterRefusesABadTtlAndAppliesNothing) {
  v1::RegisterRequest request = GoodReport();
  request.clear_ttl();
  EXPECT_THAT(Refused(request), IsRefusal("TTL_OUT_OF_RANGE", "ttl"));
  for (const int64_t seconds : {-1, 0, 86'401}) {
    request.mutable_ttl()->set_seconds(seconds);
    EXPECT_THAT(Refused(request), IsRefusal("TTL_OUT_OF_RANGE", "ttl"));
  }
  request.mutable_ttl()->set_seconds(INT64_MAX);
  EXPECT_THAT(Refused(request), IsRefusal("DURATION_OUT_OF_RANGE", "ttl"));
  ExpectNothingApplied();
}

TEST_F(ErrorsTest, RegisterRefusesBadAddressesAndAppliesNothing) {
  v1::RegisterRequest request = GoodReport();
  request.mutable_namespaces(0)->add_prefixes()->set_prefix("10.0.0.0/33");
  EXPECT_THAT(Refused(request), IsRefusal("PREFIX_LENGTH_OUT_OF_RANGE",
                                          "namespaces[0].prefixes[1].prefix"));
  request = GoodReport();
  request.add_namespaces()->add_prefixes()->set_prefix("10.0.0");
  EXPECT_THAT(Refused(request), IsRefusal("ADDRESS_MALFORMED",
                                          "namespaces[1].prefixes[0].prefix"));
  request = GoodReport();
  request.mutable_namespaces(0)->set_netns("\n");
  EXPECT_THAT(Refused(request),
              IsRefusal("TEXT_MALFORMED", "namespaces[0].netns"));
  ExpectNothingApplied();
}

TEST_F(ErrorsTest, RegisterRefusesTooManyRowsAndAppliesNothing) {
  v1::RegisterRequest request = GoodReport();
  for (int i = 0; i < 10'000; ++i)
    *request.add_connections() = request.connections(0);
  EXPECT_THAT(Refused(request), IsRefusal("TOO_MANY_ROWS", "connections"));
  ExpectNothingApplied();
}

TEST_F(ErrorsTest, MessageNamesTheValue) {
  v1::RegisterRequest request = GoodReport();
  request.mutable_ttl()->set_seconds(86'401);
  EXPECT_THAT(Refused(request).message, HasSubstr("24h1s"));
  EXPECT_THAT(Refused(Asking("10.0.0:80")).message, HasSubstr("10.0.0"));
}

// ---- Deregister ----

TEST_F(ErrorsTest, DeregisterRefusesAndTakesNothingAway) {
  Register(GoodReport());
  const v1::GetStatusResponse before = GetStatus();
  const v1::Reporter web = Agent("web-1");

  v1::DeregisterRequest request;
  request.set_all(true);
  EXPECT_THAT(Refused(request), IsRefusal("ENUM_UNSPECIFIED", "reporter.kind"));
  EXPECT_THAT(Refused(Withdrawal(web, {})), IsRefusal("ALL_OR_ROWS", "all"));
  request = Withdrawal(web, {.listeners = {Listening(kServer)}});
  request.set_all(true);
  EXPECT_THAT(Refused(request), IsRefusal("ALL_OR_ROWS", "all"));
  EXPECT_THAT(Refused(Withdrawal(
                  web, {.listeners = {Listening(kServer)},
                        .connections = {Accepted(kServer, kClient),
                                        Accepted(kServer, "10.0.0.9:0")}})),
              IsRefusal("PORT_ZERO", "connections[1].remote.port"));
  EXPECT_THAT(Refused(Withdrawal(web, {.listeners = {Listening(kServer),
                                                     Listening("10.0.0:80")}})),
              IsRefusal("ADDRESS_MALFORMED", "listeners[1].local.address"));

  EXPECT_EQ(GetStatus().SerializeAsString(), before.SerializeAsString());
}

// ---- Lookup ----

TEST_F(ErrorsTest, LookupRefusesNoQuestion) {
  EXPECT_THAT(Refused(v1::LookupRequest()),
              IsRefusal("QUESTION_MISSING", "question"));
}

TEST_F(ErrorsTest, LookupRefusesABadQuestion) {
  v1::LookupRequest empty;
  empty.mutable_endpoint();
  EXPECT_THAT(Refused(empty), IsRefusal("ADDRESS_EMPTY", "endpoint.address"));
  EXPECT_THAT(Refused(Asking("10.0.0:80")),
              IsRefusal("ADDRESS_MALFORMED", "endpoint.address"));
  EXPECT_THAT(Refused(Asking("10.0.0.5:0")),
              IsRefusal("PORT_ZERO", "endpoint.port"));
  EXPECT_THAT(Refused(Asking("10.0.0.5:65536")),
              IsRefusal("PORT_TOO_LARGE", "endpoint.port"));
  EXPECT_THAT(Refused(Asking(kClient, "0.0.0.0:80")),
              IsRefusal("ADDRESS_WILDCARD", "four_tuple.server.address"));
  EXPECT_THAT(Refused(Asking("0.0.0.0:80", kServer)),
              IsRefusal("ADDRESS_WILDCARD", "four_tuple.client.address"));
  EXPECT_THAT(Refused(Asking(kClient, "[2001:db8::1]:80")),
              IsRefusal("FAMILY_MISMATCH", "four_tuple.server.address"));
  EXPECT_THAT(Refused(Asking("10.0.0.9:0", kServer)),
              IsRefusal("PORT_ZERO", "four_tuple.client.port"));
}

TEST_F(ErrorsTest, LookupRefusesWhatIsNoCommunityId) {
  v1::LookupRequest request;
  request.set_community_id("1:SmAASlefIp2O8Kam70CCnxMgk");
  EXPECT_THAT(Refused(request),
              IsRefusal("COMMUNITY_ID_MALFORMED", "community_id"));
  request.set_community_id("2:SmAASlefIp2O8Kam70CCnxMgk+c=");
  EXPECT_THAT(Refused(request),
              IsRefusal("COMMUNITY_ID_VERSION_UNKNOWN", "community_id"));
}

TEST_F(ErrorsTest, LookupRefusesABadScope) {
  v1::LookupRequest request = Asking(kServer);
  request.set_host("\x1B[2J");
  EXPECT_THAT(Refused(request), IsRefusal("TEXT_MALFORMED", "host"));
  request = Asking(kServer);
  request.set_network(std::string(256, 'x'));
  EXPECT_THAT(Refused(request), IsRefusal("TEXT_TOO_LONG", "network"));
  request = Asking(kServer);
  request.set_transport(v1::Transport(9));
  EXPECT_THAT(Refused(request), IsRefusal("ENUM_UNKNOWN", "transport"));
}

// ---- Lists ----

template <typename Request>
std::vector<std::tuple<Request, std::string, std::string>> BadListings() {
  std::vector<std::tuple<Request, std::string, std::string>> cases;
  Request request;
  request.set_page_size(-1);
  cases.emplace_back(request, "PAGE_SIZE_NEGATIVE", "page_size");
  request.Clear();
  request.set_page_token("AAAA");
  cases.emplace_back(request, "PAGE_TOKEN_INVALID", "page_token");
  request.Clear();
  request.mutable_endpoint();
  cases.emplace_back(request, "ADDRESS_EMPTY", "endpoint.address");
  request.Clear();
  *request.mutable_endpoint() = At("10.0.0:80");
  cases.emplace_back(request, "ADDRESS_MALFORMED", "endpoint.address");
  request.Clear();
  *request.mutable_endpoint() = At("10.0.0.5:0");
  cases.emplace_back(request, "PORT_ZERO", "endpoint.port");
  request.Clear();
  request.set_host("\n");
  cases.emplace_back(request, "TEXT_MALFORMED", "host");
  request.Clear();
  request.set_network("\n");
  cases.emplace_back(request, "TEXT_MALFORMED", "network");
  request.Clear();
  request.set_transport(v1::Transport(9));
  cases.emplace_back(request, "ENUM_UNKNOWN", "transport");
  return cases;
}

TEST_F(ErrorsTest, ListingsRefuseMalformedFields) {
  for (const auto& [request, reason, field] :
       BadListings<v1::ListConnectionsRequest>())
    EXPECT_THAT(Refused(request), IsRefusal(reason, field));
  for (const auto& [request, reason, field] :
       BadListings<v1::ListListenersRequest>())
    EXPECT_THAT(Refused(request), IsRefusal(reason, field));
}

TEST_F(ErrorsTest, ListConnectionsRefusesAWildcard) {
  v1::ListConnectionsRequest request;
  *request.mutable_endpoint() = At("0.0.0.0:80");
  EXPECT_THAT(Refused(request),
              IsRefusal("ADDRESS_WILDCARD", "endpoint.address"));
}

TEST_F(ErrorsTest, TokenOfAnotherRequestIsRefused) {
  Register(Report(Agent("web-1"),
                  {.listeners = {Listening(kServer), Listening("10.0.0.5:81")},
                   .connections = {Accepted(kServer, kClient),
                                   Accepted(kServer, "10.0.0.8:51000")}}));
  v1::ListConnectionsRequest connections;
  connections.set_page_size(1);
  v1::ListListenersRequest listeners;
  listeners.set_page_size(1);
  const std::string connection_token =
      ListConnections(connections).next_page_token();
  const std::string listener_token = ListListeners(listeners).next_page_token();
  ASSERT_NE(connection_token, "");
  ASSERT_NE(listener_token, "");

  const auto refusal = IsRefusal("PAGE_TOKEN_INVALID", "page_token");
  connections.set_page_token(connection_token);
  connections.set_host("web-1");
  EXPECT_THAT(Refused(connections), refusal);
  listeners.set_page_token(listener_token);
  listeners.set_transport(v1::TRANSPORT_TCP);
  EXPECT_THAT(Refused(listeners), refusal);
  // Of the other listing.
  connections.Clear();
  connections.set_page_token(listener_token);
  EXPECT_THAT(Refused(connections), refusal);
  listeners.Clear();
  listeners.set_page_token(connection_token);
  EXPECT_THAT(Refused(listeners), refusal);
}

TEST_F(ErrorsTest, TokenOfAnotherRunIsRefused) {
  Register(Report(Agent("web-1"),
                  {.connections = {Accepted(kServer, kClient),
                                   Accepted(kServer, "10.0.0.8:51000")}}));
  v1::ListConnectionsRequest request;
  request.set_page_size(1);
  request.set_page_token(ListConnections(request).next_page_token());

  const auto other = Server::Start(Serving({"127.0.0.1:0"}), clock_).value();
  const auto stub =
      v1::RegistryService::NewStub(NewChannel(other->addresses()[0]));
  v1::ListConnectionsResponse response;
  EXPECT_THAT(
      FaultOf(Call(*stub, &Reading::ListConnections, request, &response)),
      IsRefusal("PAGE_TOKEN_INVALID", "page_token"));
}

// ---- Rows ----

TEST_F(ErrorsTest, BadRowIsAnAnswerAndNotAnError) {
  v1::Observation no_local = Accepted(kServer, kClient);
  no_local.clear_local();
  v1::Observation no_transport = Accepted(kServer, kClient);
  no_transport.mutable_socket()->clear_transport();
  const v1::RegisterResponse response = Register(Report(
      Agent("web-1"),
      {.connections = {
           Accepted(kServer, "10.0.0.9:0"), Accepted(kServer, "0.0.0.0:51000"),
           Accepted("10.0.0:80", kClient),
           Accepted(kServer, "[2001:db8::1]:51000"), no_local, no_transport}}));
  std::vector<std::string> refusals;
  for (const v1::RowRefusal& refusal : response.refusals())
    refusals.push_back(absl::StrCat(refusal.field(), " ", refusal.reason()));
  EXPECT_THAT(
      refusals,
      testing::ElementsAre("connections[0].remote.port PORT_ZERO",
                           "connections[1].remote.address ADDRESS_WILDCARD",
                           "connections[2].local.address ADDRESS_MALFORMED",
                           "connections[3].remote.address FAMILY_MISMATCH",
                           "connections[4].local ENDPOINT_MISSING",
                           "connections[5].socket.transport ENUM_UNSPECIFIED"));
  EXPECT_EQ(response.accepted_count(), 0u);
  EXPECT_THAT(ListConnections().connections(), IsEmpty());
}

}  // namespace
}  // namespace connreg
