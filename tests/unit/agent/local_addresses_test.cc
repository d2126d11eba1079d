#include "client/agent/local_addresses.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/agent/netlink_bytes.h"

namespace connreg {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::array<uint8_t, 4> kHost = {10, 0, 0, 5};
constexpr std::array<uint8_t, 4> kLoopback = {127, 0, 0, 0};
constexpr std::array<uint8_t, 16> kLinkLocal = {0xfe, 0x80, 0, 0, 0, 0, 0, 0,
                                                0,    0,    0, 0, 0, 0, 0, 1};

std::string Names(uint32_t index) { return index == 2 ? "eth0" : ""; }

rtmsg Route(uint8_t family, uint8_t length) {
  rtmsg route{};
  route.rtm_family = family;
  route.rtm_dst_len = length;
  route.rtm_table = RT_TABLE_LOCAL;
  route.rtm_type = RTN_LOCAL;
  return route;
}

std::vector<uint8_t> RouteBytes(const rtmsg& route, Bytes destination,
                                uint32_t interface) {
  std::vector<uint8_t> payload;
  Append(BytesOf(route), &payload);
  if (!destination.empty())
    Append(AttributeBytes(RTA_DST, destination), &payload);
  Append(AttributeBytes(RTA_OIF, BytesOf(interface)), &payload);
  return MessageBytes(RTM_NEWROUTE, payload);
}

// Each as "PREFIX dev DEVICE".
absl::StatusOr<std::vector<std::string>> Parsed(Bytes messages) {
  const absl::StatusOr<std::vector<LocalPrefix>> prefixes =
      ParseLocalRoutes(messages, Names);
  if (!prefixes.ok()) return prefixes.status();
  std::vector<std::string> texts;
  for (const LocalPrefix& local : *prefixes)
    texts.push_back(
        absl::StrCat(local.prefix.ToString(), " dev ", local.device));
  return texts;
}

TEST(ParseLocalRoutesTest, AddressesAndBlocksInOrderEachOnItsFirstDevice) {
  EXPECT_THAT(
      Parsed(Joined({RouteBytes(Route(AF_INET, 8), kLoopback, 1),
                     RouteBytes(Route(AF_INET, 32), kHost, 2),
                     RouteBytes(Route(AF_INET, 32), kHost, 3)})),
      IsOkAndHolds(ElementsAre("10.0.0.5/32 dev eth0", "127.0.0.0/8 dev 1")));
}

TEST(ParseLocalRoutesTest, LinkLocalAddressesCarryTheirInterface) {
  EXPECT_THAT(Parsed(RouteBytes(Route(AF_INET6, 128), kLinkLocal, 2)),
              IsOkAndHolds(ElementsAre("fe80::1%eth0/128 dev eth0")));
}

TEST(ParseLocalRoutesTest, InterfaceWithoutANameIsItsNumber) {
  EXPECT_THAT(Parsed(RouteBytes(Route(AF_INET6, 128), kLinkLocal, 7)),
              IsOkAndHolds(ElementsAre("fe80::1%7/128 dev 7")));
}

TEST(ParseLocalRoutesTest, BlockTooWideForAZoneHasNone) {
  EXPECT_THAT(Parsed(RouteBytes(Route(AF_INET6, 7), kLinkLocal, 2)),
              IsOkAndHolds(ElementsAre("fe00::/7 dev eth0")));
}

TEST(ParseLocalRoutesTest, RouteWithoutADeviceHasNone) {
  EXPECT_THAT(Parsed(RouteBytes(Route(AF_INET, 32), kHost, 0)),
              IsOkAndHolds(ElementsAre("10.0.0.5/32 dev ")));
}

TEST(ParseLocalRoutesTest, RouteWithoutADestinationIsAllAddresses) {
  EXPECT_THAT(Parsed(Joined({RouteBytes(Route(AF_INET, 0), {}, 1),
                             RouteBytes(Route(AF_INET6, 0), {}, 1)})),
              IsOkAndHolds(ElementsAre("0.0.0.0/0 dev 1", "::/0 dev 1")));
}

TEST(ParseLocalRoutesTest, OtherTypesTablesAndFamiliesArePassedOver) {
  rtmsg broadcast = Route(AF_INET, 32);
  broadcast.rtm_type = RTN_BROADCAST;
  rtmsg main = Route(AF_INET, 32);
  main.rtm_table = RT_TABLE_MAIN;
  EXPECT_THAT(Parsed(Joined({RouteBytes(broadcast, kHost, 2),
                             RouteBytes(main, kHost, 2),
                             RouteBytes(Route(AF_PACKET, 32), kHost, 2)})),
              IsOkAndHolds(IsEmpty()));
}

TEST(ParseLocalRoutesTest, Ipv4MappedRouteIsNobodysAddress) {
  constexpr std::array<uint8_t, 16> kMapped = {0, 0, 0,    0,    0,  0, 0, 0,
                                               0, 0, 0xff, 0xff, 10, 0, 0, 5};
  EXPECT_THAT(Parsed(RouteBytes(Route(AF_INET6, 128), kMapped, 2)),
              IsOkAndHolds(IsEmpty()));
}

TEST(ParseLocalRoutesTest, AddressAndLengthThatDoNotFitAreRefused) {
  EXPECT_THAT(Parsed(RouteBytes(Route(AF_INET, 33), kHost, 2)),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Parsed(RouteBytes(Route(AF_INET6, 128), kHost, 2)),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(ParseLocalRoutesTest, CutAnywhereIsRefused) {
  const std::vector<uint8_t> bytes =
      RouteBytes(Route(AF_INET6, 128), kLinkLocal, 2);
  for (size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_THAT(Parsed(Bytes(bytes).subspan(0, size)),
                StatusIs(absl::StatusCode::kDataLoss))
        << size;
  }
}

TEST(ParseLocalRoutesTest, OtherMessagesAreRefused) {
  const rtmsg route = Route(AF_INET, 32);
  EXPECT_THAT(Parsed(MessageBytes(RTM_DELROUTE, BytesOf(route))),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Parsed(MessageBytes(RTM_NEWROUTE, BytesOf(route).subspan(0, 11))),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace connreg
