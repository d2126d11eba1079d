#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
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

absl::StatusOr<EndpointQuery> Query(const std::string& text) {
  return Endpoints::Query(FromText<v1::ListEndpointsRequest>(text));
}

absl::StatusOr<EndpointQuery> Within(absl::string_view prefix,
                                     const std::string& host = "") {
  v1::ListEndpointsRequest request;
  request.set_prefix(std::string(prefix));
  request.set_host(host);
  return Endpoints::Query(request);
}

Prefix Block(absl::string_view text) { return Prefix::Parse(text).value(); }

v1::EndpointSummary Told(const EndpointSummary& summary) {
  const auto response = Answered<Endpoints>({.endpoints = {summary}}, {});
  EXPECT_THAT(response.endpoints(), SizeIs(1));
  return response.endpoints(0);
}

// ---- Questions ----

TEST(EndpointListingTest, TakesEveryFilter) {
  const auto query = Query(R"pb(
    prefix: "10.0.0.0/8"
    host: "web-1"
    network: "vpc-a"
    transport: TRANSPORT_UDP
  )pb");
  ASSERT_THAT(query, IsOk());
  EXPECT_THAT(query->prefix, Optional(Block("10.0.0.0/8")));
  EXPECT_EQ(query->scope, (Scope{"vpc-a", "web-1", Transport::kUdp}));
}

TEST(EndpointListingTest, TakesAHostWithoutAPrefix) {
  const auto query = Query(R"pb(host: "web-1")pb");
  ASSERT_THAT(query, IsOk());
  EXPECT_EQ(query->prefix, std::nullopt);
  EXPECT_EQ(query->scope.host, "web-1");
}

TEST(EndpointListingTest, TakesAnAddressAsTheBlockOfItAlone) {
  const auto query = Within("10.0.0.5");
  ASSERT_THAT(query, IsOk());
  EXPECT_THAT(query->prefix, Optional(Block("10.0.0.5/32")));
}

TEST(EndpointListingTest, ClearsHostBits) {
  const auto query = Within("10.0.0.5/24");
  ASSERT_THAT(query, IsOk());
  EXPECT_THAT(query->prefix, Optional(Block("10.0.0.0/24")));
}

TEST(EndpointListingTest, RefusesNeitherPrefixNorHost) {
  ExpectFault(Query(""), "PREFIX_OR_HOST_MISSING", "prefix");
  ExpectFault(Query(R"pb(network: "vpc-a" transport: TRANSPORT_TCP)pb"),
              "PREFIX_OR_HOST_MISSING", "prefix");
}

TEST(EndpointListingTest, RefusesAMalformedPrefixAtItsPosition) {
  for (const auto& [prefix, reason, position] :
       std::vector<std::tuple<std::string, std::string, size_t>>{
           {"10.0.0.0/x", "PREFIX_LENGTH_MALFORMED", 9},
           {"10.0.0.0/33", "PREFIX_LENGTH_OUT_OF_RANGE", 9},
           {"2001:db8::/129", "PREFIX_LENGTH_OUT_OF_RANGE", 11},
           {"10.0.x.0/8", "ADDRESS_MALFORMED", 5},
           {"/8", "ADDRESS_EMPTY", 0}}) {
    EXPECT_THAT(DetailOf(Within(prefix).status()),
                Optional(ErrorDetail{reason, "prefix", position}))
        << prefix;
  }
}

TEST(EndpointListingTest, AddressesThatMeanAnotherThingOnEachHostNeedTheHost) {
  for (const absl::string_view prefix :
       {"127.0.0.0/8", "127.0.0.1", "127.0.0.0/9", "::ffff:127.0.0.0/104",
        "::1", "fe80::/10", "fe80::/64", "fe80::1%eth0", "ff02::1"}) {
    ExpectFault(Within(prefix), "HOST_MISSING", "host");
    EXPECT_THAT(Within(prefix, "web-1"), IsOk()) << prefix;
  }
}

TEST(EndpointListingTest, WiderBlocksNeedNoHost) {
  for (const absl::string_view prefix :
       {"0.0.0.0/0", "126.0.0.0/7", "::/0", "::1/127", "fe80::/9", "ff02::/8"})
    EXPECT_THAT(Within(prefix), IsOk()) << prefix;
}

TEST(EndpointListingTest, RefusesAnUnknownTransport) {
  ExpectFault(Query(R"pb(host: "web-1" transport: 3)pb"), "ENUM_UNKNOWN",
              "transport");
}

TEST(EndpointListingTest, TokenOfAnotherPrefixIsRefused) {
  v1::ListEndpointsRequest request;
  request.set_prefix("10.0.0.0/8");
  request.set_page_token(
      TokenFor<Endpoints>(request, Endpoints::Places().front()));
  EXPECT_THAT(Endpoints::Query(request), IsOk());
  request.set_prefix("10.0.0.0/9");
  ExpectFault(Endpoints::Query(request), "PAGE_TOKEN_INVALID", "page_token");
}

// ---- Summaries ----

TEST(EndpointListingTest, SummaryTellsWhereTheEndpointIs) {
  EXPECT_THAT(Told({.place = {At("[fe80::1%eth0]:53"), Transport::kUdp, "vpc-a",
                              "db1", "4102"},
                    .netns_name = "blue"}),
              EqualsProto(R"pb(
                network: "vpc-a"
                host: "db1"
                netns: "4102"
                netns_name: "blue"
                transport: TRANSPORT_UDP
                endpoint { address: "fe80::1%eth0" port: 53 }
              )pb"));
}

TEST(EndpointListingTest, SummaryTellsTheFirstListenersAndHowManyThereAre) {
  const auto summary =
      Told({.place = {.endpoint = At("10.0.0.5:80")},
            .listeners = {{.listener = Listening("web-1", "10.0.0.5:80")},
                          {.listener = Listening("web-2", "0.0.0.0:80"),
                           .address_unverified = true}},
            .listener_count = 17});
  EXPECT_EQ(summary.listener_count(), 17u);
  ASSERT_THAT(summary.listeners(), SizeIs(2));
  EXPECT_EQ(summary.listeners(0).provenance().reporter().host(), "web-1");
  EXPECT_EQ(summary.listeners(1).provenance().reporter().host(), "web-2");
  EXPECT_TRUE(summary.listeners(1).derived().address_unverified());
}

TEST(EndpointListingTest, SummaryCountsConnectionsByStateAndInAll) {
  EXPECT_THAT(Told({.place = {.endpoint = At("10.0.0.5:80")},
                    .states = {{ConnectionState::kLastAck, 2},
                               {ConnectionState::kSynSent, 1},
                               {ConnectionState::kEstablished, 40}}}),
              EqualsProto(R"pb(
                transport: TRANSPORT_TCP
                endpoint { address: "10.0.0.5" port: 80 }
                connection_count: 43
                states { state: CONNECTION_STATE_SYN_SENT count: 1 }
                states { state: CONNECTION_STATE_ESTABLISHED count: 40 }
                states { state: CONNECTION_STATE_LAST_ACK count: 2 }
              )pb"));
}

}  // namespace
}  // namespace connreg
