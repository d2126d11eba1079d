#include "service/net/prefix.h"

#include <algorithm>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/hash/hash_testing.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using testing::Optional;

static_assert(std::is_trivially_copyable_v<Prefix>);

IpAddress Address(absl::string_view text) {
  return IpAddress::Parse(text).value();
}

Prefix Block(absl::string_view text) { return Prefix::Parse(text).value(); }

Prefix Block(absl::string_view address, int length) {
  return Prefix::Create(Address(address), length).value();
}

std::string MessageFor(absl::string_view text) {
  return std::string(Prefix::Parse(text).status().message());
}

// ---- Create ----

TEST(PrefixTest, ClearsTheBitsBeyondItsLength) {
  EXPECT_EQ(Block("10.1.2.3", 8).address(), Address("10.0.0.0"));
  EXPECT_EQ(Block("10.255.2.3", 12).address(), Address("10.240.0.0"));
  EXPECT_EQ(Block("2001:db8:ffff::1", 33).address(),
            Address("2001:db8:8000::"));
  EXPECT_EQ(Block("10.1.2.3", 8).length(), 8);
}

TEST(PrefixTest, TakesLengthsFromZeroToAllBits) {
  EXPECT_EQ(Block("10.1.2.3", 0).address(), Address("0.0.0.0"));
  EXPECT_EQ(Block("10.1.2.3", 32).address(), Address("10.1.2.3"));
  EXPECT_EQ(Block("2001:db8::1", 0).address(), Address("::"));
  EXPECT_EQ(Block("2001:db8::1", 128).address(), Address("2001:db8::1"));
}

TEST(PrefixTest, RefusesOtherLengths) {
  constexpr int kMin = std::numeric_limits<int>::min();
  constexpr int kMax = std::numeric_limits<int>::max();
  for (const int length : {-1, 33, kMin, kMax}) {
    EXPECT_THAT(
        DetailOf(Prefix::Create(Address("10.0.0.0"), length).status()),
        Optional(ErrorDetail{"PREFIX_LENGTH_OUT_OF_RANGE", "", std::nullopt}))
        << length;
  }
  EXPECT_THAT(Prefix::Create(Address("::"), 129),
              IsInvalid("PREFIX_LENGTH_OUT_OF_RANGE"));
  EXPECT_EQ(Prefix::Create(Address("10.0.0.0"), 33).status().message(),
            "prefix \"10.0.0.0/33\": the length is not a number from 0 to 32");
}

TEST(PrefixTest, IsOneAddressIfMadeFromOne) {
  const Prefix v4{Address("10.0.0.5")};
  EXPECT_EQ(v4, Block("10.0.0.5", 32));
  EXPECT_TRUE(v4.is_single_address());
  EXPECT_EQ(Prefix(Address("2001:db8::1")).length(), 128);
  EXPECT_FALSE(Block("10.0.0.4", 31).is_single_address());
  EXPECT_FALSE(Block("2001:db8::", 32).is_single_address());
}

TEST(PrefixTest, KeepsTheZone) {
  EXPECT_EQ(Block("fe80::1%eth0", 64).address(), Address("fe80::%eth0"));
}

TEST(PrefixTest, RefusesABlockThatIsTooWideForItsZone) {
  EXPECT_THAT(Prefix::Create(Address("fe80::1%eth0"), 10),
              IsOkAndHolds(Block("fe80::%eth0/10")));
  EXPECT_THAT(Prefix::Create(Address("fe80::1%eth0"), 8),
              IsInvalid("PREFIX_LENGTH_OUT_OF_RANGE"));
  EXPECT_THAT(Prefix::Parse("ff02::1%eth0/8"),
              IsInvalidAt("PREFIX_LENGTH_OUT_OF_RANGE", 13));
  EXPECT_THAT(Prefix::Parse("fe80::1/0"), IsOkAndHolds(Block("::/0")));
}

// ---- Parse ----

TEST(PrefixTest, ReadsCidrNotation) {
  EXPECT_EQ(Block("10.0.0.0/8"), Block("10.0.0.0", 8));
  EXPECT_EQ(Block("2001:db8::/32"), Block("2001:db8::", 32));
  EXPECT_EQ(Block("[2001:db8::]/32"), Block("2001:db8::", 32));
  EXPECT_EQ(Block("0.0.0.0/0"), Block("0.0.0.0", 0));
  EXPECT_EQ(Block("fe80::1%eth0/64"), Block("fe80::%eth0", 64));
}

TEST(PrefixTest, ReadsAnAddressAsTheBlockOfItAlone) {
  EXPECT_EQ(Block("10.0.0.5"), Block("10.0.0.5", 32));
  EXPECT_EQ(Block("fe80::1%eth0"), Prefix(Address("fe80::1%eth0")));
  EXPECT_EQ(Block("::ffff:10.0.0.5"), Block("10.0.0.5", 32));
}

TEST(PrefixTest, ClearsHostBits) {
  EXPECT_EQ(Block("10.0.0.5/24"), Block("10.0.0.0", 24));
}

TEST(PrefixTest, CountsTheLengthOfAMappedPrefixFromTheIpv6Start) {
  EXPECT_EQ(Block("::ffff:10.0.0.0/104"), Block("10.0.0.0", 8));
  EXPECT_EQ(Block("[::ffff:10.0.0.5]/128"), Block("10.0.0.5", 32));
  EXPECT_EQ(Block("::ffff:10.0.0.5/96"), Block("0.0.0.0", 0));
}

TEST(PrefixTest, TakesAMappedPrefixShorterThan96ForIpv6) {
  EXPECT_EQ(Block("::ffff:10.0.0.5/95"), Block("::fffe:0:0", 95));
  EXPECT_EQ(Block("::ffff:10.0.0.5/8"), Block("::", 8));
  EXPECT_EQ(Block("::ffff:10.0.0.5/0"), Block("::", 0));
}

TEST(PrefixTest, RefusesMalformedLengths) {
  EXPECT_THAT(Prefix::Parse("10.0.0.0/"),
              IsInvalidAt("PREFIX_LENGTH_MALFORMED", 9));
  EXPECT_THAT(Prefix::Parse("10.0.0.0/x"),
              IsInvalidAt("PREFIX_LENGTH_MALFORMED", 9));
  EXPECT_THAT(Prefix::Parse("10.0.0.0/-1"),
              IsInvalidAt("PREFIX_LENGTH_MALFORMED", 9));
  EXPECT_THAT(Prefix::Parse("10.0.0.0/8 "),
              IsInvalidAt("PREFIX_LENGTH_MALFORMED", 10));
  EXPECT_THAT(Prefix::Parse("10.0.0.0/08"),
              IsInvalidAt("PREFIX_LENGTH_MALFORMED", 9));
  EXPECT_THAT(Prefix::Parse("10.0.0.0/8/9"),
              IsInvalidAt("PREFIX_LENGTH_MALFORMED", 10));
  EXPECT_THAT(Prefix::Parse("10.0.0.0/255.0.0.0"),
              IsInvalidAt("PREFIX_LENGTH_MALFORMED", 12));
}

TEST(PrefixTest, RefusesLengthsBeyondTheFamily) {
  EXPECT_THAT(Prefix::Parse("10.0.0.0/33"),
              IsInvalidAt("PREFIX_LENGTH_OUT_OF_RANGE", 9));
  EXPECT_THAT(Prefix::Parse("10.0.0.0/4294967304"),
              IsInvalidAt("PREFIX_LENGTH_OUT_OF_RANGE", 9));
  EXPECT_THAT(Prefix::Parse("2001:db8::/129"),
              IsInvalidAt("PREFIX_LENGTH_OUT_OF_RANGE", 11));
  EXPECT_THAT(Prefix::Parse("::ffff:10.0.0.0/129"),
              IsInvalidAt("PREFIX_LENGTH_OUT_OF_RANGE", 16));
}

TEST(PrefixTest, PassesOnWhatIsWrongWithTheAddress) {
  EXPECT_THAT(Prefix::Parse(""), IsInvalidAt("ADDRESS_EMPTY", 0));
  EXPECT_THAT(Prefix::Parse("/8"), IsInvalidAt("ADDRESS_EMPTY", 0));
  EXPECT_THAT(Prefix::Parse("10.0.0/8"), IsInvalidAt("ADDRESS_MALFORMED", 6));
  EXPECT_THAT(Prefix::Parse("[2001:db8::/32]"),
              IsInvalidAt("ADDRESS_MALFORMED", 0));
  EXPECT_THAT(Prefix::Parse("2001:db8::1%eth0/64"),
              IsInvalidAt("ZONE_NOT_ALLOWED", 12));
}

TEST(PrefixTest, SaysTheValueTheFaultAndThePosition) {
  EXPECT_EQ(MessageFor("10.0.0.0/33"),
            "prefix \"10.0.0.0/33\": the length is not a number from 0 to 32 "
            "(at position 9)");
  EXPECT_EQ(MessageFor("10.0.0.0/"),
            "prefix \"10.0.0.0/\": a number is missing (at position 9)");
}

// ---- Contains ----

TEST(PrefixTest, ContainsTheAddressesOfItsBlockOnly) {
  const Prefix block = Block("10.1.128.0/17");

  EXPECT_TRUE(block.Contains(Address("10.1.128.0")));
  EXPECT_TRUE(block.Contains(Address("10.1.255.255")));
  EXPECT_TRUE(block.Contains(Address("::ffff:10.1.200.1")));
  EXPECT_FALSE(block.Contains(Address("10.1.127.255")));
  EXPECT_FALSE(block.Contains(Address("10.2.128.0")));
}

TEST(PrefixTest, ContainsNoAddressOfTheOtherFamily) {
  EXPECT_FALSE(Block("::/0").Contains(Address("10.0.0.5")));
  EXPECT_FALSE(Block("0.0.0.0/0").Contains(Address("::10.0.0.5")));
  EXPECT_TRUE(Block("::/0").Contains(Address("2001:db8::1")));
  EXPECT_TRUE(Block("0.0.0.0/0").Contains(Address("255.255.255.255")));
}

TEST(PrefixTest, ContainsAddressesOfItsZoneOnly) {
  const Prefix block = Block("fe80::%eth0/10");

  EXPECT_TRUE(block.Contains(Address("fe80::1%eth0")));
  EXPECT_FALSE(block.Contains(Address("fe80::1%eth1")));
  EXPECT_FALSE(block.Contains(Address("fe80::1")));
}

TEST(PrefixTest, ContainsNoZonedAddressIfItHasNoZone) {
  EXPECT_TRUE(Block("fe80::/10").Contains(Address("fe80::1")));
  EXPECT_FALSE(Block("fe80::/10").Contains(Address("fe80::1%eth0")));
}

TEST(PrefixTest, ContainsItsOneAddress) {
  EXPECT_TRUE(Block("2001:db8::1").Contains(Address("2001:db8::1")));
  EXPECT_FALSE(Block("2001:db8::1").Contains(Address("2001:db8::")));
}

TEST(PrefixTest, ContainsAddressesOfAnyZoneIfAskedTo) {
  EXPECT_TRUE(Block("fe80::/10").ContainsInAnyZone(Address("fe80::1%eth0")));
  EXPECT_TRUE(Block("fe80::/10").ContainsInAnyZone(Address("fe80::1")));
  EXPECT_FALSE(
      Block("fe80::%eth1/10").ContainsInAnyZone(Address("fe80::1%eth0")));
  EXPECT_TRUE(Block("10.0.0.0/8").ContainsInAnyZone(Address("10.1.2.3")));
  EXPECT_FALSE(Block("::/0").ContainsInAnyZone(Address("10.1.2.3")));
}

TEST(PrefixTest, IsBeforeWhatLiesBehindItsLastAddress) {
  EXPECT_FALSE(Block("10.0.0.0/8").IsBefore(Address("9.255.255.255")));
  EXPECT_FALSE(Block("10.0.0.0/8").IsBefore(Address("10.255.255.255")));
  EXPECT_TRUE(Block("10.0.0.0/8").IsBefore(Address("11.0.0.0")));
  EXPECT_FALSE(Block("10.0.0.1").IsBefore(Address("10.0.0.1")));
  EXPECT_TRUE(Block("10.0.0.1").IsBefore(Address("10.0.0.2")));
  EXPECT_FALSE(Block("fe80::/10").IsBefore(Address("febf::1%eth0")));
}

TEST(PrefixTest, IsBeforeAllOfTheLaterFamily) {
  EXPECT_TRUE(Block("255.0.0.0/8").IsBefore(Address("::")));
  EXPECT_FALSE(Block("::/0").IsBefore(Address("255.255.255.255")));
}

TEST(PrefixTest, IsHostLocalIfEveryAddressOfItIs) {
  for (const char* const text : {"127.0.0.0/8", "127.0.0.1", "::1", "fe80::/10",
                                 "fe80::1%eth0", "ff02::/16", "ff01::1"})
    EXPECT_TRUE(Block(text).is_host_local()) << text;
  for (const char* const text :
       {"126.0.0.0/7", "0.0.0.0/0", "10.0.0.1", "::/127", "fe80::/9", "::/0",
        "ff02::/15", "ff05::1"})
    EXPECT_FALSE(Block(text).is_host_local()) << text;
}

// ---- ToString, order and hash ----

TEST(PrefixTest, PrintsItsLengthAlways) {
  EXPECT_EQ(Block("10.1.2.3/8").ToString(), "10.0.0.0/8");
  EXPECT_EQ(Block("10.0.0.1").ToString(), "10.0.0.1/32");
  EXPECT_EQ(Block("2001:DB8::/32").ToString(), "2001:db8::/32");
  EXPECT_EQ(Block("[fe80::1]%eth0/10").ToString(), "fe80::%eth0/10");
}

TEST(PrefixTest, OrdersByAddressThenLength) {
  const std::vector<Prefix> ordered = {
      Block("0.0.0.0/0"),   Block("10.0.0.0/8"), Block("10.0.0.0/24"),
      Block("10.0.1.0/24"), Block("::/0"),       Block("::/128"),
  };

  EXPECT_TRUE(std::is_sorted(ordered.begin(), ordered.end()));
}

TEST(PrefixTest, HashesEqualPrefixesAlike) {
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly(
      {Block("10.0.0.0/8"), Block("10.1.2.3/8"), Block("10.0.0.0/9"),
       Block("::ffff:10.0.0.0/104"), Block("11.0.0.0/8"), Block("fe80::/10"),
       Block("fe80::%eth0/10")}));
}

}  // namespace
}  // namespace connreg
