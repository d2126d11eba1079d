#include "service/model/select_listener.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "tests/unit/model/rows.h"

namespace connreg {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

// A listener on port 443 of `address`; an IPv6 one takes IPv4 if it can.
Listener On(absl::string_view address) {
  const IpAddress parsed = Address(address);
  Listener listener = ListenerAt(
      {.host = "h1"}, Endpoint::Create(parsed, 443).value().ToString());
  listener.facts.socket.family =
      parsed.is_v4() ? SocketFamily::kIpv4 : SocketFamily::kIpv6;
  return listener;
}

Listener V6Only(Listener listener) {
  listener.facts.v6_only = true;
  return listener;
}

// Made for IPv6 and bound to an IPv4-mapped address.
Listener Mapped(Listener listener) {
  listener.facts.socket.family = SocketFamily::kIpv6;
  return listener;
}

Listener OnDevice(Listener listener, absl::string_view device) {
  listener.facts.device = std::string(device);
  return listener;
}

std::vector<Listener> TakersOf(absl::string_view address,
                               const std::vector<Listener>& listeners,
                               const Arrival& arrival = {}) {
  std::vector<const ListenerFacts*> facts;
  for (const Listener& listener : listeners) facts.push_back(&listener.facts);
  std::vector<Listener> takers;
  for (const size_t i : SelectListener(facts, Address(address), arrival))
    takers.push_back(listeners[i]);
  return takers;
}

std::vector<Listener> UdpTakersOf(absl::string_view address,
                                  std::vector<Listener> listeners) {
  for (Listener& listener : listeners) listener = OverUdp(listener);
  return TakersOf(address, listeners);
}

// ---- Addresses ----

TEST(SelectListenerTest, AreNoneOfNone) {
  EXPECT_THAT(TakersOf("10.0.0.5", {}), IsEmpty());
}

TEST(SelectListenerTest, TakeTheirOwnAddressOnly) {
  const Listener listener = On("10.0.0.5");

  EXPECT_THAT(TakersOf("10.0.0.5", {listener}),
              UnorderedElementsAre(Is(listener)));
  EXPECT_THAT(TakersOf("10.0.0.6", {listener}), IsEmpty());
  EXPECT_THAT(TakersOf("2001:db8::5", {listener}), IsEmpty());
}

TEST(SelectListenerTest, TakeIpv4ByADualStackWildcard) {
  const Listener dual = On("::");

  EXPECT_THAT(TakersOf("10.0.0.5", {dual}), UnorderedElementsAre(Is(dual)));
  EXPECT_THAT(TakersOf("::ffff:10.0.0.5", {dual}),
              UnorderedElementsAre(Is(dual)));
  EXPECT_THAT(TakersOf("2001:db8::5", {dual}), UnorderedElementsAre(Is(dual)));
}

TEST(SelectListenerTest, TakeNoIpv4ByAV6OnlyWildcard) {
  const Listener v6_only = V6Only(On("::"));

  EXPECT_THAT(TakersOf("10.0.0.5", {v6_only}), IsEmpty());
  EXPECT_THAT(TakersOf("2001:db8::5", {v6_only}),
              UnorderedElementsAre(Is(v6_only)));
}

TEST(SelectListenerTest, TakeNoIpv6ByAnIpv4Wildcard) {
  EXPECT_THAT(TakersOf("2001:db8::5", {On("0.0.0.0"), Mapped(On("0.0.0.0"))}),
              IsEmpty());
}

TEST(SelectListenerTest, PutTheExactAddressBeforeTheWildcard) {
  const Listener exact = On("127.0.0.2");
  const Listener wildcard = On("0.0.0.0");

  EXPECT_THAT(TakersOf("127.0.0.2", {wildcard, exact}),
              UnorderedElementsAre(Is(exact)));
  EXPECT_THAT(TakersOf("127.0.0.1", {wildcard, exact}),
              UnorderedElementsAre(Is(wildcard)));
}

TEST(SelectListenerTest, PutAMappedExactAddressBeforeAnIpv4Wildcard) {
  const Listener mapped = Mapped(On("10.0.0.5"));

  EXPECT_THAT(TakersOf("10.0.0.5", {On("0.0.0.0"), mapped}),
              UnorderedElementsAre(Is(mapped)));
}

TEST(SelectListenerTest, PutIpv4BeforeDualStack) {
  const Listener v4 = On("0.0.0.0");
  const Listener dual = On("::");

  EXPECT_THAT(TakersOf("10.0.0.5", {dual, v4}), UnorderedElementsAre(Is(v4)));
  EXPECT_THAT(TakersOf("2001:db8::5", {dual, v4}),
              UnorderedElementsAre(Is(dual)));
}

TEST(SelectListenerTest, PutIpv4BeforeItsMappedForm) {
  const Listener v4 = On("10.0.0.5");

  EXPECT_THAT(TakersOf("10.0.0.5", {Mapped(v4), v4}),
              UnorderedElementsAre(Is(v4)));
}

TEST(SelectListenerTest, JudgeASocketOfUnknownFamilyByItsAddress) {
  Listener v4 = On("0.0.0.0");
  v4.facts.socket.family = SocketFamily::kUnknown;
  Listener dual = On("::");
  dual.facts.socket.family = SocketFamily::kUnknown;

  EXPECT_THAT(TakersOf("10.0.0.5", {dual, v4}), UnorderedElementsAre(Is(v4)));
}

TEST(SelectListenerTest, AreAllThatShareAnEndpointByReusePort) {
  const std::vector<Listener> workers = {WithCookie(On("0.0.0.0"), 1),
                                         WithCookie(On("0.0.0.0"), 2),
                                         WithCookie(On("0.0.0.0"), 3)};

  EXPECT_THAT(
      TakersOf("10.0.0.5", workers),
      UnorderedElementsAre(Is(workers[0]), Is(workers[1]), Is(workers[2])));
}

// ---- Devices ----

TEST(SelectListenerTest, AreBothIfOneIsBoundToADeviceAndTheOtherToNone) {
  const Listener bound = OnDevice(On("0.0.0.0"), "eth0");
  const Listener unbound = On("0.0.0.0");

  EXPECT_THAT(TakersOf("10.0.0.5", {bound, unbound}),
              UnorderedElementsAre(Is(bound), Is(unbound)));
}

TEST(SelectListenerTest, TakeByTheDeviceThatTheZoneNames) {
  const Listener bound = OnDevice(On("::"), "eth0");
  const Listener elsewhere = OnDevice(On("::"), "eth1");

  EXPECT_THAT(TakersOf("fe80::1%eth0", {bound, elsewhere}),
              UnorderedElementsAre(Is(bound)));
  EXPECT_THAT(TakersOf("fe80::1%eth1", {bound, elsewhere}),
              UnorderedElementsAre(Is(elsewhere)));
  EXPECT_THAT(TakersOf("fe80::1%eth2", {bound, elsewhere}), IsEmpty());
}

TEST(SelectListenerTest, AreOfAnyDeviceWithoutAZone) {
  const Listener bound = OnDevice(On("0.0.0.0"), "eth0");
  const Listener elsewhere = OnDevice(On("0.0.0.0"), "eth1");

  EXPECT_THAT(TakersOf("10.0.0.5", {bound, elsewhere}),
              UnorderedElementsAre(Is(bound), Is(elsewhere)));
}

TEST(SelectListenerTest, GoByAddressBeforeDevice) {
  const Listener exact = On("10.0.0.5");
  const Listener bound = OnDevice(On("0.0.0.0"), "eth0");

  EXPECT_THAT(TakersOf("10.0.0.5", {exact, bound}),
              UnorderedElementsAre(Is(exact)));
}

TEST(SelectListenerTest, LeaveTheWildcardWhatADeviceKeepsFromTheExact) {
  const Listener exact = OnDevice(On("10.0.0.5"), "eth0");
  const Listener wildcard = On("0.0.0.0");

  EXPECT_THAT(TakersOf("10.0.0.5", {exact, wildcard}),
              UnorderedElementsAre(Is(exact), Is(wildcard)));
}

// TCP listeners share a port by SO_REUSEPORT only, and then IPv4 goes first.
TEST(SelectListenerTest, PutIpv4BeforeADualStackOneOfADeviceForTcp) {
  const Listener v4 = On("0.0.0.0");
  const Listener bound = OnDevice(On("::"), "eth0");

  EXPECT_THAT(TakersOf("10.0.0.5", {bound, v4}), UnorderedElementsAre(Is(v4)));
}

TEST(SelectListenerTest, AreBothForUdpWhichMayGoByDeviceFirst) {
  const Listener v4 = OverUdp(On("0.0.0.0"));
  const Listener bound = OverUdp(OnDevice(On("::"), "eth0"));

  EXPECT_THAT(UdpTakersOf("10.0.0.5", {bound, v4}),
              UnorderedElementsAre(Is(v4), Is(bound)));
}

TEST(SelectListenerTest, PutIpv4OfADeviceFirstForUdpHoweverItIsShared) {
  const Listener v4 = OverUdp(OnDevice(On("0.0.0.0"), "eth0"));
  const Listener dual = OverUdp(OnDevice(On("::"), "eth0"));

  EXPECT_THAT(UdpTakersOf("10.0.0.5", {dual, v4}),
              UnorderedElementsAre(Is(v4)));
}

// ---- Zones ----

TEST(SelectListenerTest, TakeALinkLocalAddressInTheirZoneOnly) {
  const Listener listener = OnDevice(On("fe80::1%eth0"), "eth0");

  EXPECT_THAT(TakersOf("fe80::1%eth0", {listener}),
              UnorderedElementsAre(Is(listener)));
  EXPECT_THAT(TakersOf("fe80::1%eth1", {listener}), IsEmpty());
}

TEST(SelectListenerTest, TakeALinkLocalAddressWhoseZoneWasNotTold) {
  const Listener on_eth0 = OnDevice(On("fe80::1%eth0"), "eth0");
  const Listener on_eth1 = OnDevice(On("fe80::1%eth1"), "eth1");

  EXPECT_THAT(TakersOf("fe80::1", {on_eth0, on_eth1}),
              UnorderedElementsAre(Is(on_eth0), Is(on_eth1)));
}

TEST(SelectListenerTest, TakeALinkLocalAddressIfTheirOwnZoneWasNotTold) {
  const Listener listener = On("fe80::1");

  EXPECT_THAT(TakersOf("fe80::1%eth0", {listener}),
              UnorderedElementsAre(Is(listener)));
}

// ---- UDP ----

TEST(SelectListenerTest, GoByTheSameAddressRulesForUdp) {
  const Listener exact = OverUdp(On("10.0.0.5"));
  const Listener v4 = OverUdp(On("0.0.0.0"));
  const Listener dual = OverUdp(On("::"));
  const Listener v6_only = OverUdp(V6Only(On("::")));

  EXPECT_THAT(UdpTakersOf("10.0.0.5", {dual, v4, exact}),
              UnorderedElementsAre(Is(exact)));
  EXPECT_THAT(UdpTakersOf("10.0.0.6", {dual, v4, exact}),
              UnorderedElementsAre(Is(v4)));
  EXPECT_THAT(UdpTakersOf("10.0.0.6", {dual, exact}),
              UnorderedElementsAre(Is(dual)));
  EXPECT_THAT(UdpTakersOf("10.0.0.6", {v6_only}), IsEmpty());
  EXPECT_THAT(UdpTakersOf("2001:db8::5", {dual, v4}),
              UnorderedElementsAre(Is(dual)));
}

TEST(SelectListenerTest, AreAllThatTakeAMulticastDatagram) {
  for (const char* group : {"224.0.0.251", "239.255.255.255"}) {
    const Listener exact = OverUdp(On(group));
    const Listener v4 = OverUdp(On("0.0.0.0"));
    const Listener dual = OverUdp(On("::"));

    EXPECT_THAT(
        UdpTakersOf(group, {exact, v4, dual, V6Only(On("::")), On("10.0.0.5")}),
        UnorderedElementsAre(Is(exact), Is(v4), Is(dual)));
  }
}

TEST(SelectListenerTest, AreAllThatTakeAnIpv6MulticastDatagram) {
  const Listener exact = OverUdp(OnDevice(On("ff02::fb%eth0"), "eth0"));
  const Listener dual = OverUdp(On("::"));
  const Listener elsewhere = OverUdp(OnDevice(On("::"), "eth1"));

  EXPECT_THAT(
      UdpTakersOf("ff02::fb%eth0", {exact, dual, elsewhere, On("0.0.0.0")}),
      UnorderedElementsAre(Is(exact), Is(dual)));
}

TEST(SelectListenerTest, AreAllThatTakeALimitedBroadcast) {
  const Listener v4 = OverUdp(On("0.0.0.0"));
  const Listener dual = OverUdp(On("::"));

  EXPECT_THAT(UdpTakersOf("255.255.255.255", {v4, dual, On("10.0.0.5")}),
              UnorderedElementsAre(Is(v4), Is(dual)));
}

TEST(SelectListenerTest, GoByAddressJustOutsideMulticast) {
  for (const char* address : {"223.255.255.255", "240.0.0.0", "feff::1"}) {
    const Listener exact = OverUdp(On(address));

    EXPECT_THAT(UdpTakersOf(address, {exact, On("0.0.0.0"), On("::")}),
                UnorderedElementsAre(Is(exact)));
  }
}

// ---- How the packet arrives ----

TEST(SelectListenerTest, GoesByTheDeviceThatThePacketArrivesBy) {
  const Listener unbound = On("0.0.0.0");
  const Listener eth0 = OnDevice(On("0.0.0.0"), "eth0");

  EXPECT_THAT(TakersOf("10.0.0.5", {unbound, eth0}, {.by = "eth1"}),
              UnorderedElementsAre(Is(unbound)));
  EXPECT_THAT(TakersOf("10.0.0.5", {unbound, eth0}, {.by = "eth0"}),
              UnorderedElementsAre(Is(unbound), Is(eth0)));
  EXPECT_THAT(TakersOf("10.0.0.5", {eth0}, {.by = "eth1"}), IsEmpty());
}

TEST(SelectListenerTest, LeavesOutADeviceThatThePacketDoesNotArriveBy) {
  const Listener unbound = On("0.0.0.0");
  const Listener lo = OnDevice(On("10.0.0.5"), "lo");

  EXPECT_THAT(TakersOf("10.0.0.5", {unbound, lo}, {.not_by = "lo"}),
              UnorderedElementsAre(Is(unbound)));
  EXPECT_THAT(TakersOf("10.0.0.5", {lo}, {.not_by = "lo"}), IsEmpty());
}

}  // namespace
}  // namespace connreg
