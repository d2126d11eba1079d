#include "service/server/listen_address.h"

#include <string>

#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"

namespace connreg {
namespace {

using testing::HasSubstr;

ListenAddress Parsed(absl::string_view text) {
  return ListenAddress::Parse(text).value();
}

TEST(ListenAddressTest, ComesBackAsItWasWritten) {
  for (const absl::string_view text :
       {"127.0.0.1:7878", "0.0.0.0:0", "[::1]:65535", "[fe80::1%eth0]:80",
        "localhost:80", "unix:/run/connreg.sock", "unix:relative.sock"}) {
    EXPECT_EQ(Parsed(text).ToString(), text);
  }
}

TEST(ListenAddressTest, TellsItsParts) {
  EXPECT_FALSE(Parsed("[::1]:80").is_unix);
  EXPECT_EQ(Parsed("[::1]:80").host_or_path, "::1");
  EXPECT_EQ(Parsed("[::1]:80").port, "80");
  EXPECT_TRUE(Parsed("unix:/run/connreg.sock").is_unix);
  EXPECT_EQ(Parsed("unix:/run/connreg.sock").host_or_path, "/run/connreg.sock");
}

TEST(ListenAddressTest, TakesThePortThatTheKernelChose) {
  EXPECT_EQ(Parsed("127.0.0.1:0").WithPort(4321), "127.0.0.1:4321");
  EXPECT_EQ(Parsed("[::1]:0").WithPort(4321), "[::1]:4321");
  EXPECT_EQ(Parsed("unix:/run/connreg.sock").WithPort(1),
            "unix:/run/connreg.sock");
}

TEST(ListenAddressTest, RefusesAnythingElseAndNamesIt) {
  for (const std::string text :
       {"", "127.0.0.1", ":80", "127.0.0.1:", "127.0.0.1:http",
        "127.0.0.1:65536", "127.0.0.1:-1", "::1:80", "[::1]", "[::1:80",
        "[]:80", "unix:"}) {
    const auto address = ListenAddress::Parse(text);
    EXPECT_THAT(address, IsInvalid("LISTEN_ADDRESS_MALFORMED")) << text;
    EXPECT_THAT(std::string(address.status().message()),
                HasSubstr("listen address \"" + text + "\""));
  }
}

TEST(ListenAddressTest, AddressOfAnotherMachineIsNotFree) {
  EXPECT_THAT(CheckFree(Parsed("192.0.2.1:0")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace connreg
