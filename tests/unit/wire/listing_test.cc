#include "service/wire/listing.h"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/wire/listings.h"
#include "tests/unit/wire/rows.h"
#include "tests/unit/wire/text_proto.h"

namespace connreg {
namespace {

using testing::Eq;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

// ---- All listings ----

template <typename Listing>
class ListingTest : public testing::Test {
 protected:
  using Request = typename Listing::Request;

  // A request that is good but for `text`.
  static Request Asking(const std::string& text) {
    return With(FromText<Request>(Listing::kRequest), text);
  }
  static auto Query(const std::string& text) {
    return Listing::Query(Asking(text));
  }
};

using AllListings = testing::Types<Connections, Listeners, Endpoints, Hosts>;
TYPED_TEST_SUITE(ListingTest, AllListings);

TYPED_TEST(ListingTest, PageSizeOf0IsTheDefaultAndALargeOneTheMaximum) {
  for (const auto& [asked, given] :
       std::vector<std::pair<int, size_t>>{{0, 100},
                                           {1, 1},
                                           {999, 999},
                                           {1000, 1000},
                                           {1001, 1000},
                                           {1'000'000'000, 1000},
                                           {INT32_MAX, 1000}}) {
    const auto query = this->Query(absl::StrCat("page_size: ", asked));
    ASSERT_THAT(query, IsOk());
    EXPECT_EQ(query->page_size, given) << asked;
  }
}

TYPED_TEST(ListingTest, NegativePageSizeIsRefused) {
  for (const int size : {-1, INT32_MIN}) {
    ExpectFault(this->Query(absl::StrCat("page_size: ", size)),
                "PAGE_SIZE_NEGATIVE", "page_size");
  }
}

TYPED_TEST(ListingTest, BadScopeIsRefused) {
  ExpectFault(this->Query(R"pb(host: "\n")pb"), "TEXT_MALFORMED", "host");
  ExpectFault(this->Query(absl::StrCat("host: '", std::string(256, 'x'), "'")),
              "TEXT_TOO_LONG", "host");
  ExpectFault(this->Query(R"pb(network: "\n")pb"), "TEXT_MALFORMED", "network");
}

TYPED_TEST(ListingTest, FirstPageHasNoPlaceBeforeIt) {
  const auto query = this->Query("");
  ASSERT_THAT(query, IsOk());
  EXPECT_FALSE(query->after.has_value());
}

TYPED_TEST(ListingTest, GoesOnWhereThePageBeforeEnded) {
  for (const auto& place : TypeParam::Places()) {
    auto request = this->Asking("page_size: 3");
    request.set_page_token(TokenFor<TypeParam>(request, place));
    const auto query = TypeParam::Query(request);
    ASSERT_THAT(query, IsOk());
    EXPECT_THAT(query->after, Optional(Eq(place)));
  }
}

TYPED_TEST(ListingTest, PageSizeMayChangeBetweenPages) {
  auto request = this->Asking("page_size: 3");
  request.set_page_token(
      TokenFor<TypeParam>(request, TypeParam::Places().front()));
  request.set_page_size(5);
  EXPECT_THAT(TypeParam::Query(request), IsOk());
}

TYPED_TEST(ListingTest, TokenOfAnotherRequestIsRefused) {
  for (const absl::string_view change :
       {R"pb(host: "web-2")pb", R"pb(network: "vpc-a")pb"}) {
    auto request = this->Asking("");
    request.set_page_token(
        TokenFor<TypeParam>(request, TypeParam::Places().front()));
    ExpectFault(TypeParam::Query(With(request, std::string(change))),
                "PAGE_TOKEN_INVALID", "page_token");
  }
}

TYPED_TEST(ListingTest, TokenOfAnotherRunIsRefused) {
  auto request = this->Asking("");
  request.set_page_token(
      TokenFor<TypeParam>(request, TypeParam::Places().front(), "run-0"));
  ExpectFault(TypeParam::Query(request), "PAGE_TOKEN_INVALID", "page_token");
}

TYPED_TEST(ListingTest, TextThatIsNoTokenIsRefused) {
  ExpectFault(this->Query(R"pb(page_token: "x")pb"), "PAGE_TOKEN_INVALID",
              "page_token");
}

// `Listing` refuses what `Other` gives for a request of the same bytes.
template <typename Listing, typename Other>
void ExpectTokenRefused() {
  if (std::is_same_v<Listing, Other>) return;
  const auto other = FromText<typename Other::Request>(Other::kRequest);
  for (const auto& place : Other::Places()) {
    auto request = FromText<typename Listing::Request>(Listing::kRequest);
    ASSERT_EQ(request.SerializeAsString(), other.SerializeAsString());
    request.set_page_token(TokenFor<Other>(other, place));
    ExpectFault(Listing::Query(request), "PAGE_TOKEN_INVALID", "page_token");
  }
}

TYPED_TEST(ListingTest, TokenOfAnotherListingIsRefused) {
  ExpectTokenRefused<TypeParam, Connections>();
  ExpectTokenRefused<TypeParam, Listeners>();
  ExpectTokenRefused<TypeParam, Endpoints>();
  ExpectTokenRefused<TypeParam, Hosts>();
}

TYPED_TEST(ListingTest, LastPageHasNoToken) {
  EXPECT_THAT(Answered<TypeParam>({}, this->Asking("")).next_page_token(),
              IsEmpty());
}

TYPED_TEST(ListingTest, PageTellsWhichHostsItSpeaksFor) {
  EXPECT_THAT(Answered<TypeParam>({.coverage = {.run_id = kRun, .revision = 7}},
                                  this->Asking(""))
                  .coverage(),
              EqualsProto(R"pb(run_id: "run-1" revision: 7)pb"));
}

// ---- Connections and listeners ----

template <typename Listing>
class SocketListingTest : public ListingTest<Listing> {};

using SocketListings = testing::Types<Connections, Listeners>;
TYPED_TEST_SUITE(SocketListingTest, SocketListings);

TYPED_TEST(SocketListingTest, WithoutFieldsIsOfEverything) {
  const auto query = TypeParam::Query({});
  ASSERT_THAT(query, IsOk());
  EXPECT_EQ(query->scope, Scope{});
  EXPECT_EQ(query->endpoint, std::nullopt);
}

TYPED_TEST(SocketListingTest, TakesEveryFilter) {
  const auto query = this->Query(R"pb(
    endpoint { address: "10.0.0.5" port: 80 }
    network: "vpc-a"
    transport: TRANSPORT_TCP
  )pb");
  ASSERT_THAT(query, IsOk());
  EXPECT_EQ(query->scope, (Scope{"vpc-a", "web-1", Transport::kTcp}));
  EXPECT_EQ(query->endpoint, At("10.0.0.5:80"));
}

TYPED_TEST(SocketListingTest, BadFilterIsRefused) {
  for (const auto& [text, reason, field] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {R"pb(endpoint { address: "10.0.0" port: 1 })pb",
            "ADDRESS_MALFORMED", "endpoint.address"},
           {R"pb(endpoint { address: "10.0.0.5" })pb", "PORT_ZERO",
            "endpoint.port"},
           {"endpoint {}", "ADDRESS_EMPTY", "endpoint.address"},
           {"transport: 3", "ENUM_UNKNOWN", "transport"}}) {
    ExpectFault(this->Query(text), reason, field);
  }
}

TYPED_TEST(SocketListingTest, TokenOfAnotherFilterIsRefused) {
  for (const absl::string_view change :
       {"transport: TRANSPORT_UDP",
        R"pb(endpoint { address: "10.0.0.6" port: 80 })pb"}) {
    auto request =
        this->Asking(R"pb(endpoint { address: "10.0.0.5" port: 80 })pb");
    request.set_page_token(
        TokenFor<TypeParam>(request, TypeParam::Places().front()));
    ExpectFault(TypeParam::Query(With(request, std::string(change))),
                "PAGE_TOKEN_INVALID", "page_token");
  }
}

TEST(ConnectionListingTest, WildcardEndpointIsForListenersAlone) {
  const std::string text = R"pb(endpoint { address: "::" port: 80 })pb";
  EXPECT_THAT(Listeners::Query(FromText<v1::ListListenersRequest>(text)),
              IsOk());
  ExpectFault(Connections::Query(FromText<v1::ListConnectionsRequest>(text)),
              "ADDRESS_WILDCARD", "endpoint.address");
}

TEST(ConnectionListingTest, ClosedOnesAreLeftOutUnlessAskedFor) {
  const auto query = Connections::Query({});
  ASSERT_THAT(query, IsOk());
  EXPECT_FALSE(query->show_closed);
  const auto closed = Connections::Query(
      FromText<v1::ListConnectionsRequest>("show_closed: true"));
  ASSERT_THAT(closed, IsOk());
  EXPECT_TRUE(closed->show_closed);
}

TEST(ConnectionListingTest, TokenOfAListingWithClosedOnesIsOfThatAlone) {
  auto request = FromText<v1::ListConnectionsRequest>("show_closed: true");
  request.set_page_token(TokenFor<Connections>(request, uint64_t{17}));
  request.set_show_closed(false);
  ExpectFault(Connections::Query(request), "PAGE_TOKEN_INVALID", "page_token");
}

TEST(ConnectionListingTest, PageTellsItsConnectionsInOrder) {
  const FourTuple tuple = Tuple("10.0.0.9:51000", "10.0.0.5:5432");
  const auto response = Answered<Connections>(
      {.connections = {OneSided(Observed("app-1", tuple)),
                       OneSided(Ended(Observed("app-1", tuple),
                                      absl::FromUnixSeconds(7)))}},
      {});
  ASSERT_THAT(response.connections(), SizeIs(2));
  EXPECT_FALSE(response.connections(0).observations(0).has_closure());
  EXPECT_TRUE(response.connections(1).observations(0).has_closure());
}

TEST(ListenerListingTest, PageTellsItsListenersInOrder) {
  const auto response = Answered<Listeners>(
      {.listeners = {{.listener = Listening("web-1", "0.0.0.0:80")},
                     {.listener = Listening("web-2", "0.0.0.0:80"),
                      .multi_host = true}}},
      {});
  ASSERT_THAT(response.listeners(), SizeIs(2));
  EXPECT_EQ(response.listeners(0).provenance().reporter().host(), "web-1");
  EXPECT_TRUE(response.listeners(0).has_derived());
  EXPECT_EQ(response.listeners(1).provenance().reporter().host(), "web-2");
  EXPECT_TRUE(response.listeners(1).derived().multi_host());
}

}  // namespace
}  // namespace connreg
