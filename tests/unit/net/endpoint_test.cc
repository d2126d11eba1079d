#include "service/net/endpoint.h"

#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/hash/hash_testing.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using testing::Optional;

static_assert(std::is_trivially_copyable_v<Endpoint>);

IpAddress Address(absl::string_view text) {
  return IpAddress::Parse(text).value();
}

Endpoint At(absl::string_view address, uint32_t port) {
  return Endpoint::Create(Address(address), port).value();
}

std::string MessageFor(absl::string_view text) {
  return std::string(Endpoint::Parse(text).status().message());
}

// ---- Create ----

TEST(EndpointTest, TakesEveryPortButZero) {
  EXPECT_EQ(At("10.0.0.1", 1).port(), 1);
  EXPECT_EQ(At("10.0.0.1", 65535).port(), 65535);
}

TEST(EndpointTest, TakesAWildcardAddress) {
  EXPECT_TRUE(At("0.0.0.0", 80).address().is_unspecified());
}

TEST(EndpointTest, RefusesPortZeroInItsField) {
  const absl::Status status = Endpoint::Create(Address("10.0.0.1"), 0).status();

  EXPECT_THAT(status, IsInvalid("PORT_ZERO"));
  EXPECT_THAT(DetailOf(status),
              Optional(ErrorDetail{"PORT_ZERO", "port", std::nullopt}));
  EXPECT_EQ(status.message(), "port 0 is not a number from 1 to 65535");
}

TEST(EndpointTest, RefusesPortsAbove65535InTheirField) {
  for (const uint32_t port : {65536u, 65537u, 4294967295u}) {
    const auto endpoint = Endpoint::Create(Address("10.0.0.1"), port);
    EXPECT_THAT(endpoint, IsInvalid("PORT_TOO_LARGE")) << port;
    EXPECT_THAT(DetailOf(endpoint.status()),
                Optional(ErrorDetail{"PORT_TOO_LARGE", "port", std::nullopt}));
  }
}

// ---- Parse ----

TEST(EndpointTest, ReadsIpv4AndPort) {
  EXPECT_THAT(Endpoint::Parse("10.0.0.1:80"), IsOkAndHolds(At("10.0.0.1", 80)));
  EXPECT_THAT(Endpoint::Parse("0.0.0.0:65535"),
              IsOkAndHolds(At("0.0.0.0", 65535)));
}

TEST(EndpointTest, ReadsBracketedIpv6AndPort) {
  EXPECT_THAT(Endpoint::Parse("[2001:db8::1]:443"),
              IsOkAndHolds(At("2001:db8::1", 443)));
  EXPECT_THAT(Endpoint::Parse("[::]:22"), IsOkAndHolds(At("::", 22)));
}

TEST(EndpointTest, ReadsAZoneInTheBrackets) {
  EXPECT_THAT(Endpoint::Parse("[fe80::1%eth0]:22"),
              IsOkAndHolds(At("fe80::1%eth0", 22)));
}

TEST(EndpointTest, ReadsAZoneAfterTheBracketsAsSsPrintsIt) {
  EXPECT_THAT(Endpoint::Parse("[fe80::1]%eth0:22"),
              IsOkAndHolds(At("fe80::1%eth0", 22)));
}

TEST(EndpointTest, ReadsTheDualStackWildcardOfSs) {
  EXPECT_THAT(Endpoint::Parse("*:443"), IsOkAndHolds(At("::", 443)));
}

TEST(EndpointTest, TakesIpv4MappedForIpv4) {
  EXPECT_THAT(Endpoint::Parse("[::ffff:10.0.0.5]:80"),
              IsOkAndHolds(At("10.0.0.5", 80)));
}

TEST(EndpointTest, SaysThatThereIsNothing) {
  EXPECT_THAT(Endpoint::Parse(""), IsInvalidAt("ENDPOINT_EMPTY", 0));
  EXPECT_THAT(Endpoint::Parse(absl::string_view()),
              IsInvalidAt("ENDPOINT_EMPTY", 0));
}

TEST(EndpointTest, SaysThatTheAddressIsMissing) {
  EXPECT_THAT(Endpoint::Parse(":80"), IsInvalidAt("ADDRESS_EMPTY", 0));
  EXPECT_THAT(Endpoint::Parse(":65536"), IsInvalidAt("ADDRESS_EMPTY", 0));
  EXPECT_THAT(Endpoint::Parse(":"), IsInvalidAt("ADDRESS_EMPTY", 0));
  EXPECT_THAT(Endpoint::Parse("[]:80"), IsInvalidAt("ADDRESS_EMPTY", 1));
}

TEST(EndpointTest, SaysThatThePortIsMissing) {
  EXPECT_THAT(Endpoint::Parse("10.0.0.1"), IsInvalidAt("PORT_MISSING", 8));
  EXPECT_THAT(Endpoint::Parse("10.0.0.1:"), IsInvalidAt("PORT_MISSING", 9));
  EXPECT_THAT(Endpoint::Parse("[::1]"), IsInvalidAt("PORT_MISSING", 5));
  EXPECT_THAT(Endpoint::Parse("[::1]:"), IsInvalidAt("PORT_MISSING", 6));
  EXPECT_THAT(Endpoint::Parse("[fe80::1]%eth0"),
              IsInvalidAt("PORT_MISSING", 14));
  EXPECT_THAT(Endpoint::Parse("*"), IsInvalidAt("PORT_MISSING", 1));
}

TEST(EndpointTest, RefusesPortZero) {
  EXPECT_THAT(Endpoint::Parse("10.0.0.1:0"), IsInvalidAt("PORT_ZERO", 9));
  EXPECT_THAT(Endpoint::Parse("[::1]:0"), IsInvalidAt("PORT_ZERO", 6));
}

TEST(EndpointTest, RefusesPortsAbove65535) {
  EXPECT_THAT(Endpoint::Parse("10.0.0.1:65536"),
              IsInvalidAt("PORT_TOO_LARGE", 9));
  EXPECT_THAT(Endpoint::Parse("10.0.0.1:4294967376"),
              IsInvalidAt("PORT_TOO_LARGE", 9));
  EXPECT_THAT(Endpoint::Parse("10.0.0.1:18446744073709551696"),
              IsInvalidAt("PORT_TOO_LARGE", 9));
}

TEST(EndpointTest, RefusesPortsThatAreNotPlainDecimal) {
  EXPECT_THAT(Endpoint::Parse("10.0.0.1:+80"),
              IsInvalidAt("PORT_MALFORMED", 9));
  EXPECT_THAT(Endpoint::Parse("10.0.0.1:-80"),
              IsInvalidAt("PORT_MALFORMED", 9));
  EXPECT_THAT(Endpoint::Parse("10.0.0.1: 80"),
              IsInvalidAt("PORT_MALFORMED", 9));
  EXPECT_THAT(Endpoint::Parse("10.0.0.1:80 "),
              IsInvalidAt("PORT_MALFORMED", 11));
  EXPECT_THAT(Endpoint::Parse("10.0.0.1:0050"),
              IsInvalidAt("PORT_MALFORMED", 9));
  EXPECT_THAT(Endpoint::Parse("10.0.0.1:http"),
              IsInvalidAt("PORT_MALFORMED", 9));
  EXPECT_THAT(Endpoint::Parse("10.0.0.1:*"), IsInvalidAt("PORT_MALFORMED", 9));
  EXPECT_THAT(Endpoint::Parse("[::1]:1f"), IsInvalidAt("PORT_MALFORMED", 7));
}

TEST(EndpointTest, RefusesASecondPort) {
  EXPECT_THAT(Endpoint::Parse("10.0.0.1:80:90"),
              IsInvalidAt("PORT_MALFORMED", 11));
  EXPECT_THAT(Endpoint::Parse("[::1]:80:90"), IsInvalidAt("PORT_MALFORMED", 8));
  EXPECT_THAT(Endpoint::Parse("*:80:90"), IsInvalidAt("PORT_MALFORMED", 4));
}

TEST(EndpointTest, RefusesIpv6WithoutBrackets) {
  for (const char* const text :
       {"2001:db8::1:443", "2001:db8::1", "::1", "::", ":::", ":::22", "::1]",
        "::1]:80", "fe80::1%eth0:22", "::ffff:10.0.0.5:80",
        "1:2:3:4:5:6:7:8:80"})
    EXPECT_THAT(Endpoint::Parse(text), IsInvalidAt("BRACKETS_MISSING", 0))
        << text;
}

TEST(EndpointTest, RefusesAnUnclosedBracket) {
  EXPECT_THAT(Endpoint::Parse("[::1"), IsInvalidAt("BRACKET_UNCLOSED", 0));
  EXPECT_THAT(Endpoint::Parse("[::1:80"), IsInvalidAt("BRACKET_UNCLOSED", 0));
  EXPECT_THAT(Endpoint::Parse("["), IsInvalidAt("BRACKET_UNCLOSED", 0));
}

TEST(EndpointTest, RefusesWhatStandsBetweenBracketAndPort) {
  EXPECT_THAT(Endpoint::Parse("[::1]x:80"),
              IsInvalidAt("ADDRESS_MALFORMED", 5));
  EXPECT_THAT(Endpoint::Parse("[::1]80"), IsInvalidAt("ADDRESS_MALFORMED", 5));
  EXPECT_THAT(Endpoint::Parse("[::1]]:80"),
              IsInvalidAt("ADDRESS_MALFORMED", 5));
  EXPECT_THAT(Endpoint::Parse("[fe80::1]%:80"), IsInvalidAt("ZONE_EMPTY", 10));
}

TEST(EndpointTest, PassesOnWhatIsWrongWithTheAddress) {
  EXPECT_THAT(Endpoint::Parse("10.0.0.256:80"),
              IsInvalidAt("ADDRESS_MALFORMED", 7));
  EXPECT_THAT(Endpoint::Parse("[2001:db8::g]:80"),
              IsInvalidAt("ADDRESS_MALFORMED", 11));
  EXPECT_THAT(Endpoint::Parse("[10.0.0.1]:80"),
              IsInvalidAt("ADDRESS_MALFORMED", 0));
  EXPECT_THAT(Endpoint::Parse("localhost:80"),
              IsInvalidAt("ADDRESS_MALFORMED", 0));
  EXPECT_THAT(Endpoint::Parse("[2001:db8::1%eth0]:80"),
              IsInvalidAt("ZONE_NOT_ALLOWED", 13));
  EXPECT_THAT(Endpoint::Parse("[fe80::1]%e th0:22"),
              IsInvalidAt("ZONE_MALFORMED", 11));
  EXPECT_THAT(Endpoint::Parse("[fe80::1]%0123456789abcdef:22"),
              IsInvalidAt("ZONE_TOO_LONG", 25));
}

TEST(EndpointTest, RefusesNulBytesInside) {
  EXPECT_THAT(Endpoint::Parse(absl::string_view("10.0.0.1:80\0", 12)),
              IsInvalidAt("PORT_MALFORMED", 11));
  EXPECT_THAT(Endpoint::Parse(absl::string_view("10.0.0.1\0:80", 12)),
              IsInvalidAt("ADDRESS_MALFORMED", 8));
}

TEST(EndpointTest, RefusesVeryLongTextWithAShortMessage) {
  const std::string digits(100'000, '1');
  for (const std::string& text : {digits, "10.0.0.1:" + digits, digits + ":80",
                                  "[" + digits, digits + "::" + digits}) {
    const absl::Status status = Endpoint::Parse(text).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_LT(status.message().size(), 1000u);
  }
}

TEST(EndpointTest, SaysTheValueAndWhatToWriteInstead) {
  EXPECT_EQ(MessageFor("10.0.0.1"),
            "endpoint \"10.0.0.1\": no port; write 10.0.0.1:PORT");
  EXPECT_EQ(MessageFor("[::1]:"),
            "endpoint \"[::1]:\": no port; write [::1]:PORT");
  EXPECT_EQ(MessageFor("10.0.0.1:70000"),
            "endpoint \"10.0.0.1:70000\": port 70000 is not a number from 1 to "
            "65535 (at position 9)");
  EXPECT_EQ(MessageFor("10.0.0.1:+80"),
            "endpoint \"10.0.0.1:+80\": \"+\" is not a digit (at position 9)");
  EXPECT_EQ(MessageFor("::1"),
            "endpoint \"::1\": an IPv6 address stands in brackets, "
            "[ADDRESS]:PORT (at position 0)");
}

// ---- ToString, order and hash ----

TEST(EndpointTest, PrintsBracketsAroundIpv6Only) {
  EXPECT_EQ(At("10.0.0.1", 80).ToString(), "10.0.0.1:80");
  EXPECT_EQ(At("::ffff:10.0.0.1", 80).ToString(), "10.0.0.1:80");
  EXPECT_EQ(At("2001:DB8::1", 443).ToString(), "[2001:db8::1]:443");
  EXPECT_EQ(At("fe80::1%eth0", 22).ToString(), "[fe80::1%eth0]:22");
}

TEST(EndpointTest, ReadsBackWhatItPrints) {
  for (const Endpoint& endpoint :
       {At("0.0.0.0", 1), At("::", 65535), At("::10.0.0.5", 80),
        At("fe80::1%eth0", 22)})
    EXPECT_THAT(Endpoint::Parse(endpoint.ToString()), IsOkAndHolds(endpoint));
}

TEST(EndpointTest, OrdersByAddressThenPort) {
  const std::vector<Endpoint> ordered = {
      At("10.0.0.1", 80), At("10.0.0.1", 443),  At("10.0.0.2", 22),
      At("::", 1),        At("fe80::1", 65535), At("fe80::1%eth0", 1),
  };

  EXPECT_TRUE(std::is_sorted(ordered.begin(), ordered.end()));
}

TEST(EndpointTest, HashesEqualEndpointsAlike) {
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly(
      {At("10.0.0.1", 80), At("::ffff:10.0.0.1", 80), At("10.0.0.1", 81),
       At("10.0.0.2", 80), At("fe80::1", 80), At("fe80::1%eth0", 80)}));
}

}  // namespace
}  // namespace connreg
