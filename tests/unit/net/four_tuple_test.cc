#include "service/net/four_tuple.h"

#include <type_traits>

#include "absl/hash/hash_testing.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using testing::Optional;

static_assert(std::is_trivially_copyable_v<FourTuple>);

absl::StatusOr<FourTuple> Create(absl::string_view local,
                                 absl::string_view remote) {
  return FourTuple::Create(Endpoint::Parse(local).value(),
                           Endpoint::Parse(remote).value());
}

FourTuple Tuple(absl::string_view local, absl::string_view remote) {
  return Create(local, remote).value();
}

TEST(FourTupleTest, KeepsItsEndsApart) {
  const FourTuple tuple = Tuple("10.0.0.9:51000", "10.0.0.5:5432");

  EXPECT_EQ(tuple.local().ToString(), "10.0.0.9:51000");
  EXPECT_EQ(tuple.remote().ToString(), "10.0.0.5:5432");
}

TEST(FourTupleTest, RefusesAWildcardAtEitherEnd) {
  for (const auto& [local, remote, field] :
       {std::tuple("0.0.0.0:80", "10.0.0.5:5432", "local.address"),
        std::tuple("[::]:80", "[::1]:5432", "local.address"),
        std::tuple("10.0.0.9:51000", "0.0.0.0:1", "remote.address"),
        std::tuple("[::1]:51000", "*:1", "remote.address"),
        std::tuple("*:51000", "*:1", "local.address")}) {
    EXPECT_THAT(DetailOf(Create(local, remote).status()),
                Optional(ErrorDetail{"ADDRESS_WILDCARD", field, std::nullopt}));
  }
}

TEST(FourTupleTest, RefusesEndsOfDifferentFamilies) {
  const ErrorDetail detail{"FAMILY_MISMATCH", "remote.address", std::nullopt};

  EXPECT_THAT(DetailOf(Create("10.0.0.9:1", "[2001:db8::1]:2").status()),
              Optional(detail));
  EXPECT_THAT(DetailOf(Create("[2001:db8::1]:2", "10.0.0.9:1").status()),
              Optional(detail));
}

TEST(FourTupleTest, TakesIpv4MappedForIpv4AtEitherEnd) {
  EXPECT_THAT(Create("[::ffff:10.0.0.9]:1", "10.0.0.5:2"),
              IsOkAndHolds(Tuple("10.0.0.9:1", "10.0.0.5:2")));
}

TEST(FourTupleTest, SaysTheValueThatIsWrong) {
  EXPECT_EQ(Create("10.0.0.9:1", "0.0.0.0:2").status().message(),
            "remote endpoint 0.0.0.0:2: a connection has no wildcard address");
  EXPECT_EQ(Create("10.0.0.9:1", "[::1]:2").status().message(),
            "four-tuple 10.0.0.9:1 > [::1]:2: one end is IPv4, the other IPv6");
}

TEST(FourTupleTest, MirrorsItself) {
  const FourTuple tuple = Tuple("10.0.0.9:51000", "10.0.0.5:5432");

  EXPECT_EQ(tuple.Mirror(), Tuple("10.0.0.5:5432", "10.0.0.9:51000"));
  EXPECT_NE(tuple.Mirror(), tuple);
  EXPECT_EQ(tuple.Mirror().Mirror(), tuple);
}

TEST(FourTupleTest, IsCanonicalWithItsLowerEndpointFirst) {
  const FourTuple tuple = Tuple("10.0.0.9:51000", "10.0.0.5:5432");

  EXPECT_EQ(tuple.Canonical(), tuple.Mirror());
  EXPECT_EQ(tuple.Mirror().Canonical(), tuple.Mirror());
}

TEST(FourTupleTest, IsCanonicalByPortOnEqualAddresses) {
  const FourTuple tuple = Tuple("127.0.0.1:51000", "127.0.0.1:80");

  EXPECT_EQ(tuple.Canonical(), tuple.Mirror());
}

TEST(FourTupleTest, KnowsASocketConnectedToItself) {
  const FourTuple self = Tuple("127.0.0.1:5000", "127.0.0.1:5000");

  EXPECT_TRUE(self.is_self());
  EXPECT_EQ(self.Mirror(), self);
  EXPECT_EQ(self.Canonical(), self);
  EXPECT_FALSE(Tuple("127.0.0.1:5000", "127.0.0.1:5001").is_self());
  EXPECT_FALSE(Tuple("127.0.0.1:5000", "127.0.0.2:5000").is_self());
}

TEST(FourTupleTest, IsHostLocalIfEitherEndIs) {
  EXPECT_TRUE(Tuple("127.0.0.1:1", "127.0.0.1:2").is_host_local());
  EXPECT_TRUE(Tuple("10.0.0.1:1", "127.0.0.1:2").is_host_local());
  EXPECT_TRUE(Tuple("[fe80::1]:1", "[2001:db8::1]:2").is_host_local());
  EXPECT_FALSE(Tuple("10.0.0.1:1", "10.0.0.2:2").is_host_local());
}

TEST(FourTupleTest, PrintsLocalFirst) {
  EXPECT_EQ(Tuple("10.0.0.9:51000", "10.0.0.5:5432").ToString(),
            "10.0.0.9:51000 > 10.0.0.5:5432");
  EXPECT_EQ(Tuple("[fe80::1%eth0]:1", "[2001:db8::1]:2").ToString(),
            "[fe80::1%eth0]:1 > [2001:db8::1]:2");
}

TEST(FourTupleTest, OrdersByLocalThenRemote) {
  EXPECT_LT(Tuple("10.0.0.1:1", "10.0.0.9:9"),
            Tuple("10.0.0.1:2", "10.0.0.1:1"));
  EXPECT_LT(Tuple("10.0.0.1:1", "10.0.0.1:8"),
            Tuple("10.0.0.1:1", "10.0.0.1:9"));
}

TEST(FourTupleTest, HashesEqualTuplesAlikeAndMirrorsApart) {
  const FourTuple tuple = Tuple("10.0.0.9:51000", "10.0.0.5:5432");
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly(
      {tuple, tuple.Mirror(), tuple.Canonical(),
       Tuple("[::ffff:10.0.0.9]:51000", "10.0.0.5:5432"),
       Tuple("10.0.0.9:51001", "10.0.0.5:5432")}));
}

}  // namespace
}  // namespace connreg
