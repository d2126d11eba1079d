#include "client/cli/arguments.h"

#include "client/cli/error_line.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/cli/messages.h"

namespace connreg::cli {
namespace {

TEST(ArgumentsTest, EndpointsAreTakenAsPeoplePasteThem) {
  EXPECT_THAT(ParseEndpoint("CLIENT", "[2001:DB8::1]:80"),
              IsOkAndHolds(EqualsText(R"(address: "2001:db8::1" port: 80)")));
  EXPECT_THAT(ParseEndpoint("CLIENT", "*:443"),
              IsOkAndHolds(EqualsText(R"(address: "::" port: 443)")));
  EXPECT_THAT(ParseEndpoint("CLIENT", "[fe80::1]%eth0:22"),
              IsOkAndHolds(EqualsText(R"(address: "fe80::1%eth0" port: 22)")));
}

TEST(ArgumentsTest, AMalformedEndpointNamesItsArgument) {
  EXPECT_EQ(ErrorLine(ParseEndpoint("CLIENT", "10.0.0.1").status()),
            "connreg: CLIENT: endpoint \"10.0.0.1\": no port; write "
            "10.0.0.1:PORT");
  EXPECT_THAT(ParseEndpoint("SERVER", "10.0.0.1:0"), IsInvalid("PORT_ZERO"));
  EXPECT_THAT(ParseEndpoint("SERVER", "::1"), IsInvalid("BRACKETS_MISSING"));
}

TEST(ArgumentsTest, ACommunityIdIsToldFromAnEndpoint) {
  for (const char* text : {"1:SmAASlefIp2O8Kam70CCnxMgk+c=", "1:x", "2:abc"})
    EXPECT_TRUE(LooksLikeCommunityId(text)) << text;
  for (const char* text :
       {"10.0.0.1:80", "1:80", "1:", ":80", "*:443", "[::1]:80", "1::2",
        "1:2:3:4:5:6:7:8:443", "localhost:http", "", "1"})
    EXPECT_FALSE(LooksLikeCommunityId(text)) << text;
}

TEST(ArgumentsTest, AMalformedCommunityIdNamesItsArgument) {
  EXPECT_THAT(CheckedCommunityId("ENDPOINT", "1:SmAASlefIp2O8Kam70CCnxMgk+c="),
              IsOkAndHolds(std::string("1:SmAASlefIp2O8Kam70CCnxMgk+c=")));
  EXPECT_EQ(ErrorLine(CheckedCommunityId("ENDPOINT", "1:x").status()),
            "connreg: ENDPOINT: Community ID \"1:x\" is not \"1:\" and the "
            "Base64 of 20 bytes (28 characters)");
}

TEST(ArgumentsTest, APrefixOrAnAddressIsCanonical) {
  EXPECT_THAT(ParsePrefix("PREFIX", "10.0.0.5/24"),
              IsOkAndHolds(std::string("10.0.0.0/24")));
  EXPECT_THAT(ParsePrefix("PREFIX", "2001:DB8::5"),
              IsOkAndHolds(std::string("2001:db8::5/128")));
  EXPECT_EQ(DetailOf(ParsePrefix("PREFIX", "10.0.0").status())->field,
            "PREFIX");
}

TEST(ArgumentsTest, DurationsHaveAUnit) {
  EXPECT_THAT(ParseDuration("--ttl", "1h30m"), IsOkAndHolds(absl::Minutes(90)));
  EXPECT_THAT(ParseDuration("--ttl", "10"), IsInvalid("DURATION_MALFORMED"));
}

TEST(ArgumentsTest, DurationsAreAboveZeroAndFinite) {
  for (const char* text : {"0", "-1s", "inf", ""}) {
    EXPECT_THAT(ParseDuration("--ttl", text), IsInvalid("DURATION_MALFORMED"))
        << text;
  }
}

TEST(ArgumentsTest, StatesAreTakenFromSsAndFromTheRfc) {
  EXPECT_THAT(ParseState("--state", "ESTAB"),
              IsOkAndHolds(v1::CONNECTION_STATE_ESTABLISHED));
  EXPECT_THAT(ParseState("--state", "established"),
              IsOkAndHolds(v1::CONNECTION_STATE_ESTABLISHED));
  EXPECT_THAT(ParseState("--state", "Syn_Received"),
              IsOkAndHolds(v1::CONNECTION_STATE_SYN_RECEIVED));
  EXPECT_THAT(ParseState("--state", ""),
              IsOkAndHolds(v1::CONNECTION_STATE_UNSPECIFIED));
}

TEST(ArgumentsTest, AStateThatIsNoConnectionIsRefused) {
  EXPECT_THAT(ParseState("--state", "TIME-WAIT"), IsInvalid("STATE_UNKNOWN"));
  EXPECT_THAT(ParseState("--state", "LISTEN"), IsInvalid("STATE_UNKNOWN"));
}

TEST(ArgumentsTest, OwnedAddressesAndPrefixesAreCanonical) {
  EXPECT_EQ(ParseOwned("--address", "2001:DB8::5")->prefix(), "2001:db8::5");
  EXPECT_EQ(ParseOwned("--address", "127.0.0.0/8")->prefix(), "127.0.0.0/8");
  EXPECT_EQ(ParseOwned("--address", "10.0.0.5/32")->prefix(), "10.0.0.5");
}

TEST(ArgumentsTest, AnOwnedAddressMayNameItsInterface) {
  const auto local = ParseOwned("--address", "10.0.0.5@eth0");
  ASSERT_THAT(local, IsOk());
  EXPECT_EQ(local->prefix(), "10.0.0.5");
  EXPECT_EQ(local->device(), "eth0");
  EXPECT_EQ(ErrorLine(ParseOwned("--address", "10.0.0.5@").status()),
            "connreg: --address: \"10.0.0.5@\" names no interface; write "
            "10.0.0.5@eth0, or 10.0.0.5 alone");
}

TEST(ArgumentsTest, AnAddressWithThePrefixOfItsLinkIsRefused) {
  EXPECT_EQ(ErrorLine(ParseOwned("--address", "10.0.0.5/24").status()),
            "connreg: --address: \"10.0.0.5/24\" is an address within a "
            "prefix; write 10.0.0.5 for the address or 10.0.0.0/24 for all of "
            "the prefix");
}

TEST(ArgumentsTest, AMalformedPrefixNamesItsArgument) {
  EXPECT_EQ(DetailOf(ParseOwned("--address", "10.0.0.0/33").status())->field,
            "--address");
}

TEST(ArgumentsTest, EveryStateIsNamedOnce) {
  EXPECT_EQ(StateNames(),
            "{SYN-SENT,SYN-RECV,ESTAB,FIN-WAIT-1,FIN-WAIT-2,CLOSE-WAIT,CLOSING,"
            "LAST-ACK}");
}

}  // namespace
}  // namespace connreg::cli
