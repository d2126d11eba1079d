#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "service/wire/batch_lookup.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/wire/rows.h"

namespace connreg {
namespace {

using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

constexpr size_t kAddressSize = 16;

std::string Bytes(absl::string_view address) {
  const IpAddress parsed = IpAddress::Parse(address).value();
  return std::string(parsed.bytes().begin(), parsed.bytes().end());
}

void Add(absl::string_view client, absl::string_view server,
         v1::BatchLookupRequest* request) {
  request->mutable_client_addresses()->append(Bytes(client));
  request->add_client_ports(51000);
  request->mutable_server_addresses()->append(Bytes(server));
  request->add_server_ports(5432);
}

// A good request of so many questions.
v1::BatchLookupRequest Request(int count) {
  v1::BatchLookupRequest request;
  for (int i = 0; i < count; ++i)
    Add("10.0.0.9", absl::StrCat("10.0.0.", 1 + i % 250), &request);
  return request;
}

// One question, and the zone of it.
v1::BatchLookupRequest Request(absl::string_view client,
                               absl::string_view server,
                               const std::string& zone) {
  v1::BatchLookupRequest request;
  Add(client, server, &request);
  request.add_zones(zone);
  return request;
}

absl::StatusOr<FourTuple> TupleOf(const v1::BatchLookupRequest& request) {
  absl::StatusOr<BatchLookupQuestion> question =
      BatchLookupQuestionFromProto(request);
  if (!question.ok()) return question.status();
  EXPECT_THAT(question->tuples, SizeIs(1));
  return question->tuples.front();
}

// `request` is refused for `reason`, in `field`.
void ExpectRefused(const v1::BatchLookupRequest& request,
                   const std::string& reason, const std::string& field) {
  ExpectFault(BatchLookupQuestionFromProto(request), reason, field);
}

// ---- Columns ----

TEST(BatchLookupQuestionTest, ReadsEachQuestionClientFirst) {
  v1::BatchLookupRequest request;
  Add("10.0.0.9", "10.0.0.5", &request);
  Add("2001:db8::9", "2001:db8::5", &request);
  request.set_client_ports(1, 1);
  request.set_server_ports(1, 65535);
  const auto question = BatchLookupQuestionFromProto(request);
  ASSERT_THAT(question, IsOk());
  ASSERT_THAT(question->tuples, SizeIs(2));
  EXPECT_EQ(question->tuples[0],
            Tuple("10.0.0.9:51000", "10.0.0.5:5432"));
  EXPECT_EQ(question->tuples[1],
            Tuple("[2001:db8::9]:1", "[2001:db8::5]:65535"));
}

TEST(BatchLookupQuestionTest, ReadsAMappedAddressAsIpv4) {
  auto request = Request(1);
  const std::string mapped =
      std::string(10, '\0') + std::string("\xFF\xFF\x0A\x00\x00\x07", 6);
  request.set_client_addresses(mapped);
  EXPECT_THAT(TupleOf(request),
              IsOkAndHolds(Tuple("10.0.0.7:51000", "10.0.0.1:5432")));
}

TEST(BatchLookupQuestionTest, WithoutMoreColumnsIsOfAllNetworksAndTransports) {
  const auto question = BatchLookupQuestionFromProto(Request(2));
  ASSERT_THAT(question, IsOk());
  EXPECT_EQ(question->network, "");
  EXPECT_EQ(question->host, "");
  EXPECT_THAT(question->transports, IsEmpty());
  EXPECT_EQ(question->TransportOf(1), std::nullopt);
}

TEST(BatchLookupQuestionTest, TakesATransportForEachQuestion) {
  auto request = Request(3);
  request.add_transports(v1::TRANSPORT_UDP);
  request.add_transports(v1::TRANSPORT_UNSPECIFIED);
  request.add_transports(v1::TRANSPORT_TCP);
  const auto question = BatchLookupQuestionFromProto(request);
  ASSERT_THAT(question, IsOk());
  EXPECT_EQ(question->TransportOf(0), Transport::kUdp);
  EXPECT_EQ(question->TransportOf(1), std::nullopt);
  EXPECT_EQ(question->TransportOf(2), Transport::kTcp);
}

TEST(BatchLookupQuestionTest, TakesUpToAThousandQuestions) {
  const auto question = BatchLookupQuestionFromProto(Request(1000));
  ASSERT_THAT(question, IsOk());
  EXPECT_THAT(question->tuples, SizeIs(1000));
  ExpectRefused(Request(1001), "TOO_MANY_QUESTIONS", "client_addresses");
}

TEST(BatchLookupQuestionTest, RefusesNoQuestion) {
  ExpectRefused({}, "QUESTION_MISSING", "client_addresses");
  auto request = Request(1);
  request.clear_client_addresses();
  ExpectRefused(request, "QUESTION_MISSING", "client_addresses");
}

TEST(BatchLookupQuestionTest, RefusesAPartOfAnAddress) {
  for (const size_t size : {kAddressSize - 1, kAddressSize + 1, size_t{4}}) {
    auto request = Request(1);
    request.mutable_client_addresses()->resize(size);
    ExpectRefused(request, "COLUMN_LENGTH", "client_addresses");
  }
}

TEST(BatchLookupQuestionTest, RefusesAColumnThatIsTooShort) {
  auto request = Request(2);
  request.mutable_client_ports()->RemoveLast();
  ExpectRefused(request, "COLUMN_LENGTH", "client_ports");

  request = Request(2);
  request.mutable_server_ports()->RemoveLast();
  ExpectRefused(request, "COLUMN_LENGTH", "server_ports");

  for (const size_t size : {size_t{0}, kAddressSize, 2 * kAddressSize - 1}) {
    request = Request(2);
    request.mutable_server_addresses()->resize(size);
    ExpectRefused(request, "COLUMN_LENGTH", "server_addresses");
  }

  request = Request(2);
  request.add_transports(v1::TRANSPORT_TCP);
  ExpectRefused(request, "COLUMN_LENGTH", "transports");

  request = Request(2);
  request.add_zones("");
  ExpectRefused(request, "COLUMN_LENGTH", "zones");
}

TEST(BatchLookupQuestionTest, RefusesAColumnThatIsTooLong) {
  auto request = Request(1);
  request.add_client_ports(1);
  ExpectRefused(request, "COLUMN_LENGTH", "client_ports");

  request = Request(1);
  request.add_server_ports(1);
  ExpectRefused(request, "COLUMN_LENGTH", "server_ports");

  request = Request(1);
  request.mutable_server_addresses()->push_back('\0');
  ExpectRefused(request, "COLUMN_LENGTH", "server_addresses");

  request = Request(1);
  for (int i = 0; i < 2; ++i) request.add_transports(v1::TRANSPORT_TCP);
  ExpectRefused(request, "COLUMN_LENGTH", "transports");

  request = Request(1);
  for (int i = 0; i < 2; ++i) request.add_zones("");
  ExpectRefused(request, "COLUMN_LENGTH", "zones");
}

// ---- One question among many ----

TEST(BatchLookupQuestionTest, RefusesAPortAtItsPlace) {
  auto request = Request(5);
  request.set_client_ports(3, 0);
  ExpectRefused(request, "PORT_ZERO", "client_ports[3]");

  request = Request(5);
  request.set_client_ports(3, 65536);
  ExpectRefused(request, "PORT_TOO_LARGE", "client_ports[3]");

  request = Request(5);
  request.set_server_ports(4, 0);
  ExpectRefused(request, "PORT_ZERO", "server_ports[4]");

  request = Request(5);
  request.set_server_ports(0, 65536);
  ExpectRefused(request, "PORT_TOO_LARGE", "server_ports[0]");
}

TEST(BatchLookupQuestionTest, NamesTheFirstBadQuestion) {
  auto request = Request(5);
  request.set_client_ports(3, 0);
  request.set_server_ports(2, 0);
  ExpectRefused(request, "PORT_ZERO", "server_ports[2]");
}

TEST(BatchLookupQuestionTest, RefusesAWildcardAddressAtItsPlace) {
  for (const absl::string_view wildcard : {"0.0.0.0", "::"}) {
    auto request = Request(1);
    Add("10.0.0.9", wildcard, &request);
    ExpectRefused(request, "ADDRESS_WILDCARD", "server_addresses[1]");

    request = Request(2);
    Add(wildcard, "10.0.0.5", &request);
    ExpectRefused(request, "ADDRESS_WILDCARD", "client_addresses[2]");
  }
}

TEST(BatchLookupQuestionTest, RefusesEndsOfTwoFamiliesAtTheirPlace) {
  auto request = Request(1);
  Add("10.0.0.9", "2001:db8::5", &request);
  ExpectRefused(request, "FAMILY_MISMATCH", "server_addresses[1]");
}

TEST(BatchLookupQuestionTest, RefusesAnUnknownTransportAtItsPlace) {
  auto request = Request(3);
  for (int i = 0; i < 2; ++i) request.add_transports(v1::TRANSPORT_TCP);
  request.add_transports(static_cast<v1::Transport>(3));
  ExpectRefused(request, "ENUM_UNKNOWN", "transports[2]");
}

// ---- Zones ----

TEST(BatchLookupQuestionTest, ZoneIsThatOfBothLinkLocalEnds) {
  EXPECT_THAT(
      TupleOf(Request("fe80::9", "fe80::5", "eth0")),
      IsOkAndHolds(Tuple("[fe80::9%eth0]:51000", "[fe80::5%eth0]:5432")));
}

TEST(BatchLookupQuestionTest, ZoneIsNotThatOfAnEndThatCannotHaveOne) {
  EXPECT_THAT(
      TupleOf(Request("fe80::9", "2001:db8::5", "eth0")),
      IsOkAndHolds(Tuple("[fe80::9%eth0]:51000", "[2001:db8::5]:5432")));
  EXPECT_THAT(
      TupleOf(Request("2001:db8::9", "fe80::5", "eth0")),
      IsOkAndHolds(Tuple("[2001:db8::9]:51000", "[fe80::5%eth0]:5432")));
}

TEST(BatchLookupQuestionTest, LinkLocalEndsMayGoWithoutAZone) {
  EXPECT_THAT(TupleOf(Request("fe80::9", "fe80::5", "")),
              IsOkAndHolds(Tuple("[fe80::9]:51000", "[fe80::5]:5432")));
  auto request = Request("fe80::9", "fe80::5", "");
  request.clear_zones();
  EXPECT_THAT(TupleOf(request),
              IsOkAndHolds(Tuple("[fe80::9]:51000", "[fe80::5]:5432")));
}

TEST(BatchLookupQuestionTest, ZoneIsEmptyWhereTheAddressesHaveNone) {
  auto request = Request("10.0.0.9", "10.0.0.5", "");
  Add("fe80::9", "fe80::5", &request);
  request.add_zones("eth0");
  EXPECT_THAT(BatchLookupQuestionFromProto(request), IsOk());
  request.set_zones(0, "eth0");
  ExpectRefused(request, "ZONE_NOT_ALLOWED", "zones[0]");
}

TEST(BatchLookupQuestionTest, RefusesAMalformedZoneAtItsPlace) {
  for (const auto& [zone, reason] :
       std::vector<std::pair<std::string, std::string>>{
           {"eth 0", "ZONE_MALFORMED"},
           {"eth%0", "ZONE_MALFORMED"},
           {"eth0\n", "ZONE_MALFORMED"},
           {"wlp0s20f3-guest2", "ZONE_TOO_LONG"}}) {
    auto request = Request("10.0.0.9", "10.0.0.5", "");
    Add("fe80::9", "fe80::5", &request);
    request.add_zones(zone);
    ExpectRefused(request, reason, "zones[1]");
  }
}

TEST(BatchLookupQuestionTest, TellsWhereInTheZoneTheFaultIs) {
  EXPECT_THAT(
      DetailOf(TupleOf(Request("fe80::9", "fe80::5", "eth 0")).status()),
      Optional(ErrorDetail{"ZONE_MALFORMED", "zones[0]", 3}));
}

// ---- Scope ----

TEST(BatchLookupQuestionTest, TakesANetworkAndAHostForAllQuestions) {
  auto request = Request(2);
  request.set_network("vpc-a");
  request.set_host("web-1");
  const auto question = BatchLookupQuestionFromProto(request);
  ASSERT_THAT(question, IsOk());
  EXPECT_EQ(question->network, "vpc-a");
  EXPECT_EQ(question->host, "web-1");
}

TEST(BatchLookupQuestionTest, RefusesABadScope) {
  auto request = Request(1);
  request.set_network("\n");
  ExpectRefused(request, "TEXT_MALFORMED", "network");

  request = Request(1);
  request.set_host("\n");
  ExpectRefused(request, "TEXT_MALFORMED", "host");

  request = Request(1);
  request.set_host(std::string(256, 'x'));
  ExpectRefused(request, "TEXT_TOO_LONG", "host");
}

}  // namespace
}  // namespace connreg
