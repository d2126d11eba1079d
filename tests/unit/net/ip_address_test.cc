#include "service/net/ip_address.h"

#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/hash/hash_testing.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

static_assert(std::is_trivially_copyable_v<IpAddress>);

IpAddress Address(absl::string_view text) {
  return IpAddress::Parse(text).value();
}

std::string Printed(absl::string_view text) { return Address(text).ToString(); }

std::string MessageFor(absl::string_view text) {
  return std::string(IpAddress::Parse(text).status().message());
}

// ---- IPv4 ----

TEST(IpAddressTest, WritesEveryIpv4NumberAsItIsRead) {
  for (int number = 0; number < 256; ++number) {
    const std::string text =
        absl::StrCat(number, ".", 255 - number, ".", number / 2, ".", number);
    EXPECT_EQ(Printed(text), text);
  }
}

TEST(IpAddressTest, ReadsDottedIpv4) {
  EXPECT_EQ(Address("10.0.0.5"), IpAddress::V4({10, 0, 0, 5}));
  EXPECT_EQ(Address("255.255.255.255"), IpAddress::V4({255, 255, 255, 255}));
  EXPECT_EQ(Address("0.0.0.0"), IpAddress::V4({0, 0, 0, 0}));
}

TEST(IpAddressTest, RefusesIpv4NumbersAbove255) {
  EXPECT_THAT(IpAddress::Parse("10.0.0.256"),
              IsInvalidAt("ADDRESS_MALFORMED", 7));
  EXPECT_THAT(IpAddress::Parse("4294967296.0.0.1"),
              IsInvalidAt("ADDRESS_MALFORMED", 0));
  EXPECT_THAT(IpAddress::Parse("10.18446744073709551626.0.1"),
              IsInvalidAt("ADDRESS_MALFORMED", 3));
}

TEST(IpAddressTest, RefusesIpv4NumbersOfMoreDigits) {
  EXPECT_THAT(IpAddress::Parse("10.0.0.0005"),
              IsInvalidAt("ADDRESS_MALFORMED", 7));
  EXPECT_THAT(IpAddress::Parse("1000.0.0.5"),
              IsInvalidAt("ADDRESS_MALFORMED", 0));
}

TEST(IpAddressTest, RefusesIpv4LeadingZerosWhichCouldBeOctal) {
  EXPECT_THAT(IpAddress::Parse("01.2.3.4"),
              IsInvalidAt("ADDRESS_MALFORMED", 0));
  EXPECT_THAT(IpAddress::Parse("10.0.00.4"),
              IsInvalidAt("ADDRESS_MALFORMED", 5));
}

TEST(IpAddressTest, RefusesOtherThanFourIpv4Numbers) {
  EXPECT_THAT(IpAddress::Parse("1"), IsInvalidAt("ADDRESS_MALFORMED", 1));
  EXPECT_THAT(IpAddress::Parse("1.2.3"), IsInvalidAt("ADDRESS_MALFORMED", 5));
  EXPECT_THAT(IpAddress::Parse("1.2.3.4.5"),
              IsInvalidAt("ADDRESS_MALFORMED", 7));
}

TEST(IpAddressTest, RefusesEmptyIpv4Numbers) {
  EXPECT_THAT(IpAddress::Parse(".1.2.3"), IsInvalidAt("ADDRESS_MALFORMED", 0));
  EXPECT_THAT(IpAddress::Parse("1..2.3"), IsInvalidAt("ADDRESS_MALFORMED", 2));
  EXPECT_THAT(IpAddress::Parse("1.2.3."), IsInvalidAt("ADDRESS_MALFORMED", 6));
  EXPECT_THAT(IpAddress::Parse("1.2.3.4."),
              IsInvalidAt("ADDRESS_MALFORMED", 7));
}

TEST(IpAddressTest, PointsAtTheByteThatIsNoDigit) {
  EXPECT_THAT(IpAddress::Parse("10.0.0.5x"),
              IsInvalidAt("ADDRESS_MALFORMED", 8));
  EXPECT_THAT(IpAddress::Parse("10.0.0.-5"),
              IsInvalidAt("ADDRESS_MALFORMED", 7));
  EXPECT_THAT(IpAddress::Parse("0x7f.0.0.1"),
              IsInvalidAt("ADDRESS_MALFORMED", 1));
}

TEST(IpAddressTest, RefusesBlanksAround) {
  EXPECT_THAT(IpAddress::Parse(" 10.0.0.5"),
              IsInvalidAt("ADDRESS_MALFORMED", 0));
  EXPECT_THAT(IpAddress::Parse("10.0.0.5 "),
              IsInvalidAt("ADDRESS_MALFORMED", 8));
  EXPECT_THAT(IpAddress::Parse("::1\n"), IsInvalidAt("ADDRESS_MALFORMED", 3));
}

// ---- IPv6 ----

TEST(IpAddressTest, ReadsEightGroupsInEitherCase) {
  const IpAddress address = IpAddress::V6(
      {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1, 0, 2, 0, 3, 0xab, 0xcd, 0xef, 0x04});

  EXPECT_EQ(Address("2001:db8:0:1:2:3:abcd:ef04"), address);
  EXPECT_EQ(Address("2001:0DB8:0000:0001:0002:0003:ABCD:EF04"), address);
}

TEST(IpAddressTest, OpensTheGapWhereverItStands) {
  EXPECT_EQ(Address("::"), Address("0:0:0:0:0:0:0:0"));
  EXPECT_EQ(Address("::1"), Address("0:0:0:0:0:0:0:1"));
  EXPECT_EQ(Address("1::"), Address("1:0:0:0:0:0:0:0"));
  EXPECT_EQ(Address("1:2::7:8"), Address("1:2:0:0:0:0:7:8"));
  EXPECT_EQ(Address("1:2:3:4:5:6:7::"), Address("1:2:3:4:5:6:7:0"));
  EXPECT_EQ(Address("::2:3:4:5:6:7:8"), Address("0:2:3:4:5:6:7:8"));
}

TEST(IpAddressTest, ReadsAnIpv4Tail) {
  EXPECT_EQ(Address("64:ff9b::10.0.0.5"), Address("64:ff9b::a00:5"));
  EXPECT_EQ(Address("1:2:3:4:5:6:10.0.0.5"), Address("1:2:3:4:5:6:a00:5"));
}

TEST(IpAddressTest, RefusesAnIpv4TailThatIsNotLastOrDoesNotFit) {
  EXPECT_THAT(IpAddress::Parse("::10.0.0.5:1"),
              IsInvalidAt("ADDRESS_MALFORMED", 10));
  EXPECT_THAT(IpAddress::Parse("1:2:3:4:5:6:7:10.0.0.5"),
              IsInvalidAt("ADDRESS_MALFORMED", 14));
  EXPECT_THAT(IpAddress::Parse("1:2:3:4:5:10.0.0.5"),
              IsInvalidAt("ADDRESS_MALFORMED", 18));
}

TEST(IpAddressTest, PointsIntoTheIpv4Tail) {
  EXPECT_THAT(IpAddress::Parse("::ffff:10.0.0.256"),
              IsInvalidAt("ADDRESS_MALFORMED", 14));
  EXPECT_THAT(IpAddress::Parse("::ab.0.0.1"),
              IsInvalidAt("ADDRESS_MALFORMED", 2));
}

TEST(IpAddressTest, RefusesASecondGap) {
  EXPECT_THAT(IpAddress::Parse("1::2::3"), IsInvalidAt("ADDRESS_MALFORMED", 4));
  EXPECT_THAT(IpAddress::Parse("::::"), IsInvalidAt("ADDRESS_MALFORMED", 2));
}

TEST(IpAddressTest, RefusesSingleColonsAtTheEnds) {
  EXPECT_THAT(IpAddress::Parse(":"), IsInvalidAt("ADDRESS_MALFORMED", 0));
  EXPECT_THAT(IpAddress::Parse(":1:2:3:4:5:6:7"),
              IsInvalidAt("ADDRESS_MALFORMED", 0));
  EXPECT_THAT(IpAddress::Parse("1:2:3:4:5:6:7:"),
              IsInvalidAt("ADDRESS_MALFORMED", 13));
  EXPECT_THAT(IpAddress::Parse(":::"), IsInvalidAt("ADDRESS_MALFORMED", 2));
  EXPECT_THAT(IpAddress::Parse("1:::2"), IsInvalidAt("ADDRESS_MALFORMED", 3));
}

TEST(IpAddressTest, RefusesOtherThanEightGroups) {
  EXPECT_THAT(IpAddress::Parse("1:2:3"), IsInvalidAt("ADDRESS_MALFORMED", 5));
  EXPECT_THAT(IpAddress::Parse("1:2:3:4:5:6:7:8:9"),
              IsInvalidAt("ADDRESS_MALFORMED", 16));
  EXPECT_THAT(IpAddress::Parse("1:2:3:4::5:6:7:8:9"),
              IsInvalidAt("ADDRESS_MALFORMED", 17));
}

TEST(IpAddressTest, RefusesAGapThatStandsForNothing) {
  EXPECT_THAT(IpAddress::Parse("1:2:3:4:5:6:7:8::"),
              IsInvalidAt("ADDRESS_MALFORMED", 15));
  EXPECT_THAT(IpAddress::Parse("1:2:3:4::5:6:7:8"),
              IsInvalidAt("ADDRESS_MALFORMED", 7));
}

TEST(IpAddressTest, RefusesGroupsOfMoreThanFourDigits) {
  EXPECT_THAT(IpAddress::Parse("2001:db8::12345"),
              IsInvalidAt("ADDRESS_MALFORMED", 10));
  EXPECT_THAT(IpAddress::Parse("::00001"), IsInvalidAt("ADDRESS_MALFORMED", 2));
}

TEST(IpAddressTest, PointsAtTheByteThatIsNoHexDigit) {
  EXPECT_THAT(IpAddress::Parse("2001:db8::g"),
              IsInvalidAt("ADDRESS_MALFORMED", 10));
  EXPECT_THAT(IpAddress::Parse("2001:dbx::1"),
              IsInvalidAt("ADDRESS_MALFORMED", 7));
}

TEST(IpAddressTest, TakesAWholeUnbracketedEndpointForAnAddress) {
  EXPECT_EQ(Address("2001:db8::1:443"), Address("2001:db8:0:0:0:0:1:443"));
}

// ---- IPv4-mapped IPv6 ----

TEST(IpAddressTest, TakesIpv4MappedForIpv4HoweverItIsWritten) {
  const IpAddress address = Address("10.0.0.5");

  EXPECT_EQ(Address("::ffff:10.0.0.5"), address);
  EXPECT_EQ(Address("::FFFF:a00:5"), address);
  EXPECT_EQ(Address("[0:0:0:0:0:ffff:0a00:0005]"), address);
  EXPECT_EQ(IpAddress::V6(address.bytes()), address);
  EXPECT_TRUE(address.is_v4());
  EXPECT_EQ(address.bits(), 32);
}

TEST(IpAddressTest, LeavesOtherEmbeddedIpv4AsIpv6) {
  for (const char* const text :
       {"::10.0.0.5", "64:ff9b::10.0.0.5", "::ffff:0:10.0.0.5",
        "::fffe:10.0.0.5", "1::ffff:10.0.0.5"}) {
    EXPECT_TRUE(Address(text).is_v6()) << text;
    EXPECT_EQ(Address(text).bits(), 128) << text;
  }
}

// ---- Brackets and '*' ----

TEST(IpAddressTest, ReadsIpv6InBrackets) {
  EXPECT_EQ(Address("[2001:db8::1]"), Address("2001:db8::1"));
  EXPECT_EQ(Address("[::]"), IpAddress());
}

TEST(IpAddressTest, RefusesUnbalancedBrackets) {
  EXPECT_THAT(IpAddress::Parse("[::1"), IsInvalidAt("ADDRESS_MALFORMED", 0));
  EXPECT_THAT(IpAddress::Parse("["), IsInvalidAt("ADDRESS_MALFORMED", 0));
  EXPECT_THAT(IpAddress::Parse("::1]"), IsInvalidAt("ADDRESS_MALFORMED", 3));
  EXPECT_THAT(IpAddress::Parse("[[::1]]"), IsInvalidAt("ADDRESS_MALFORMED", 1));
  EXPECT_THAT(IpAddress::Parse("[::1]]"), IsInvalidAt("ADDRESS_MALFORMED", 5));
}

TEST(IpAddressTest, RefusesWhatFollowsTheBracket) {
  EXPECT_THAT(IpAddress::Parse("[::1]x"), IsInvalidAt("ADDRESS_MALFORMED", 5));
  EXPECT_THAT(IpAddress::Parse("[::1]:80"),
              IsInvalidAt("ADDRESS_MALFORMED", 5));
}

TEST(IpAddressTest, PointsIntoTheBrackets) {
  EXPECT_THAT(IpAddress::Parse("[2001:db8::g]"),
              IsInvalidAt("ADDRESS_MALFORMED", 11));
}

TEST(IpAddressTest, RefusesBracketsAroundAnythingElse) {
  EXPECT_THAT(IpAddress::Parse("[10.0.0.5]"),
              IsInvalidAt("ADDRESS_MALFORMED", 0));
  EXPECT_THAT(IpAddress::Parse("[*]"), IsInvalidAt("ADDRESS_MALFORMED", 0));
}

TEST(IpAddressTest, ReadsTheDualStackWildcardOfSs) {
  EXPECT_EQ(Address("*"), IpAddress());
  EXPECT_THAT(IpAddress::Parse("**"), IsInvalidAt("ADDRESS_MALFORMED", 0));
}

// ---- Nothing, and things that are no address ----

TEST(IpAddressTest, SaysThatThereIsNoAddress) {
  EXPECT_THAT(IpAddress::Parse(""), IsInvalidAt("ADDRESS_EMPTY", 0));
  EXPECT_THAT(IpAddress::Parse(absl::string_view()),
              IsInvalidAt("ADDRESS_EMPTY", 0));
  EXPECT_THAT(IpAddress::Parse("[]"), IsInvalidAt("ADDRESS_EMPTY", 1));
  EXPECT_THAT(IpAddress::Parse("%eth0"), IsInvalidAt("ADDRESS_EMPTY", 0));
}

TEST(IpAddressTest, DoesNotLookUpNames) {
  EXPECT_THAT(IpAddress::Parse("localhost"),
              IsInvalidAt("ADDRESS_MALFORMED", 0));
  EXPECT_THAT(MessageFor("localhost"), HasSubstr("names are not looked up"));
}

TEST(IpAddressTest, RefusesNulBytesInside) {
  EXPECT_THAT(IpAddress::Parse(absl::string_view("10.0.0.5\0", 9)),
              IsInvalidAt("ADDRESS_MALFORMED", 8));
  EXPECT_THAT(IpAddress::Parse(absl::string_view("::1\0002", 5)),
              IsInvalidAt("ADDRESS_MALFORMED", 3));
  EXPECT_THAT(IpAddress::Parse(absl::string_view("fe80::1%e\0th", 12)),
              IsInvalidAt("ZONE_MALFORMED", 9));
}

TEST(IpAddressTest, RefusesVeryLongTextWithAShortMessage) {
  const std::string digits(100'000, '1');
  for (const std::string& text :
       {digits, digits + ":", "::" + digits, "[" + digits, "10.0.0." + digits,
        "fe80::1%" + digits, std::string(100'000, '\0')}) {
    const absl::Status status = IpAddress::Parse(text).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_LT(status.message().size(), 1000u);
  }
}

// ---- Messages ----

TEST(IpAddressTest, SaysTheValueTheFaultAndThePosition) {
  EXPECT_EQ(MessageFor("10.0.0.256"),
            "address \"10.0.0.256\": 256 is not a number from 0 to 255 (at "
            "position 7)");
  EXPECT_EQ(MessageFor("[2001:db8::g]"),
            "address \"[2001:db8::g]\": \"g\" does not belong here (at "
            "position 11)");
  EXPECT_EQ(MessageFor("fe80::1%"),
            "address \"fe80::1%\": no zone after \"%\" (at position 8)");
}

TEST(IpAddressTest, EscapesTheValueInItsMessage) {
  EXPECT_EQ(MessageFor("1\n\"\xff"),
            "address \"1\\n\\\"\\xff\": \"\\n\" is not a digit (at position "
            "1)");
}

// ---- Zones ----

TEST(IpAddressTest, ReadsAZoneBeforeAndAfterTheBracket) {
  const IpAddress address = Address("fe80::1%eth0");

  EXPECT_EQ(address.zone(), "eth0");
  EXPECT_EQ(Address("[fe80::1%eth0]"), address);
  EXPECT_EQ(Address("[fe80::1]%eth0"), address);
  EXPECT_EQ(Address("fe80::1").WithZone("eth0").value(), address);
}

TEST(IpAddressTest, ReadsNumericAndUnusualZones) {
  EXPECT_EQ(Address("fe80::1%2").zone(), "2");
  EXPECT_EQ(Address("fe80::1%br-1234.56_@*").zone(), "br-1234.56_@*");
}

TEST(IpAddressTest, ReadsAZoneOfTheGreatestLength) {
  const std::string zone(IpAddress::kMaxZoneLength, 'z');
  EXPECT_EQ(Address("fe80::1%" + zone).zone(), zone);
}

TEST(IpAddressTest, RefusesALongerZone) {
  const std::string zone(IpAddress::kMaxZoneLength + 1, 'z');

  EXPECT_THAT(IpAddress::Parse("fe80::1%" + zone),
              IsInvalidAt("ZONE_TOO_LONG", 8 + IpAddress::kMaxZoneLength));
  EXPECT_THAT(IpAddress::Parse("[fe80::1%" + zone + "]"),
              IsInvalidAt("ZONE_TOO_LONG", 9 + IpAddress::kMaxZoneLength));
  EXPECT_THAT(Address("fe80::1").WithZone(zone),
              IsInvalidAt("ZONE_TOO_LONG", IpAddress::kMaxZoneLength));
}

TEST(IpAddressTest, RefusesAnEmptyZone) {
  EXPECT_THAT(IpAddress::Parse("fe80::1%"), IsInvalidAt("ZONE_EMPTY", 8));
  EXPECT_THAT(IpAddress::Parse("[fe80::1%]"), IsInvalidAt("ZONE_EMPTY", 9));
  EXPECT_THAT(IpAddress::Parse("[fe80::1]%"), IsInvalidAt("ZONE_EMPTY", 10));
}

TEST(IpAddressTest, RefusesBytesThatNoZoneHas) {
  for (const char* const zone : {"e h0", "e\th0", "e\nh0", "e\x7fh0",
                                 "e\xc3\xa9", "e%h0", "e[h0", "e/h0", "e:h0"}) {
    EXPECT_THAT(IpAddress::Parse(std::string("fe80::1%") + zone),
                IsInvalidAt("ZONE_MALFORMED", 9))
        << zone;
    EXPECT_THAT(Address("fe80::1").WithZone(zone),
                IsInvalidAt("ZONE_MALFORMED", 1))
        << zone;
  }
  EXPECT_THAT(IpAddress::Parse("fe80::1%eth0]"),
              IsInvalidAt("ZONE_MALFORMED", 12));
}

TEST(IpAddressTest, RefusesAnEndpointInsteadOfTakingItsPortForTheZone) {
  EXPECT_THAT(IpAddress::Parse("fe80::1%eth0:22"),
              IsInvalidAt("ZONE_MALFORMED", 12));
}

TEST(IpAddressTest, RefusesASecondZone) {
  EXPECT_THAT(IpAddress::Parse("[fe80::1%eth0]%eth0"),
              IsInvalidAt("ZONE_MALFORMED", 14));
}

TEST(IpAddressTest, RefusesAZoneOnAddressesOfWiderScope) {
  EXPECT_THAT(IpAddress::Parse("2001:db8::1%eth0"),
              IsInvalidAt("ZONE_NOT_ALLOWED", 12));
  EXPECT_THAT(IpAddress::Parse("[2001:db8::1]%eth0"),
              IsInvalidAt("ZONE_NOT_ALLOWED", 14));
  EXPECT_THAT(IpAddress::Parse("127.0.0.53%lo"),
              IsInvalidAt("ZONE_NOT_ALLOWED", 11));
  EXPECT_THAT(IpAddress::Parse("*%eth0"), IsInvalidAt("ZONE_NOT_ALLOWED", 2));
  EXPECT_THAT(IpAddress::Parse("::1%lo"), IsInvalidAt("ZONE_NOT_ALLOWED", 4));
  EXPECT_THAT(Address("10.0.0.5").WithZone("eth0"),
              IsInvalidAt("ZONE_NOT_ALLOWED", 0));
}

TEST(IpAddressTest, ReplacesAndTakesAwayAZone) {
  const IpAddress address = Address("fe80::1%enp0s31f6");

  EXPECT_THAT(address.WithZone("lo"), IsOkAndHolds(Address("fe80::1%lo")));
  EXPECT_THAT(address.WithZone(""), IsOkAndHolds(Address("fe80::1")));
  EXPECT_THAT(Address("10.0.0.5").WithZone(""),
              IsOkAndHolds(Address("10.0.0.5")));
}

TEST(IpAddressTest, HasNoZoneUnlessItWasGivenOne) {
  EXPECT_EQ(Address("fe80::1").zone(), "");
  EXPECT_EQ(IpAddress().zone(), "");
}

// ---- RFC 5952 ----

TEST(IpAddressTest, PrintsIpv4Dotted) {
  EXPECT_EQ(Printed("10.0.0.5"), "10.0.0.5");
  EXPECT_EQ(Printed("::ffff:255.255.255.255"), "255.255.255.255");
  EXPECT_EQ(Printed("::ffff:0:0"), "0.0.0.0");
}

TEST(IpAddressTest, PrintsLowerCaseWithoutLeadingZeros) {
  EXPECT_EQ(Printed("2001:0DB8:0001:00AB:0ABC:ABCD:0002:0003"),
            "2001:db8:1:ab:abc:abcd:2:3");
}

TEST(IpAddressTest, CompressesTheLongestRunOfZeros) {
  EXPECT_EQ(Printed("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");
  EXPECT_EQ(Printed("2001:0:0:0:1:0:0:1"), "2001::1:0:0:1");
}

TEST(IpAddressTest, CompressesTheFirstOfEqualRuns) {
  EXPECT_EQ(Printed("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  EXPECT_EQ(Printed("0:0:1:1:1:1:0:0"), "::1:1:1:1:0:0");
}

TEST(IpAddressTest, DoesNotCompressASingleGroup) {
  EXPECT_EQ(Printed("2001:db8::1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(Printed("::2:3:4:5:6:7:8"), "0:2:3:4:5:6:7:8");
}

TEST(IpAddressTest, CompressesAtTheEnds) {
  EXPECT_EQ(Printed("0:0:0:0:0:0:0:0"), "::");
  EXPECT_EQ(Printed("0:0:0:0:0:0:0:1"), "::1");
  EXPECT_EQ(Printed("1:0:0:0:0:0:0:0"), "1::");
  EXPECT_EQ(Printed("1:2:3:4:5:6:0:0"), "1:2:3:4:5:6::");
}

TEST(IpAddressTest, PrintsEmbeddedIpv4AsGroups) {
  EXPECT_EQ(Printed("::10.0.0.5"), "::a00:5");
  EXPECT_EQ(Printed("64:ff9b::10.0.0.5"), "64:ff9b::a00:5");
}

TEST(IpAddressTest, PrintsTheZoneWithoutBrackets) {
  EXPECT_EQ(Printed("[FE80::1]%eth0"), "fe80::1%eth0");
}

// ---- Classes of addresses ----

TEST(IpAddressTest, IsTheUnspecifiedIpv6AddressByDefault) {
  EXPECT_EQ(IpAddress(), Address("::"));
  EXPECT_TRUE(IpAddress().is_v6());
  EXPECT_TRUE(IpAddress().is_unspecified());
}

TEST(IpAddressTest, KnowsUnspecifiedAddresses) {
  EXPECT_TRUE(Address("0.0.0.0").is_unspecified());
  EXPECT_TRUE(Address("::ffff:0.0.0.0").is_unspecified());
  for (const char* const text : {"0.0.0.1", "::1", "1::", "::fffe:0:0"})
    EXPECT_FALSE(Address(text).is_unspecified()) << text;
}

TEST(IpAddressTest, KnowsLoopbackAddresses) {
  for (const char* const text :
       {"127.0.0.1", "127.255.255.255", "::ffff:127.0.0.1", "::1"})
    EXPECT_TRUE(Address(text).is_loopback()) << text;
  for (const char* const text : {"126.0.0.1", "128.0.0.1", "::", "::2", "1::1",
                                 "::127.0.0.1", "0.0.0.1"})
    EXPECT_FALSE(Address(text).is_loopback()) << text;
}

TEST(IpAddressTest, KnowsLinkLocalAddresses) {
  for (const char* const text :
       {"fe80::", "febf:ffff::1", "ff01::1", "ff02::fb", "ff12::1", "fff2::1"})
    EXPECT_TRUE(Address(text).is_link_local()) << text;
  for (const char* const text :
       {"fe7f::1", "fec0::1", "ff00::1", "ff03::1", "ff05::2", "ff0e::1",
        "2001:db8::1", "::1", "169.254.0.1", "fd02::1"})
    EXPECT_FALSE(Address(text).is_link_local()) << text;
}

TEST(IpAddressTest, IsHostLocalIfLoopbackOrLinkLocal) {
  EXPECT_TRUE(Address("127.0.0.1").is_host_local());
  EXPECT_TRUE(Address("fe80::1").is_host_local());
  EXPECT_FALSE(Address("10.0.0.5").is_host_local());
  EXPECT_FALSE(Address("::").is_host_local());
}

TEST(IpAddressTest, HoldsIpv4BytesInMappedForm) {
  EXPECT_THAT(
      Address("10.0.0.5").bytes(),
      ElementsAre(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 5));
  EXPECT_THAT(IpAddress().bytes(), Each(0));
}

// ---- Order and hash ----

TEST(IpAddressTest, OrdersByFamilyThenBytesThenZone) {
  const std::vector<IpAddress> ordered = {
      Address("0.0.0.0"),
      Address("10.0.0.5"),
      Address("127.0.0.1"),
      Address("200.0.0.1"),
      Address("::"),
      Address("::1"),
      Address("2001:db8::1"),
      Address("fe80::1"),
      Address("fe80::1%eth0"),
      Address("fe80::1%eth1"),
      Address("fe80::1%eth10"),
      Address("fe80::2"),
  };

  EXPECT_TRUE(std::is_sorted(ordered.begin(), ordered.end()));
  EXPECT_EQ(std::adjacent_find(ordered.begin(), ordered.end()), ordered.end());
}

TEST(IpAddressTest, HashesEqualAddressesAlike) {
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly(
      {IpAddress(), Address("::1"), Address("10.0.0.5"),
       Address("::ffff:10.0.0.5"), Address("::10.0.0.5"), Address("fe80::1"),
       Address("fe80::1%eth0"), Address("[fe80::1]%eth0"),
       Address("fe80::1%eth01").WithZone("eth0").value(),
       Address("fe80::1%eth1")}));
}

}  // namespace
}  // namespace connreg
