#include "client/lib/server_address.h"

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

constexpr char kMalformed[] = "SERVER_ADDRESS_MALFORMED";

TEST(ServerAddressTest, AHostIsResolvedByName) {
  EXPECT_THAT(GrpcTarget("localhost:7878"),
              IsOkAndHolds(std::string("dns:///localhost:7878")));
  EXPECT_THAT(GrpcTarget("127.0.0.1:7878"),
              IsOkAndHolds(std::string("dns:///127.0.0.1:7878")));
}

TEST(ServerAddressTest, Ipv6StandsInBrackets) {
  EXPECT_THAT(GrpcTarget("[::1]:7878"),
              IsOkAndHolds(std::string("dns:///[::1]:7878")));
  EXPECT_THAT(GrpcTarget("[fe80::1%eth0]:7878"),
              IsOkAndHolds(std::string("dns:///[fe80::1%25eth0]:7878")));
  EXPECT_THAT(GrpcTarget("::1:7878"), IsInvalid(kMalformed));
}

TEST(ServerAddressTest, APathMayHoldAnything) {
  EXPECT_THAT(GrpcTarget("unix:/run/connreg.sock"),
              IsOkAndHolds(std::string("unix:/run/connreg.sock")));
  EXPECT_THAT(GrpcTarget("unix:a b%"),
              IsOkAndHolds(std::string("unix:a%20b%25")));
}

TEST(ServerAddressTest, ANameIsNoSchemeOfGrpc) {
  EXPECT_THAT(GrpcTarget("dns:7878"),
              IsOkAndHolds(std::string("dns:///dns:7878")));
  EXPECT_THAT(GrpcTarget("ipv4:127.0.0.1:7878"), IsInvalid(kMalformed));
  EXPECT_THAT(GrpcTarget("dns:///localhost:7878"), IsInvalid(kMalformed));
}

TEST(ServerAddressTest, AnythingElseIsRefusedByItsText) {
  for (const char* text :
       {"", "localhost", "localhost:", ":7878", "localhost:0",
        "localhost:65536", "localhost:http", "local host:7878",
        "unix:", "[::1]", "[localhost]:7878", "http://localhost:7878"}) {
    EXPECT_THAT(GrpcTarget(text), IsInvalid(kMalformed)) << text;
  }
  EXPECT_EQ(GrpcTarget("localhost").status().message(),
            "server \"localhost\": no port; write HOST:PORT, [IPV6]:PORT or "
            "unix:PATH");
}

}  // namespace
}  // namespace connreg
