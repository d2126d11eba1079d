// The kernel says who is right: real sockets share one port in every way that
// it lets them, and SelectListener() must name the one that took the
// packet.

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "service/model/select_listener.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/model/network_lab.h"
#include "tests/unit/model/rows.h"
#include "tests/unit/model/shared_port.h"

namespace connreg {
namespace {

using testing::IsEmpty;
using testing::Optional;

// The places of the sockets that SelectListener() names.
std::set<size_t> Named(const SharedPort& open, const IpAddress& address,
                       const Arrival& arrival = {}) {
  const std::vector<Listener> rows = open.rows();
  std::vector<const ListenerFacts*> facts;
  for (const Listener& row : rows) facts.push_back(&row.facts);
  std::set<size_t> places;
  for (const size_t i : SelectListener(facts, address, arrival))
    places.insert(facts[i]->socket.cookie);
  return places;
}

std::string Described(const std::vector<Shape>& shapes) {
  return absl::StrJoin(shapes, ", then ",
                       [](std::string* out, const Shape& shape) {
                         absl::StrAppend(out, shape.ToString());
                       });
}

// ---- The cases ----

std::vector<std::vector<Shape>> SubsetsOf(const std::vector<Shape>& shapes) {
  std::vector<std::vector<Shape>> subsets;
  for (size_t mask = 0; mask < size_t{1} << shapes.size(); ++mask) {
    std::vector<Shape>& subset = subsets.emplace_back();
    for (size_t i = 0; i < shapes.size(); ++i)
      if (mask >> i & 1) subset.push_back(shapes[i]);
  }
  return subsets;
}

// The orders to open them in: all of few, and both ways of many.
std::vector<std::vector<Shape>> OrdersOf(const std::vector<Shape>& shapes) {
  std::vector<std::vector<Shape>> orders = {shapes};
  if (shapes.size() < 2) return orders;
  if (shapes.size() > 3) {
    orders.emplace_back(shapes.rbegin(), shapes.rend());
    return orders;
  }
  std::vector<size_t> order(shapes.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  while (std::next_permutation(order.begin(), order.end())) {
    std::vector<Shape>& ordered = orders.emplace_back();
    for (const size_t i : order) ordered.push_back(shapes[i]);
  }
  return orders;
}

struct Ways {
  Transport transport;
  std::vector<Sharing> sharings;
};

class KernelRefereeTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (lab_ == nullptr)
      lab_ =
          new absl::StatusOr<std::unique_ptr<NetworkLab>>(NetworkLab::Create());
  }

  void SetUp() override {
    if (!lab_->ok()) GTEST_SKIP() << lab_->status().message();
  }

  static const NetworkLab& lab() { return ***lab_; }

  // Opens every subset of `shapes` that the kernel lets share a port, in
  // several orders, and asks the kernel who takes a packet for each address.
  static void CheckSubsets(const Ways& ways, const std::vector<Shape>& shapes,
                           const std::vector<std::string>& addresses) {
    size_t opened = 0;
    for (const Sharing sharing : ways.sharings) {
      for (const std::vector<Shape>& subset : SubsetsOf(shapes)) {
        if (subset.empty()) continue;
        for (const std::vector<Shape>& order : OrdersOf(subset)) {
          const auto open =
              SharedPort::Open(lab(), ways.transport, sharing, order);
          if (absl::IsAlreadyExists(open.status())) continue;
          ASSERT_TRUE(open.ok()) << open.status();
          ++opened;
          for (const std::string& address : addresses)
            CheckTaker(*open, Address(address), Described(order));
        }
      }
    }
    EXPECT_GT(opened, shapes.size());
  }

  static void CheckTaker(const SharedPort& open, const IpAddress& address,
                         const std::string& description) {
    const auto taker = open.TakerOf(address, Origin::kHere);
    ASSERT_TRUE(taker.ok()) << taker.status();
    const std::set<size_t> named = Named(open, address);
    if (*taker) {
      ASSERT_TRUE(named.contains(**taker))
          << "number " << **taker << " of " << description << " took "
          << address.ToString() << ", not one of "
          << absl::StrJoin(named, ", ");
    } else {
      ASSERT_THAT(named, IsEmpty())
          << "none of " << description << " took " << address.ToString();
    }
  }

  // The shapes that took a packet for `address` in any order of opening, from
  // any of `origins` and any way of sharing.
  static std::set<std::string> TakersInAnyOrder(
      const Ways& ways, const std::vector<Shape>& shapes,
      const std::vector<std::pair<IpAddress, Origin>>& packets) {
    std::set<std::string> takers;
    for (const Sharing sharing : ways.sharings) {
      for (const std::vector<Shape>& order : OrdersOf(shapes)) {
        const auto open =
            SharedPort::Open(lab(), ways.transport, sharing, order);
        if (absl::IsAlreadyExists(open.status())) continue;
        EXPECT_TRUE(open.ok()) << open.status();
        for (const auto& [address, origin] : packets) {
          const auto taker = open->TakerOf(address, origin);
          EXPECT_TRUE(taker.ok()) << taker.status();
          if (*taker) takers.insert(order[**taker].ToString());
        }
      }
    }
    return takers;
  }

  static std::set<std::string> NamedOf(const Ways& ways,
                                       const std::vector<Shape>& shapes,
                                       const IpAddress& address,
                                       const Arrival& arrival = {}) {
    const Sharing sharing = ways.sharings.front();
    const auto open = SharedPort::Open(lab(), ways.transport, sharing, shapes);
    EXPECT_TRUE(open.ok()) << open.status();
    std::set<std::string> named;
    for (const size_t place : Named(*open, address, arrival))
      named.insert(shapes[place].ToString());
    return named;
  }

 private:
  // One for the process, which it moves for good.
  static absl::StatusOr<std::unique_ptr<NetworkLab>>* lab_;
};

absl::StatusOr<std::unique_ptr<NetworkLab>>* KernelRefereeTest::lab_ = nullptr;

const Ways kTcp = {Transport::kTcp, {Sharing::kReusePort, Sharing::kNone}};
const Ways kUdp = {
    Transport::kUdp,
    {Sharing::kReusePort, Sharing::kReuseAddress, Sharing::kNone}};

const std::vector<std::string> kLoopbackAddresses = {"127.0.0.1", "127.0.0.2",
                                                     "::1"};

const std::vector<Shape> kShapes = {
    V4("0.0.0.0"),   V6("::"),  V6Only("::"),           V4("127.0.0.1"),
    V4("127.0.0.2"), V6("::1"), V6("::ffff:127.0.0.1"), V6("::ffff:0.0.0.0")};

const std::vector<Shape> kShapesOfLo = {
    V4("0.0.0.0"),         V4("0.0.0.0", "lo"),         V6("::"),
    V6("::", "lo"),        V6Only("::", "lo"),          V4("127.0.0.1"),
    V4("127.0.0.1", "lo"), V6("::ffff:127.0.0.1", "lo")};

TEST_F(KernelRefereeTest, TcpGoesToAListenerThatIsNamed) {
  CheckSubsets(kTcp, kShapes, kLoopbackAddresses);
}

TEST_F(KernelRefereeTest, UdpGoesToASocketThatIsNamed) {
  CheckSubsets(kUdp, kShapes, kLoopbackAddresses);
}

TEST_F(KernelRefereeTest, TcpGoesToAListenerThatIsNamedAmongThoseOfADevice) {
  CheckSubsets(kTcp, kShapesOfLo, kLoopbackAddresses);
}

TEST_F(KernelRefereeTest, UdpGoesToASocketThatIsNamedAmongThoseOfADevice) {
  CheckSubsets(kUdp, kShapesOfLo, kLoopbackAddresses);
}

TEST_F(KernelRefereeTest, EveryMemberOfAReusePortGroupTakesSome) {
  for (const Ways& ways : {kTcp, kUdp}) {
    for (const Shape& shape : {V4("0.0.0.0"), V6("::"), V4("127.0.0.1")}) {
      const auto open =
          SharedPort::Open(lab(), ways.transport, Sharing::kReusePort,
                           {shape, shape, V4("127.0.0.2"), shape});
      ASSERT_TRUE(open.ok()) << open.status();
      const std::set<size_t> named = Named(*open, Address("127.0.0.1"));
      std::set<size_t> takers;
      for (int i = 0; i < 1000 && takers != named; ++i) {
        const auto taker = open->TakerOf(Address("127.0.0.1"), Origin::kHere);
        ASSERT_TRUE(taker.ok() && *taker) << taker.status();
        takers.insert(**taker);
      }
      EXPECT_EQ(takers, named) << shape.ToString();
      EXPECT_EQ(named, (std::set<size_t>{0, 1, 3}));
    }
  }
}

// ---- Who is named, and never takes anything? ----

TEST_F(KernelRefereeTest, EveryListenerNamedTakesAPacketInSomeOrder) {
  for (const Ways& ways :
       {Ways{Transport::kTcp, {Sharing::kReusePort}},
        Ways{Transport::kUdp, {Sharing::kReusePort, Sharing::kReuseAddress}}}) {
    for (const std::vector<Shape>& subset : SubsetsOf(kShapes)) {
      if (subset.empty() || subset.size() > 3) continue;
      for (const std::string& text : kLoopbackAddresses) {
        const IpAddress address = Address(text);
        ASSERT_EQ(NamedOf(ways, subset, address),
                  TakersInAnyOrder(ways, subset, {{address, Origin::kHere}}))
            << text << " with " << Described(subset);
      }
    }
  }
}

// ---- With a cable ----

class KernelRefereeCableTest : public KernelRefereeTest {
 protected:
  void SetUp() override {
    KernelRefereeTest::SetUp();
    if (IsSkipped()) return;
    if (!lab().cable().ok()) GTEST_SKIP() << lab().cable().message();
  }
};

// An address of lo, which packets from afar arrive for by the cable.
constexpr char kEitherWay[] = "10.9.1.1";

TEST_F(KernelRefereeCableTest, ASocketTakesOnlyWhatArrivesByItsDevice) {
  const auto open =
      SharedPort::Open(lab(), Transport::kTcp, Sharing::kReusePort,
                       {V4("0.0.0.0", NetworkLab::kNearDevice)});
  ASSERT_TRUE(open.ok()) << open.status();
  const IpAddress address = Address(kEitherWay);

  EXPECT_THAT(open->TakerOf(address, Origin::kFar), IsOkAndHolds(Optional(0)));
  EXPECT_THAT(open->TakerOf(address, Origin::kHere),
              IsOkAndHolds(std::nullopt));
  EXPECT_EQ(Named(*open, address), std::set<size_t>{0})
      << "which takes some packets for the address";
}

TEST_F(KernelRefereeCableTest, EveryListenerNamedTakesTcpByOneDeviceOrAnother) {
  const char* const near = NetworkLab::kNearDevice;
  const Ways ways = {Transport::kTcp, {Sharing::kReusePort}};
  const std::vector<Shape> shapes = {V4("0.0.0.0"),
                                     V4("0.0.0.0", near),
                                     V6("::"),
                                     V6("::", near),
                                     V4(kEitherWay),
                                     V4(kEitherWay, near),
                                     V6(absl::StrCat("::ffff:", kEitherWay)),
                                     V6("::ffff:0.0.0.0", near)};
  const IpAddress address = Address(kEitherWay);
  for (const std::vector<Shape>& subset : SubsetsOf(shapes)) {
    if (subset.empty() || subset.size() > 3) continue;
    ASSERT_EQ(
        NamedOf(ways, subset, address),
        TakersInAnyOrder(ways, subset,
                         {{address, Origin::kHere}, {address, Origin::kFar}}))
        << Described(subset);
  }
}

// An address of the cable itself.
constexpr char kOfTheCable[] = "10.9.0.1";

TEST_F(KernelRefereeCableTest, EveryListenerNamedTakesTcpByTheDeviceItComesBy) {
  const char* const near = NetworkLab::kNearDevice;
  const Ways ways = {Transport::kTcp, {Sharing::kReusePort}};
  const std::vector<Shape> shapes = {V4("0.0.0.0"), V4("0.0.0.0", near),
                                     V4("0.0.0.0", "lo"), V6("::", near),
                                     V6("::", "lo")};
  // A packet from here comes by the device of its address, one from afar by the
  // cable.
  const struct {
    const char* address;
    Origin origin;
    const char* device;
  } packets[] = {{kOfTheCable, Origin::kHere, near},
                 {kOfTheCable, Origin::kFar, near},
                 {kEitherWay, Origin::kHere, "lo"},
                 {kEitherWay, Origin::kFar, near}};
  for (const std::vector<Shape>& subset : SubsetsOf(shapes)) {
    if (subset.empty() || subset.size() > 3) continue;
    for (const auto& packet : packets) {
      const IpAddress address = Address(packet.address);
      ASSERT_EQ(NamedOf(ways, subset, address, {.by = packet.device}),
                TakersInAnyOrder(ways, subset, {{address, packet.origin}}))
          << Described(subset) << " for " << packet.address << " by "
          << packet.device;
    }
  }
}

TEST_F(KernelRefereeCableTest, EveryListenerNamedTakesALinkLocalPacket) {
  const char* const near = NetworkLab::kNearDevice;
  const std::vector<Shape> shapes = {
      V6("::"),       V6("::", near),      V6Only("::"), V6Only("::", near),
      V6("::", "lo"), V6("fe80::1", near), V4("0.0.0.0")};
  const IpAddress address = Address(absl::StrCat("fe80::1%", near));
  for (const Ways& ways :
       {Ways{Transport::kTcp, {Sharing::kReusePort}},
        Ways{Transport::kUdp, {Sharing::kReusePort, Sharing::kReuseAddress}}}) {
    for (const std::vector<Shape>& subset : SubsetsOf(shapes)) {
      if (subset.empty() || subset.size() > 3) continue;
      ASSERT_EQ(NamedOf(ways, subset, address),
                TakersInAnyOrder(ways, subset, {{address, Origin::kHere}}))
          << Described(subset);
    }
  }
}

TEST_F(KernelRefereeCableTest, ALinkLocalPacketFromAfarGoesToTheSame) {
  const char* const near = NetworkLab::kNearDevice;
  const auto open =
      SharedPort::Open(lab(), Transport::kTcp, Sharing::kReusePort,
                       {V6("::"), V6("::", "lo"), V6("fe80::1", near)});
  ASSERT_TRUE(open.ok()) << open.status();
  const IpAddress address = Address(absl::StrCat("fe80::1%", near));

  EXPECT_THAT(open->TakerOf(address, Origin::kFar), IsOkAndHolds(Optional(2)));
  EXPECT_EQ(Named(*open, address), std::set<size_t>{2});
}

// ---- For many ----

TEST_F(KernelRefereeCableTest, MulticastGoesToEverySocketNamed) {
  const IpAddress group = Address("239.1.2.3");
  const auto open = SharedPort::Open(
      lab(), Transport::kUdp, Sharing::kReuseAddress,
      {V4("0.0.0.0"), V4("239.1.2.3"), V6("::"), V6Only("::"), V4("10.9.0.1"),
       V4("0.0.0.0", NetworkLab::kNearDevice), V4("0.0.0.0")});
  ASSERT_TRUE(open.ok()) << open.status();
  ip_mreqn membership{};
  memcpy(&membership.imr_multiaddr, &group.bytes()[12],
         sizeof membership.imr_multiaddr);
  membership.imr_ifindex =
      static_cast<int>(if_nametoindex(NetworkLab::kNearDevice));
  for (const int number : open->numbers()) {
    ASSERT_EQ(setsockopt(number, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership,
                         sizeof membership),
              0);
  }

  const std::set<size_t> named = Named(*open, group);
  const auto takers = open->TakersOf(group, named);
  ASSERT_TRUE(takers.ok()) << takers.status();
  EXPECT_EQ(*takers, named);
}

TEST_F(KernelRefereeCableTest, Ipv6MulticastGoesToEverySocketNamed) {
  const char* const near = NetworkLab::kNearDevice;
  const IpAddress group = Address(absl::StrCat("ff02::1:5%", near));
  const auto open =
      SharedPort::Open(lab(), Transport::kUdp, Sharing::kReuseAddress,
                       {V6("::"), V6("ff02::1:5", near), V6Only("::"),
                        V6("2001:db8::1"), V6("::", "lo"), V6("::", near)});
  ASSERT_TRUE(open.ok()) << open.status();
  ipv6_mreq membership{};
  memcpy(&membership.ipv6mr_multiaddr, group.bytes().data(),
         sizeof membership.ipv6mr_multiaddr);
  membership.ipv6mr_interface = if_nametoindex(near);
  for (const int number : open->numbers()) {
    ASSERT_EQ(setsockopt(number, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &membership,
                         sizeof membership),
              0);
  }

  const std::set<size_t> named = Named(*open, group);
  const auto takers = open->TakersOf(group, named);
  ASSERT_TRUE(takers.ok()) << takers.status();
  EXPECT_EQ(*takers, named);
}

TEST_F(KernelRefereeCableTest, BroadcastGoesToEverySocketNamed) {
  const IpAddress all = Address("255.255.255.255");
  const auto open =
      SharedPort::Open(lab(), Transport::kUdp, Sharing::kReuseAddress,
                       {V4("0.0.0.0"), V6("::"), V4("10.9.0.1"), V6Only("::"),
                        V4("0.0.0.0", NetworkLab::kNearDevice)});
  ASSERT_TRUE(open.ok()) << open.status();

  const std::set<size_t> named = Named(*open, all);
  const auto takers = open->TakersOf(all, named);
  ASSERT_TRUE(takers.ok()) << takers.status();
  EXPECT_EQ(*takers, named);
}

}  // namespace
}  // namespace connreg
