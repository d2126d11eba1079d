#include "service/wire/community_id.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/wire/rows.h"

namespace connreg {
namespace {

using testing::HasSubstr;

std::string Tcp(absl::string_view local, absl::string_view remote) {
  return CommunityIdOf(Tuple(local, remote), Transport::kTcp);
}

std::string Udp(absl::string_view local, absl::string_view remote) {
  return CommunityIdOf(Tuple(local, remote), Transport::kUdp);
}

// ---- Of four-tuples ----

TEST(CommunityIdTest, IsTheSameInBothOrdersOfTheEnds) {
  constexpr char kId[] = "1:LQU9qZlK+B5F3KDmev6m5PMibrg=";
  EXPECT_EQ(Tcp("66.35.250.204:80", "128.232.110.120:34855"), kId);
  EXPECT_EQ(Tcp("128.232.110.120:34855", "66.35.250.204:80"), kId);
}

TEST(CommunityIdTest, OfTcpAndOfUdpDiffers) {
  EXPECT_EQ(Tcp("10.0.0.9:51000", "10.0.0.5:5432"),
            "1:SmAASlefIp2O8Kam70CCnxMgk+c=");
  EXPECT_EQ(Udp("10.0.0.9:51000", "10.0.0.5:5432"),
            "1:+2qoON3gl3m3EOcGmHqFhq+Fj8g=");
}

TEST(CommunityIdTest, OfASelfConnectHasTwoEqualEnds) {
  EXPECT_EQ(Tcp("127.0.0.1:8088", "127.0.0.1:8088"),
            "1:1kiGedZYK9DHBT0Awsz96zdklJo=");
}

// The values here were computed apart, with another library.
TEST(CommunityIdTest, OfOneAddressThePortsAreOrdered) {
  constexpr char kId[] = "1:jxZC63E+H+s1c+AZwqEvQnvhVZs=";
  EXPECT_EQ(Tcp("10.0.0.5:80", "10.0.0.5:40000"), kId);
  EXPECT_EQ(Tcp("10.0.0.5:40000", "10.0.0.5:80"), kId);
}

TEST(CommunityIdTest, OfIpv6HasAddressesOf16Bytes) {
  EXPECT_EQ(Tcp("[2001:db8::9]:51000", "[2001:db8::5]:443"),
            "1:qTzgzNxPft017ARqGPHpd6F/OOk=");
  EXPECT_EQ(Udp("[2001:db8::5]:443", "[2001:db8::9]:51000"),
            "1:7TgqgxZuc+ys2RcV0gxYGFtkkjA=");
}

TEST(CommunityIdTest, OfMappedAddressesIsThatOfIpv4) {
  EXPECT_EQ(Tcp("[::ffff:10.0.0.9]:51000", "[::ffff:10.0.0.5]:5432"),
            Tcp("10.0.0.9:51000", "10.0.0.5:5432"));
}

TEST(CommunityIdTest, HasNoZones) {
  constexpr char kId[] = "1:cstEryaAKMF66FBKh/3061njhIo=";
  EXPECT_EQ(Udp("[fe80::1%eth0]:546", "[fe80::2%eth0]:547"), kId);
  // The higher zone is not the higher end.
  EXPECT_EQ(Udp("[fe80::1%zzz]:546", "[fe80::2%aaa]:547"), kId);
}

// ---- As a question ----

TEST(CommunityIdTest, FitsItsFourTupleItsMirrorAndItsTransport) {
  const FourTuple tuple = Tuple("10.0.0.9:51000", "10.0.0.5:5432");
  const auto predicate = ParseCommunityId("1:SmAASlefIp2O8Kam70CCnxMgk+c=");
  ASSERT_THAT(predicate, IsOk());
  EXPECT_TRUE((*predicate)(tuple, Transport::kTcp));
  EXPECT_TRUE((*predicate)(tuple.Mirror(), Transport::kTcp));
  EXPECT_FALSE((*predicate)(tuple, Transport::kUdp));
  EXPECT_FALSE(
      (*predicate)(Tuple("10.0.0.9:51001", "10.0.0.5:5432"), Transport::kTcp));
}

TEST(CommunityIdTest, WhatIsNoneIsRefused) {
  for (const char* text : {
           "",
           ":",
           "1",
           "1:",
           "SmAASlefIp2O8Kam70CCnxMgk+c=",
           "1SmAASlefIp2O8Kam70CCnxMgk+c=",
           " 1:SmAASlefIp2O8Kam70CCnxMgk+c=",
           "1:SmAASlefIp2O8Kam70CCnxMgk+c",
           "1:SmAASlefIp2O8Kam70CCnxMgk+c==",
           "1:SmAASlefIp2O8Kam70CCnxMgk+==",
           "1:SmAASlefIp2O8Kam70CCnxMgk+cA",
           "1:SmAASlefIp2O8Kam70CCnxMgk-c=",
           "1:SmAASlefIp2O8Kam70CC xMgk+c=",
           "1:4a60004a579f229d8ef0a6a6ef40829f132093e7",
           "one:SmAASlefIp2O8Kam70CCnxMgk+c=",
       })
    EXPECT_THAT(ParseCommunityId(text), IsInvalid("COMMUNITY_ID_MALFORMED"))
        << text;
}

TEST(CommunityIdTest, BitsThatBase64LeavesOpenAreZero) {
  EXPECT_THAT(ParseCommunityId("1:SmAASlefIp2O8Kam70CCnxMgk+d="),
              IsInvalid("COMMUNITY_ID_MALFORMED"));
}

TEST(CommunityIdTest, AnotherVersionIsNamed) {
  const absl::Status status =
      ParseCommunityId("2:SmAASlefIp2O8Kam70CCnxMgk+c=").status();
  EXPECT_THAT(ParseCommunityId("2:SmAASlefIp2O8Kam70CCnxMgk+c="),
              IsInvalid("COMMUNITY_ID_VERSION_UNKNOWN"));
  EXPECT_EQ(status.message(),
            "Community ID \"2:SmAASlefIp2O8Kam70CCnxMgk+c=\" is of version 2; "
            "only version 1 is known");
}

TEST(CommunityIdTest, AnErrorSaysTheValueAndWhatIsExpected) {
  EXPECT_EQ(ParseCommunityId("1:\x1B[2J").status().message(),
            "Community ID \"1:\\x1b[2J\" is not \"1:\" and the Base64 of 20 "
            "bytes (28 characters)");
}

TEST(CommunityIdTest, AnErrorOfALongTextIsShort) {
  const absl::Status status =
      ParseCommunityId(absl::StrCat("1:", std::string(10'000, 'x'))).status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("xxx...\" is not"));
  EXPECT_LT(status.message().size(), 200);
  const absl::Status of_version =
      ParseCommunityId(absl::StrCat(std::string(10'000, '2'), ":x")).status();
  EXPECT_LT(of_version.message().size(), 200);
}

}  // namespace
}  // namespace connreg
