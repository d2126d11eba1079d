#include "client/agent/proc_addresses.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/agent/captured.h"

namespace connreg {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Prefix Block(const std::string& text) { return Prefix::Parse(text).value(); }

constexpr char kAddressLine[] =
    "fe800000000000000000000000000005 03 40 20 80       v0\n";

TEST(ProcAddressesTest, ReadsTheLocalRoutesOfIpv4AsTheKernelShowsThem) {
  EXPECT_THAT(ParseFibTrie(Captured("fib_trie")),
              IsOkAndHolds(ElementsAre(Block("10.0.0.5"), Block("127.0.0.0/8"),
                                       Block("127.0.0.1"))));
}

TEST(ProcAddressesTest, TrieWithoutLocalRoutesHasNone) {
  EXPECT_THAT(ParseFibTrie(""), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(ParseFibTrie("Main:\n  |-- 10.0.0.0\n     /24 link UNICAST\n"),
              IsOkAndHolds(IsEmpty()));
}

TEST(ProcAddressesTest, RefusesABrokenTrieAndSaysWhere) {
  for (const char* const broken : {"  |-- 10.0.0\n     /32 host LOCAL\n",
                                   "  |-- 10.0.0.5\n     32 host LOCAL\n",
                                   "  |-- 10.0.0.5\n     /33 host LOCAL\n",
                                   "  |-- 10.0.0.5\n     /x host LOCAL\n"}) {
    const absl::Status status = ParseFibTrie(broken).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss)) << broken;
    EXPECT_THAT(std::string(status.message()), HasSubstr("line 2: "));
  }
  EXPECT_THAT(ParseFibTrie("     /32 host LOCAL\n"),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(ProcAddressesTest, ReadsTheAddressesOfIpv6AsTheKernelShowsThem) {
  const auto addresses = ParseIfInet6(Captured("if_inet6"));
  ASSERT_THAT(addresses, IsOk());
  ASSERT_THAT(*addresses, SizeIs(7));
  EXPECT_EQ(addresses->front().address.ToString(), "::1");
  EXPECT_EQ(addresses->front().interface_name, "lo");
  EXPECT_EQ(addresses->back().address.ToString(), "fe80::5");
  EXPECT_EQ(addresses->back().interface, 3u);
  EXPECT_EQ(addresses->back().interface_name, "v0");
}

TEST(ProcAddressesTest, RefusesABrokenAddressAndSaysWhere) {
  for (const char* const broken :
       {"fe80 03 40 20 80 v0",
        "xe800000000000000000000000000005 03 40 20 80 v0",
        "fe800000000000000000000000000005 zz 40 20 80 v0",
        "fe800000000000000000000000000005 03 40 20 80"}) {
    const absl::Status status =
        ParseIfInet6(absl::StrCat(kAddressLine, broken, "\n")).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss)) << broken;
    EXPECT_THAT(std::string(status.message()), HasSubstr("line 2: "));
  }
}

}  // namespace
}  // namespace connreg
