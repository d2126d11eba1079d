#include "service/wire/registration.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/wire/text_proto.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

constexpr char kRegister[] = R"pb(
  reporter { kind: REPORTER_KIND_PROGRAM name: "web" host: "web-1" }
  ttl { seconds: 30 }
)pb";

constexpr char kDeregister[] = R"pb(
  reporter { kind: REPORTER_KIND_PROGRAM name: "web" host: "web-1" }
)pb";

constexpr char kGoodListener[] = R"pb(
  socket { transport: TRANSPORT_TCP }
  local { address: "10.0.0.5" port: 80 }
)pb";

constexpr char kGoodConnection[] = R"pb(
  socket { transport: TRANSPORT_TCP }
  local { address: "10.0.0.5" port: 80 }
  remote { address: "10.0.0.9" port: 51000 }
)pb";

constexpr char kBadConnection[] = R"pb(
  socket { transport: TRANSPORT_TCP }
  local { address: "10.0.0.5" port: 80 }
  remote { address: "10.0.0.9" port: 0 }
)pb";

v1::RegisterRequest Request(const std::string& text = "") {
  return With(FromText<v1::RegisterRequest>(kRegister), text);
}

v1::DeregisterRequest Deregister(const std::string& text = "") {
  return With(FromText<v1::DeregisterRequest>(kDeregister), text);
}

std::string Listeners(const std::string& row) {
  return absl::StrCat("listeners {", row, "}");
}

std::string Connections(const std::string& row) {
  return absl::StrCat("connections {", row, "}");
}

absl::StatusOr<Registration> Parse(const v1::RegisterRequest& request) {
  v1::RegisterResponse response;
  return RegistrationFromProto(request, &response);
}

ErrorDetail FaultOf(const v1::RegisterRequest& request) {
  const absl::Status status = Parse(request).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  return DetailOf(status).value_or(ErrorDetail{});
}

ErrorDetail FaultOf(const v1::DeregisterRequest& request) {
  const absl::Status status = DeregistrationFromProto(request).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  return DetailOf(status).value_or(ErrorDetail{});
}

// ---- Register ----

TEST(RegistrationTest, TakesReporterLeaseAddressesAndRows) {
  v1::RegisterResponse response;
  const auto registration = RegistrationFromProto(
      Request(absl::StrCat(Listeners(kGoodListener),
                           Connections(kGoodConnection),
                           R"pb(namespaces {
                                  netns: "n"
                                  prefixes { prefix: "10.0.0.5" }
                                })pb")),
      &response);
  ASSERT_THAT(registration, IsOk());
  EXPECT_EQ(registration->reporter,
            (Reporter{ReporterKind::kProgram, "web", "web-1", "default"}));
  EXPECT_EQ(registration->ttl, absl::Seconds(30));
  EXPECT_THAT(registration->namespaces,
              ElementsAre(NetworkNamespace{
                  "n", {{Prefix::Parse("10.0.0.5/32").value()}}}));
  EXPECT_THAT(registration->listeners, SizeIs(1));
  EXPECT_THAT(registration->connections, SizeIs(1));
  EXPECT_THAT(response, EqualsProto(""));
}

TEST(RegistrationTest, WithoutRowsOnlyRenewsTheLease) {
  v1::RegisterResponse response;
  const auto registration = RegistrationFromProto(Request(), &response);
  ASSERT_THAT(registration, IsOk());
  EXPECT_THAT(registration->listeners, IsEmpty());
  EXPECT_THAT(registration->connections, IsEmpty());
  EXPECT_THAT(response, EqualsProto(""));
}

TEST(RegistrationTest, TellsGapsThatAreThereFromNothingSaid) {
  EXPECT_EQ(Parse(Request())->gaps, std::nullopt);
  EXPECT_THAT(Parse(Request("coverage_gaps {}"))->gaps, Optional(IsEmpty()));
  EXPECT_THAT(
      Parse(Request(R"pb(coverage_gaps {
                           gaps {
                             kind: GAP_KIND_ADDRESSES
                             description: "no permission"
                           }
                         })pb"))
          ->gaps,
      Optional(ElementsAre(CoverageGap{GapKind::kAddresses, "no permission"})));
}

TEST(RegistrationTest, ComesBackAsItWas) {
  const auto registration = Parse(Request(absl::StrCat(
      Listeners(kGoodListener), Connections(kGoodConnection),
      R"pb(namespaces {
             netns: "n"
             prefixes { prefix: "127.0.0.0/8" }
           }
           coverage_gaps { gaps { kind: GAP_KIND_SOCKETS } })pb")));
  ASSERT_THAT(registration, IsOk());
  v1::RegisterRequest proto;
  ToProto(*registration, &proto);
  const auto again = Parse(proto);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->reporter, registration->reporter);
  EXPECT_EQ(again->ttl, registration->ttl);
  EXPECT_EQ(again->namespaces, registration->namespaces);
  EXPECT_EQ(again->gaps, registration->gaps);
  EXPECT_EQ(again->listeners, registration->listeners);
  EXPECT_EQ(again->connections, registration->connections);
}

TEST(RegistrationTest, RefusesABadRowAloneAndKeepsTheOthers) {
  v1::RegisterResponse response;
  const auto registration =
      RegistrationFromProto(Request(absl::StrCat(Connections(kGoodConnection),
                                                 Connections(kBadConnection),
                                                 Connections(kGoodConnection))),
                            &response);
  ASSERT_THAT(registration, IsOk());
  EXPECT_THAT(registration->connections, SizeIs(2));
  EXPECT_EQ(response.malformed_count(), 1u);
  ASSERT_THAT(response.refusals(), SizeIs(1));
  const v1::RowRefusal& refusal = response.refusals(0);
  EXPECT_EQ(refusal.field(), "connections[1].remote.port");
  EXPECT_EQ(refusal.index(), 1u);
  EXPECT_EQ(refusal.reason(), "PORT_ZERO");
  EXPECT_THAT(refusal.description(), HasSubstr("port 0"));
}

TEST(RegistrationTest, RefusesEachBadRowListenersFirst) {
  v1::RegisterResponse response;
  ASSERT_THAT(RegistrationFromProto(
                  Request(absl::StrCat(
                      Connections(kBadConnection), Connections(""),
                      Listeners(""), Listeners(kGoodListener), Listeners(""))),
                  &response),
              IsOk());
  EXPECT_EQ(response.malformed_count(), 4u);
  std::vector<std::string> fields;
  for (const v1::RowRefusal& refusal : response.refusals())
    fields.push_back(refusal.field());
  EXPECT_THAT(fields, ElementsAre("listeners[0].socket.transport",
                                  "listeners[2].socket.transport",
                                  "connections[0].remote.port",
                                  "connections[1].socket.transport"));
}

TEST(RegistrationTest, AllRowsBadIsStillARegistration) {
  v1::RegisterResponse response;
  const auto registration =
      RegistrationFromProto(Request(Connections(kBadConnection)), &response);
  ASSERT_THAT(registration, IsOk());
  EXPECT_THAT(registration->connections, IsEmpty());
  EXPECT_EQ(registration->ttl, absl::Seconds(30));
  EXPECT_EQ(response.malformed_count(), 1u);
}

TEST(RegistrationTest, ListsAThousandMalformedRowsAndCountsAll) {
  for (const auto& [malformed, listed] : std::vector<std::pair<int, int>>{
           {999, 999}, {1000, 1000}, {1001, 1000}}) {
    auto request = Request();
    for (int i = 0; i < malformed; ++i) request.add_connections();
    v1::RegisterResponse response;
    ASSERT_THAT(RegistrationFromProto(request, &response), IsOk());
    EXPECT_EQ(response.refusals_size(), listed);
    EXPECT_EQ(response.malformed_count(), static_cast<uint32_t>(malformed));
    EXPECT_EQ(response.refusals(listed - 1).index(),
              static_cast<uint32_t>(listed - 1));
  }
}

TEST(RegistrationTest, TakesALeaseFromASecondToADay) {
  EXPECT_THAT(Parse(Request("ttl { seconds: 1 }")), IsOk());
  EXPECT_THAT(Parse(Request("ttl { seconds: 86400 }")), IsOk());
}

TEST(RegistrationTest, RefusesALeaseOfAnotherLength) {
  for (const absl::string_view ttl :
       {"ttl { seconds: 0 }", "ttl { seconds: -1 }",
        "ttl { seconds: 0 nanos: 999999999 }", "ttl { seconds: 86401 }",
        "ttl { seconds: 86400 nanos: 1 }"}) {
    EXPECT_EQ(FaultOf(Request(std::string(ttl))),
              (ErrorDetail{"TTL_OUT_OF_RANGE", "ttl", std::nullopt}))
        << ttl;
  }
  EXPECT_EQ(FaultOf(Request("ttl { seconds: 30 nanos: -1 }")),
            (ErrorDetail{"DURATION_OUT_OF_RANGE", "ttl", std::nullopt}));
}

TEST(RegistrationTest, RefusesNoLease) {
  auto request = Request();
  request.clear_ttl();
  EXPECT_EQ(FaultOf(request),
            (ErrorDetail{"TTL_OUT_OF_RANGE", "ttl", std::nullopt}));
}

TEST(RegistrationTest, RefusesABadReporter) {
  EXPECT_EQ(FaultOf(Request("reporter { kind: REPORTER_KIND_UNSPECIFIED }")),
            (ErrorDetail{"ENUM_UNSPECIFIED", "reporter.kind", std::nullopt}));
  EXPECT_EQ(FaultOf(Request(R"pb(reporter { host: "" })pb")),
            (ErrorDetail{"TEXT_EMPTY", "reporter.host", std::nullopt}));
  auto request = Request();
  request.clear_reporter();
  EXPECT_EQ(FaultOf(request),
            (ErrorDetail{"ENUM_UNSPECIFIED", "reporter.kind", std::nullopt}));
}

TEST(RegistrationTest, RefusesBadAddressesAltogether) {
  EXPECT_EQ(FaultOf(Request(R"pb(
              namespaces {
                netns: "a"
                prefixes { prefix: "10.0.0.5" }
              }
              namespaces {
                netns: "b"
                prefixes { prefix: "::1" }
                prefixes { prefix: "10.0.0.0/33" }
              }
            )pb"))
                .field,
            "namespaces[1].prefixes[1].prefix");
  EXPECT_EQ(FaultOf(Request(R"pb(namespaces { netns: "\n" })pb")),
            (ErrorDetail{"TEXT_MALFORMED", "namespaces[0].netns", 0}));
}

TEST(RegistrationTest, RefusesANamespaceThatIsNamedTwice) {
  EXPECT_EQ(
      FaultOf(Request(R"pb(
        namespaces {
          netns: "a"
          prefixes { prefix: "10.0.0.5" }
        }
        namespaces {
          netns: "a"
          prefixes { prefix: "10.0.0.6" }
        }
      )pb")),
      (ErrorDetail{"NETNS_REPEATED", "namespaces[1].netns", std::nullopt}));
}

TEST(RegistrationTest, TakesBoundedNamespacesOfTenThousandPrefixesAndNoMore) {
  auto request = Request();
  for (int i = 0; i < 4096; ++i)
    request.add_namespaces()->set_netns(absl::StrCat(i));
  for (int i = 0; i < 10'000; ++i)
    request.mutable_namespaces(0)->add_prefixes()->set_prefix("10.0.0.5");
  v1::RegisterResponse response;
  EXPECT_THAT(RegistrationFromProto(request, &response), IsOk());

  auto prefixes = request;
  prefixes.mutable_namespaces(0)->add_prefixes()->set_prefix("10.0.0.5");
  EXPECT_EQ(FaultOf(prefixes),
            (ErrorDetail{"TOO_MANY_PREFIXES", "namespaces[0].prefixes",
                         std::nullopt}));
  request.add_namespaces();
  EXPECT_EQ(FaultOf(request),
            (ErrorDetail{"TOO_MANY_ROWS", "namespaces", std::nullopt}));
}

TEST(RegistrationTest, TakesTenThousandRowsOfAKindAndNoMore) {
  auto request = Request();
  for (int i = 0; i < 10'000; ++i) request.add_listeners();
  for (int i = 0; i < 10'000; ++i) request.add_connections();
  v1::RegisterResponse response;
  EXPECT_THAT(RegistrationFromProto(request, &response), IsOk());
  EXPECT_EQ(response.malformed_count(), 20'000u);

  auto listeners = request;
  listeners.add_listeners();
  EXPECT_EQ(FaultOf(listeners),
            (ErrorDetail{"TOO_MANY_ROWS", "listeners", std::nullopt}));
  request.add_connections();
  EXPECT_EQ(FaultOf(request),
            (ErrorDetail{"TOO_MANY_ROWS", "connections", std::nullopt}));
}

TEST(RegistrationTest, OutcomeTellsTheLeaseTheCountAndTheLimitsMet) {
  v1::RegisterResponse response;
  ToProto(RegistrationOutcome{.accepted = 3,
                              .limits = {{.limit = RowLimit::kRowsPerReporter,
                                          .value = 100,
                                          .refused = 2},
                                         {.limit = RowLimit::kRowsPerFourTuple,
                                          .value = 64,
                                          .refused = 1}}},
          Registration{.ttl = absl::Milliseconds(1500)}, &response);
  EXPECT_THAT(response, EqualsProto(R"pb(
                ttl { seconds: 1 nanos: 500000000 }
                accepted_count: 3
                limits {
                  limit: ROW_LIMIT_ROWS_PER_REPORTER
                  value: 100
                  refused_count: 2
                }
                limits {
                  limit: ROW_LIMIT_ROWS_PER_FOUR_TUPLE
                  value: 64
                  refused_count: 1
                }
              )pb"));
}

TEST(RegistrationTest, OutcomeKeepsTheRefusalsOfMalformedRows) {
  v1::RegisterResponse response;
  const auto registration =
      RegistrationFromProto(Request(Connections(kBadConnection)), &response);
  ASSERT_THAT(registration, IsOk());
  ToProto(RegistrationOutcome{.accepted = 0}, *registration, &response);
  EXPECT_EQ(response.ttl().seconds(), 30);
  EXPECT_EQ(response.accepted_count(), 0u);
  EXPECT_EQ(response.malformed_count(), 1u);
  EXPECT_THAT(response.refusals(), SizeIs(1));
  EXPECT_THAT(response.limits(), IsEmpty());
}

// ---- Deregister ----

TEST(DeregistrationTest, TakesAll) {
  const auto deregistration = DeregistrationFromProto(Deregister("all: true"));
  ASSERT_THAT(deregistration, IsOk());
  EXPECT_TRUE(deregistration->all);
  EXPECT_EQ(deregistration->reporter,
            (Reporter{ReporterKind::kProgram, "web", "web-1", "default"}));
}

TEST(DeregistrationTest, TakesRows) {
  const auto deregistration = DeregistrationFromProto(Deregister(
      absl::StrCat(Listeners(kGoodListener), Connections(kGoodConnection))));
  ASSERT_THAT(deregistration, IsOk());
  EXPECT_FALSE(deregistration->all);
  EXPECT_THAT(deregistration->listeners, SizeIs(1));
  EXPECT_THAT(deregistration->connections, SizeIs(1));
}

TEST(DeregistrationTest, ComesBackAsItWas) {
  const auto deregistration = DeregistrationFromProto(Deregister(
      absl::StrCat(Listeners(kGoodListener), Connections(kGoodConnection))));
  ASSERT_THAT(deregistration, IsOk());
  v1::DeregisterRequest proto;
  ToProto(*deregistration, &proto);
  const auto again = DeregistrationFromProto(proto);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->reporter, deregistration->reporter);
  ASSERT_THAT(again->listeners, SizeIs(1));
  EXPECT_EQ(again->listeners[0].local, deregistration->listeners[0].local);
  EXPECT_EQ(again->listeners[0].socket, deregistration->listeners[0].socket);
  EXPECT_EQ(again->listeners[0].device, deregistration->listeners[0].device);
  ASSERT_THAT(again->connections, SizeIs(1));
  EXPECT_EQ(again->connections[0].tuple, deregistration->connections[0].tuple);
}

TEST(DeregistrationTest, RefusesNeitherAndBoth) {
  const ErrorDetail fault{"ALL_OR_ROWS", "all", std::nullopt};
  EXPECT_EQ(FaultOf(Deregister()), fault);
  EXPECT_EQ(
      FaultOf(Deregister(absl::StrCat("all: true ", Listeners(kGoodListener)))),
      fault);
  EXPECT_EQ(FaultOf(Deregister(
                absl::StrCat("all: true ", Connections(kGoodConnection)))),
            fault);
}

TEST(DeregistrationTest, BadRowIsTheWholeRequestsFault) {
  EXPECT_EQ(
      FaultOf(Deregister(absl::StrCat(Connections(kGoodConnection),
                                      Connections(kBadConnection)))),
      (ErrorDetail{"PORT_ZERO", "connections[1].remote.port", std::nullopt}));
}

TEST(DeregistrationTest, NamesTheFirstBadRow) {
  EXPECT_EQ(FaultOf(Deregister(absl::StrCat(Connections(kBadConnection),
                                            Listeners(kGoodListener),
                                            Listeners(""), Listeners(""))))
                .field,
            "listeners[1].socket.transport");
}

TEST(DeregistrationTest, RefusesABadReporter) {
  EXPECT_EQ(FaultOf(Deregister(R"pb(all: true
                                    reporter { name: "" })pb")),
            (ErrorDetail{"TEXT_EMPTY", "reporter.name", std::nullopt}));
}

TEST(DeregistrationTest, RefusesMoreThanTenThousandRowsOfAKind) {
  auto request = Deregister();
  for (int i = 0; i < 10'001; ++i)
    *request.add_listeners() = FromText<v1::Listener>(kGoodListener);
  EXPECT_EQ(FaultOf(request),
            (ErrorDetail{"TOO_MANY_ROWS", "listeners", std::nullopt}));
}

TEST(DeregistrationTest, OutcomeTellsBothCounts) {
  v1::DeregisterResponse response;
  ToProto(DeregistrationOutcome{.removed = 3, .absent = 2}, &response);
  EXPECT_THAT(response, EqualsProto("removed_count: 3 absent_count: 2"));
}

// ---- Owners that rows share ----

constexpr char kHeldConnection[] = R"pb(
  socket {
    transport: TRANSPORT_TCP
    owners { processes { pid: 7 executable: "/usr/sbin/nginx" } }
  }
  local { address: "10.0.0.5" port: 80 }
  remote { address: "10.0.0.9" port: 51000 }
)pb";

TEST(RegistrationTest, RowsOfOneServerHoldItsTextOnce) {
  v1::RegisterRequest request = Request(
      absl::StrCat(Connections(kHeldConnection), Connections(kHeldConnection)));
  *request.add_listeners()->mutable_socket() = request.connections(0).socket();
  *request.mutable_listeners(0)->mutable_local() =
      request.connections(0).local();

  const absl::StatusOr<Registration> registration = Parse(request);

  ASSERT_THAT(registration, IsOk());
  ASSERT_THAT(registration->connections, SizeIs(2));
  const void* const set = registration->connections[0].socket.owners.identity();
  EXPECT_EQ(registration->connections[1].socket.owners.identity(), set);
  EXPECT_EQ(registration->listeners.at(0).socket.owners.identity(), set);
}

TEST(RegistrationTest, RowsOfOneProcessThatTellOtherThingsOfItStayApart) {
  v1::RegisterRequest request = Request(
      absl::StrCat(Connections(kHeldConnection), Connections(kHeldConnection)));
  request.mutable_connections(1)
      ->mutable_socket()
      ->mutable_owners()
      ->mutable_processes(0)
      ->set_executable("/usr/sbin/nginx (deleted)");

  const absl::StatusOr<Registration> registration = Parse(request);

  ASSERT_THAT(registration, IsOk());
  EXPECT_NE(registration->connections.at(0).socket.owners,
            registration->connections.at(1).socket.owners);
}

}  // namespace
}  // namespace connreg
