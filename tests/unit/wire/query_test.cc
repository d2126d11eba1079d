#include "service/wire/query.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/wire/text_proto.h"

namespace connreg {
namespace {

using testing::Eq;
using testing::IsEmpty;
using testing::Not;
using testing::Optional;
using testing::SizeIs;
using testing::VariantWith;

constexpr char kRun[] = "run-1";

constexpr char kTuple[] = R"pb(
  four_tuple {
    client { address: "10.0.0.9" port: 51000 }
    server { address: "10.0.0.5" port: 5432 }
  }
)pb";

Endpoint At(absl::string_view text) { return Endpoint::Parse(text).value(); }

FourTuple Tuple(absl::string_view local, absl::string_view remote) {
  return FourTuple::Create(At(local), At(remote)).value();
}

absl::StatusOr<LookupQuestion> Question(const std::string& text) {
  return LookupQuestionFromProto(FromText<v1::LookupRequest>(text));
}

absl::StatusOr<ConnectionQuery> Connections(const std::string& text) {
  return ConnectionQueryFromProto(FromText<v1::ListConnectionsRequest>(text),
                                  kRun);
}

absl::StatusOr<ListenerQuery> Listeners(const std::string& text) {
  return ListenerQueryFromProto(FromText<v1::ListListenersRequest>(text), kRun);
}

template <typename T>
void ExpectFault(const absl::StatusOr<T>& parsed, const std::string& reason,
                 const std::string& field) {
  EXPECT_THAT(parsed, IsInvalid(reason));
  EXPECT_EQ(DetailOf(parsed.status()).value_or(ErrorDetail{}).field, field);
}

Provenance From(const std::string& host) {
  return {std::make_shared<const Reporter>(
              Reporter{ReporterKind::kAgent, "agent", host, "default"}),
          absl::UnixEpoch(), absl::UnixEpoch()};
}

Observation Observed(const std::string& host, const FourTuple& tuple) {
  return {ConnectionFacts{.tuple = tuple}, From(host)};
}

// ---- Lookup questions ----

TEST(LookupQuestionTest, TakesAFourTupleClientFirst) {
  const auto question = Question(kTuple);
  ASSERT_THAT(question, IsOk());
  EXPECT_THAT(question->subject,
              VariantWith<FourTuple>(Tuple("10.0.0.9:51000", "10.0.0.5:5432")));
  EXPECT_EQ(question->scope, Scope{});
}

TEST(LookupQuestionTest, TakesAnEndpointAndAScope) {
  const auto question = Question(R"pb(
    endpoint { address: "::ffff:10.0.0.5" port: 80 }
    network: "vpc-a"
    host: "web-1"
    transport: TRANSPORT_UDP
  )pb");
  ASSERT_THAT(question, IsOk());
  EXPECT_THAT(question->subject, VariantWith<Endpoint>(At("10.0.0.5:80")));
  EXPECT_EQ(question->scope, (Scope{"vpc-a", "web-1", Transport::kUdp}));
}

TEST(LookupQuestionTest, TakesAWildcardEndpoint) {
  EXPECT_THAT(Question(R"pb(endpoint { address: "0.0.0.0" port: 80 })pb"),
              IsOk());
}

TEST(LookupQuestionTest, RefusesNoQuestion) {
  ExpectFault(Question(""), "QUESTION_MISSING", "question");
  ExpectFault(Question(R"pb(host: "web-1")pb"), "QUESTION_MISSING", "question");
}

TEST(LookupQuestionTest, RefusesABadEndpoint) {
  ExpectFault(Question("endpoint {}"), "ADDRESS_EMPTY", "endpoint.address");
  ExpectFault(Question(R"pb(endpoint { address: "10.0.0" port: 80 })pb"),
              "ADDRESS_MALFORMED", "endpoint.address");
  ExpectFault(Question(R"pb(endpoint { address: "10.0.0.5" })pb"), "PORT_ZERO",
              "endpoint.port");
}

TEST(LookupQuestionTest, RefusesABadFourTupleByItsOwnNames) {
  const auto with = [](const std::string& text) {
    return LookupQuestionFromProto(
        With(FromText<v1::LookupRequest>(kTuple), text));
  };
  ExpectFault(with(R"pb(four_tuple { client { address: "x" } })pb"),
              "ADDRESS_MALFORMED", "four_tuple.client.address");
  ExpectFault(with("four_tuple { server { port: 0 } }"), "PORT_ZERO",
              "four_tuple.server.port");
  ExpectFault(with(R"pb(four_tuple { client { address: "0.0.0.0" } })pb"),
              "ADDRESS_WILDCARD", "four_tuple.client.address");
  ExpectFault(with(R"pb(four_tuple { server { address: "::" } })pb"),
              "ADDRESS_WILDCARD", "four_tuple.server.address");
  ExpectFault(with(R"pb(four_tuple { server { address: "::1" } })pb"),
              "FAMILY_MISMATCH", "four_tuple.server.address");
}

TEST(LookupQuestionTest, RefusesAFourTupleOfOneEnd) {
  ExpectFault(
      Question(R"pb(four_tuple { client { address: "10.0.0.9" port: 1 } })pb"),
      "ADDRESS_EMPTY", "four_tuple.server.address");
}

TEST(LookupQuestionTest, RefusesABadScope) {
  const std::string endpoint = R"pb(endpoint { address: "::1" port: 80 })pb";
  ExpectFault(Question(absl::StrCat(endpoint, R"pb(network: "\n")pb")),
              "TEXT_MALFORMED", "network");
  ExpectFault(Question(absl::StrCat(endpoint, R"pb(host: "\n")pb")),
              "TEXT_MALFORMED", "host");
  ExpectFault(
      Question(absl::StrCat(endpoint, "host: '", std::string(256, 'x'), "'")),
      "TEXT_TOO_LONG", "host");
  ExpectFault(Question(absl::StrCat(endpoint, "transport: 3")), "ENUM_UNKNOWN",
              "transport");
}

// ---- Listing queries ----

TEST(ListQueryTest, WithoutFieldsIsTheFirstPageOfEverything) {
  const auto connections = Connections("");
  ASSERT_THAT(connections, IsOk());
  EXPECT_EQ(connections->scope, Scope{});
  EXPECT_EQ(connections->endpoint, std::nullopt);
  EXPECT_EQ(connections->page_size, 100u);
  EXPECT_EQ(connections->after, std::nullopt);

  const auto listeners = Listeners("");
  ASSERT_THAT(listeners, IsOk());
  EXPECT_EQ(listeners->scope, Scope{});
  EXPECT_EQ(listeners->endpoint, std::nullopt);
  EXPECT_EQ(listeners->page_size, 100u);
  EXPECT_EQ(listeners->after, std::nullopt);
}

TEST(ListQueryTest, TakesEveryFilter) {
  const std::string text = R"pb(
    endpoint { address: "10.0.0.5" port: 80 }
    host: "web-1"
    network: "vpc-a"
    transport: TRANSPORT_TCP
  )pb";
  const Scope scope{"vpc-a", "web-1", Transport::kTcp};
  const auto connections = Connections(text);
  ASSERT_THAT(connections, IsOk());
  EXPECT_EQ(connections->scope, scope);
  EXPECT_EQ(connections->endpoint, At("10.0.0.5:80"));
  const auto listeners = Listeners(text);
  ASSERT_THAT(listeners, IsOk());
  EXPECT_EQ(listeners->scope, scope);
  EXPECT_EQ(listeners->endpoint, At("10.0.0.5:80"));
}

TEST(ListQueryTest, PageSizeOf0IsTheDefaultAndALargeOneTheMaximum) {
  for (const auto& [asked, given] :
       std::vector<std::pair<int, size_t>>{{0, 100},
                                           {1, 1},
                                           {999, 999},
                                           {1000, 1000},
                                           {1001, 1000},
                                           {1'000'000'000, 1000},
                                           {INT32_MAX, 1000}}) {
    const auto connections = Connections(absl::StrCat("page_size: ", asked));
    ASSERT_THAT(connections, IsOk());
    EXPECT_EQ(connections->page_size, given) << asked;
    const auto listeners = Listeners(absl::StrCat("page_size: ", asked));
    ASSERT_THAT(listeners, IsOk());
    EXPECT_EQ(listeners->page_size, given) << asked;
  }
}

TEST(ListQueryTest, RefusesANegativePageSize) {
  for (const int size : {-1, INT32_MIN}) {
    const std::string text = absl::StrCat("page_size: ", size);
    ExpectFault(Connections(text), "PAGE_SIZE_NEGATIVE", "page_size");
    ExpectFault(Listeners(text), "PAGE_SIZE_NEGATIVE", "page_size");
  }
}

TEST(ListQueryTest, RefusesBadFilters) {
  for (const auto& [text, reason, field] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {R"pb(endpoint { address: "10.0.0" port: 1 })pb",
            "ADDRESS_MALFORMED", "endpoint.address"},
           {R"pb(endpoint { address: "10.0.0.5" })pb", "PORT_ZERO",
            "endpoint.port"},
           {"endpoint {}", "ADDRESS_EMPTY", "endpoint.address"},
           {R"pb(host: "\n")pb", "TEXT_MALFORMED", "host"},
           {R"pb(network: "\n")pb", "TEXT_MALFORMED", "network"},
           {"transport: 3", "ENUM_UNKNOWN", "transport"},
           {R"pb(page_token: "x")pb", "PAGE_TOKEN_INVALID", "page_token"}}) {
    ExpectFault(Connections(text), reason, field);
    ExpectFault(Listeners(text), reason, field);
  }
}

TEST(ListQueryTest, WildcardEndpointIsForListenersAlone) {
  const std::string text = R"pb(endpoint { address: "::" port: 80 })pb";
  EXPECT_THAT(Listeners(text), IsOk());
  ExpectFault(Connections(text), "ADDRESS_WILDCARD", "endpoint.address");
}

// ---- Page tokens ----

// The token that the page after `next` is asked for with.
std::string TokenFor(const v1::ListConnectionsRequest& request, uint64_t next,
                     const std::string& run_id = kRun) {
  v1::ListConnectionsResponse response;
  ToProto(ConnectionPage{.next = next, .coverage = {.run_id = run_id}}, request,
          &response);
  return response.next_page_token();
}

std::string TokenFor(const v1::ListListenersRequest& request,
                     const ListenerPlace& next) {
  v1::ListListenersResponse response;
  ToProto(ListenerPage{.next = next, .coverage = {.run_id = kRun}}, request,
          &response);
  return response.next_page_token();
}

TEST(PageTest, ConnectionsGoOnWhereThePageBeforeEnded) {
  for (const uint64_t next : {uint64_t{0}, uint64_t{17}, UINT64_MAX}) {
    auto request = FromText<v1::ListConnectionsRequest>(R"pb(host: "web-1"
                                                             page_size: 3)pb");
    request.set_page_token(TokenFor(request, next));
    const auto query = ConnectionQueryFromProto(request, kRun);
    ASSERT_THAT(query, IsOk());
    EXPECT_THAT(query->after, Optional(next));
  }
}

TEST(PageTest, ListenersGoOnWhereThePageBeforeEnded) {
  for (const ListenerPlace& next :
       {ListenerPlace{"web-1", Transport::kTcp, 80,
                      IpAddress::Parse("0.0.0.0").value(), "default"},
        ListenerPlace{"vært", Transport::kUdp, 65535,
                      IpAddress::Parse("fe80::1%eth0").value(), "vpc-a"},
        ListenerPlace{"web-1", Transport::kTcp, 80,
                      IpAddress::Parse("::").value(), "default"}}) {
    auto request = FromText<v1::ListListenersRequest>(R"pb(network: "vpc-a"
                                                           page_size: 3)pb");
    request.set_page_token(TokenFor(request, next));
    const auto query = ListenerQueryFromProto(request, kRun);
    ASSERT_THAT(query, IsOk());
    EXPECT_THAT(query->after, Optional(next));
  }
}

TEST(PageTest, SizeMayChangeBetweenPages) {
  auto request = FromText<v1::ListConnectionsRequest>("page_size: 3");
  request.set_page_token(TokenFor(request, 17));
  request.set_page_size(5);
  EXPECT_THAT(ConnectionQueryFromProto(request, kRun), IsOk());
}

TEST(PageTest, TokenOfAnotherFilterIsRefused) {
  for (const absl::string_view change :
       {R"pb(host: "web-2")pb", R"pb(network: "vpc-a")pb",
        "transport: TRANSPORT_UDP",
        R"pb(endpoint { address: "10.0.0.6" port: 80 })pb"}) {
    auto request = FromText<v1::ListConnectionsRequest>(R"pb(
      host: "web-1"
      endpoint { address: "10.0.0.5" port: 80 }
    )pb");
    request.set_page_token(TokenFor(request, 17));
    ExpectFault(
        ConnectionQueryFromProto(With(request, std::string(change)), kRun),
        "PAGE_TOKEN_INVALID", "page_token");
  }
}

TEST(PageTest, TokenOfAnotherRunIsRefused) {
  v1::ListConnectionsRequest request;
  request.set_page_token(TokenFor(request, 17, "run-0"));
  ExpectFault(ConnectionQueryFromProto(request, kRun), "PAGE_TOKEN_INVALID",
              "page_token");
}

TEST(PageTest, TokenOfTheOtherListingIsRefused) {
  v1::ListConnectionsRequest connections;
  const ListenerPlace place{.host = "web-1", .port = 80};
  connections.set_page_token(TokenFor(v1::ListListenersRequest(), place));
  ExpectFault(ConnectionQueryFromProto(connections, kRun), "PAGE_TOKEN_INVALID",
              "page_token");

  v1::ListListenersRequest listeners;
  listeners.set_page_token(TokenFor(v1::ListConnectionsRequest(), 17));
  ExpectFault(ListenerQueryFromProto(listeners, kRun), "PAGE_TOKEN_INVALID",
              "page_token");
}

TEST(PageTest, LastOneHasNoToken) {
  v1::ListConnectionsResponse connections;
  ToProto(ConnectionPage{}, v1::ListConnectionsRequest(), &connections);
  EXPECT_THAT(connections.next_page_token(), IsEmpty());
  v1::ListListenersResponse listeners;
  ToProto(ListenerPage{}, v1::ListListenersRequest(), &listeners);
  EXPECT_THAT(listeners.next_page_token(), IsEmpty());
}

// ---- Answers ----

TEST(LookupAnswerTest, TellsConnectionsAndWhatFollowsFromThem) {
  const FourTuple tuple = Tuple("10.0.0.9:51000", "10.0.0.5:5432");
  const Connection connection{
      .first = Observed("app-1", tuple),
      .second = Observed("db-1", tuple.Mirror()),
      .client = tuple.local(),
      .server = tuple.remote(),
      .evidence = RoleEvidence::kListener,
      .conflicts = {Conflict::kHalfClosed, Conflict::kRolesDisagree}};
  v1::LookupResponse response;
  ToProto(LookupAnswer{.found = FoundConnections{{connection},
                                                 TupleOrder::kReversed},
                       .coverage = {kRun, 7, 2, true}},
          &response);
  EXPECT_THAT(response.coverage(), EqualsProto(R"pb(
                run_id: "run-1"
                revision: 7
                live_host_count: 2
                truncated: true
              )pb"));
  EXPECT_EQ(response.connections().order(), v1::TUPLE_ORDER_REVERSED);
  ASSERT_THAT(response.connections().connections(), SizeIs(1));
  const v1::Connection& answer = response.connections().connections(0);
  EXPECT_EQ(answer.network(), "default");
  EXPECT_EQ(answer.transport(), v1::TRANSPORT_TCP);
  ASSERT_THAT(answer.observations(), SizeIs(2));
  EXPECT_EQ(answer.observations(0).provenance().reporter().host(), "app-1");
  EXPECT_EQ(answer.observations(1).provenance().reporter().host(), "db-1");
  EXPECT_THAT(answer.derived(), EqualsProto(R"pb(
                client { address: "10.0.0.9" port: 51000 }
                server { address: "10.0.0.5" port: 5432 }
                role_evidence: ROLE_EVIDENCE_LISTENER
                conflicts: CONNECTION_CONFLICT_HALF_CLOSED
                conflicts: CONNECTION_CONFLICT_ROLES_DISAGREE
              )pb"));
}

TEST(LookupAnswerTest, LeavesUnsetWhatIsNotKnownOfAConnection) {
  const Connection connection{
      .first = Observed("app-1", Tuple("10.0.0.9:51000", "10.0.0.5:5432")),
      .one_sided = OneSidedReason::kUnmanaged};
  v1::LookupResponse response;
  ToProto(LookupAnswer{.found = FoundConnections{{connection}}}, &response);
  EXPECT_THAT(response.connections().connections(0).derived(),
              EqualsProto("one_sided_reason: ONE_SIDED_REASON_UNMANAGED"));
}

TEST(LookupAnswerTest, TellsListenersAndTheEndpointTheyTake) {
  const Listener listener{{.local = At("0.0.0.0:80")}, From("web-1")};
  v1::LookupResponse response;
  ToProto(
      LookupAnswer{
          .found =
              FoundListeners{{{listener, ListenerAnswer::Derived{true, false}},
                              {listener, std::nullopt}},
                             At("10.0.0.5:80"),
                             TupleOrder::kAsAsked}},
      &response);
  const v1::FoundListeners& found = response.listeners();
  EXPECT_THAT(found.endpoint(),
              EqualsProto(R"pb(address: "10.0.0.5" port: 80)pb"));
  EXPECT_EQ(found.order(), v1::TUPLE_ORDER_AS_ASKED);
  ASSERT_THAT(found.listeners(), SizeIs(2));
  EXPECT_THAT(found.listeners(0).derived(),
              EqualsProto("address_unverified: true"));
  EXPECT_FALSE(found.listeners(1).has_derived());
}

TEST(LookupAnswerTest, TellsWhatMemoryCoversWhereNothingWasSeen) {
  v1::LookupResponse response;
  ToProto(LookupAnswer{.found = Absent{AbsentReason::kNotSeenSince,
                                       absl::FromUnixSeconds(100)}},
          &response);
  EXPECT_THAT(response.absent(), EqualsProto(R"pb(
                reason: ABSENT_REASON_NOT_SEEN_SINCE
                not_seen_since_time { seconds: 100 }
              )pb"));
}

TEST(LookupAnswerTest, TellsNoTimeForAHostThatNobodyReportsFor) {
  v1::LookupResponse response;
  ToProto(LookupAnswer{.found = Absent{AbsentReason::kNoSuchHost, {}}},
          &response);
  EXPECT_THAT(response.absent(),
              EqualsProto("reason: ABSENT_REASON_NO_SUCH_HOST"));
}

TEST(StatusAnswerTest, TellsWhatTheRegistryHolds) {
  v1::GetStatusResponse response;
  ToProto(RegistryStatus{.start_time = absl::FromUnixSeconds(100),
                         .coverage = {kRun, 7, 2, false},
                         .observations = 3,
                         .listeners = 4,
                         .reporters = 5},
          &response);
  EXPECT_THAT(response, EqualsProto(R"pb(
                start_time { seconds: 100 }
                coverage { run_id: "run-1" revision: 7 live_host_count: 2 }
                observation_count: 3
                listener_count: 4
                reporter_count: 5
              )pb"));
}

}  // namespace
}  // namespace connreg
