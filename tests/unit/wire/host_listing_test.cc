#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "service/wire/listing.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/wire/listings.h"
#include "tests/unit/wire/rows.h"
#include "tests/unit/wire/text_proto.h"

namespace connreg {
namespace {

using testing::Optional;
using testing::SizeIs;

absl::StatusOr<HostQuery> Query(const std::string& text) {
  return Hosts::Query(FromText<v1::ListHostsRequest>(text));
}

// ---- Questions ----

TEST(HostListingTest, WithoutFieldsIsOfEveryHost) {
  const auto query = Query("");
  ASSERT_THAT(query, IsOk());
  EXPECT_EQ(query->scope, Scope{});
  EXPECT_EQ(query->state, std::nullopt);
}

TEST(HostListingTest, TakesAHostAndANetwork) {
  const auto query = Query(R"pb(host: "web-1" network: "vpc-a")pb");
  ASSERT_THAT(query, IsOk());
  EXPECT_EQ(query->scope, (Scope{.network = "vpc-a", .host = "web-1"}));
}

TEST(HostListingTest, TakesEachState) {
  for (const auto& [asked, state] :
       std::vector<std::pair<std::string, HostState>>{
           {"HOST_STATE_LIVE", HostState::kLive},
           {"HOST_STATE_STALE", HostState::kStale},
           {"HOST_STATE_EXPIRED", HostState::kExpired},
           {"HOST_STATE_NO_AGENT", HostState::kNoAgent}}) {
    const auto query = Query(absl::StrCat("state: ", asked));
    ASSERT_THAT(query, IsOk());
    EXPECT_THAT(query->state, Optional(state)) << asked;
  }
}

TEST(HostListingTest, RefusesAnUnknownState) {
  ExpectFault(Query("state: 6"), "ENUM_UNKNOWN", "state");
}

TEST(HostListingTest, TokenOfAnotherStateIsRefused) {
  auto request = FromText<v1::ListHostsRequest>("state: HOST_STATE_STALE");
  request.set_page_token(TokenFor<Hosts>(request, Hosts::Places().front()));
  EXPECT_THAT(Hosts::Query(request), IsOk());
  request.set_state(v1::HOST_STATE_EXPIRED);
  ExpectFault(Hosts::Query(request), "PAGE_TOKEN_INVALID", "page_token");
}

// ---- Hosts ----

TEST(HostListingTest, PageTellsAllThatIsKnownOfAHost) {
  const Host host{
      .key = {"web-1", "vpc-a"},
      .state = HostState::kStale,
      .state_time = absl::FromUnixSeconds(100),
      .last_report = absl::FromUnixSeconds(70),
      .reporters = {{ReporterKind::kAgent, "agent", "web-1", "vpc-a"},
                    {ReporterKind::kProgram, "web", "web-1", "vpc-a"}},
      .reporter_count = 17,
      .namespaces = 3,
      .connections = 4,
      .listeners = 5,
      .refused_rows = 6};
  const auto response = Answered<Hosts>({.hosts = {host}}, {});
  ASSERT_THAT(response.hosts(), SizeIs(1));
  EXPECT_THAT(response.hosts(0), EqualsProto(R"pb(
                name: "web-1"
                network: "vpc-a"
                state: HOST_STATE_STALE
                state_time { seconds: 100 }
                last_report_time { seconds: 70 }
                reporters {
                  kind: REPORTER_KIND_AGENT
                  name: "agent"
                  host: "web-1"
                  network: "vpc-a"
                }
                reporters {
                  kind: REPORTER_KIND_PROGRAM
                  name: "web"
                  host: "web-1"
                  network: "vpc-a"
                }
                reporter_count: 17
                netns_count: 3
                connection_count: 4
                listener_count: 5
                refused_row_count: 6
              )pb"));
}

TEST(HostListingTest, PageTellsAllThatIsKnownOfASession) {
  const Host host{
      .key = {"web-1", "vpc-a"},
      .session = AgentSession{.epoch = Epoch{7},
                              .version = "0.1.0",
                              .boot_id = "boot",
                              .attached = true,
                              .opened = absl::FromUnixSeconds(100),
                              .interval = absl::Seconds(5),
                              .clock_offset = absl::Milliseconds(-1500),
                              .divergences = 2,
                              .name_conflict = absl::FromUnixSeconds(110)}};
  const auto response = Answered<Hosts>({.hosts = {host}}, {});
  ASSERT_THAT(response.hosts(), SizeIs(1));
  EXPECT_THAT(response.hosts(0).session(), EqualsProto(R"pb(
                epoch: 7
                version: "0.1.0"
                boot_id: "boot"
                attached: true
                open_time { seconds: 100 }
                interval { seconds: 5 }
                clock_offset { seconds: -1 nanos: -500000000 }
                divergence_count: 2
                name_conflict_time { seconds: 110 }
              )pb"));
}

TEST(HostListingTest, WhatAnAgentDidNotTellIsUnset) {
  const Host host{.key = {"web-1", "vpc-a"}, .session = AgentSession{}};
  const auto response = Answered<Hosts>({.hosts = {host}}, {});
  ASSERT_THAT(response.hosts(), SizeIs(1));
  EXPECT_FALSE(response.hosts(0).session().has_interval());
  EXPECT_FALSE(response.hosts(0).session().has_clock_offset());
  EXPECT_FALSE(response.hosts(0).session().has_name_conflict_time());
}

TEST(HostListingTest, PageTellsItsHostsInOrder) {
  const auto response = Answered<Hosts>(
      {.hosts = {{.key = {"web-1", "a"}}, {.key = {"web-1", "b"}}}}, {});
  ASSERT_THAT(response.hosts(), SizeIs(2));
  EXPECT_EQ(response.hosts(0).network(), "a");
  EXPECT_EQ(response.hosts(1).network(), "b");
}

}  // namespace
}  // namespace connreg
